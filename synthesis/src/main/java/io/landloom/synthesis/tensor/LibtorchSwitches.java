package io.landloom.synthesis.tensor;

import ai.djl.pytorch.jni.LibUtils;
import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.file.Path;

/**
 * Turns kernels of the loaded libtorch on and off, which DJL has no switch for: the functions
 * behind {@code torch.backends.mkldnn.enabled} and {@code torch.backends.nnpack.enabled}.
 */
final class LibtorchSwitches {
  private static final String CONTEXT = "_ZN2at13globalContextEv"; // at::globalContext()

  private LibtorchSwitches() {}

  /** A switch of libtorch, with the functions that set and tell it. */
  enum Switch {
    /** oneDNN, which convolves on CPUs. */
    ONE_DNN("_ZN2at7Context20setUserEnabledMkldnnEb", "_ZNK2at7Context17userEnabledMkldnnEv"),
    /**
     * NNPACK, which is asked before small convolutions on CPUs, and prints a line on standard error
     * for every one where it does not know the processor.
     */
    NNPACK("_ZN2at7Context20setUserEnabledNNPACKEb", "_ZNK2at7Context17userEnabledNNPACKEv");

    private final String setter;
    private final String getter;

    Switch(String setter, String getter) {
      this.setter = setter;
      this.getter = getter;
    }
  }

  /**
   * Turns kernels on or off, for the whole process.
   *
   * @return false where that cannot be done: this libtorch has no such switch, or JNA's own library
   *     cannot be loaded, as from a temporary folder that forbids execution
   */
  static boolean set(Switch kernels, boolean on) {
    try {
      NativeLibrary libtorch = libtorch();
      Function setter = libtorch.getFunction(kernels.setter);
      setter.invokeVoid(new Object[] {context(libtorch), (byte) (on ? 1 : 0)});
      return true;
    } catch (LinkageError e) { // JNA's second failure is another one than its first
      return false;
    }
  }

  /**
   * Whether kernels are on.
   *
   * @throws UnsatisfiedLinkError if this libtorch does not tell
   */
  static boolean isOn(Switch kernels) {
    NativeLibrary libtorch = libtorch();
    Function getter = libtorch.getFunction(kernels.getter);
    return (byte) getter.invokeInt(new Object[] {context(libtorch)}) != 0; // a bool is one byte
  }

  private static NativeLibrary libtorch() {
    Path library = Path.of(LibUtils.getLibtorchPath(), System.mapLibraryName("torch_cpu"));
    return NativeLibrary.getInstance(library.toString());
  }

  private static Pointer context(NativeLibrary libtorch) {
    return libtorch.getFunction(CONTEXT).invokePointer(new Object[0]);
  }
}
