package io.landloom.synthesis.tensor;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.Utils;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts DJL's PyTorch engine: one thread a task, no network, and only the libtorch this code was
 * built for.
 *
 * <p>A libtorch of another version crashes the JVM inside native code, so what the environment
 * announces is checked before anything is loaded.
 */
public final class TorchEngine {
  /** The libtorch version whose binding ships with Landloom. */
  public static final String SUPPORTED_VERSION = "2.7.1";

  private static final Logger log = LoggerFactory.getLogger(TorchEngine.class);
  private static final Map<String, String> DEFAULTS =
      Map.of(
          "ai.djl.offline", "true",
          "OPT_OUT_TRACKING", "true",
          "ai.djl.pytorch.num_threads", "1",
          "ai.djl.pytorch.num_interop_threads", "1");

  private static boolean started;

  private TorchEngine() {}

  /**
   * A manager for arrays that live as long as a model, on a started engine.
   *
   * @throws EngineException if libtorch is not {@value #SUPPORTED_VERSION}, or computes wrongly
   *     here
   */
  public static NDManager newManager(Device device) {
    start();
    return NDManager.newBaseManager(device, "PyTorch");
  }

  /** Number of GPUs that libtorch sees. */
  public static int visibleGpus() {
    return start().getGpuCount();
  }

  /** Starts libtorch's own generator of random numbers anew; all of the process share it. */
  public static void seed(int seed) {
    start().setRandomSeed(seed);
  }

  private static synchronized Engine start() {
    if (started) {
      return Engine.getEngine("PyTorch");
    }
    requireAnnouncedVersion(Utils::getEnvOrSystemProperty);
    DEFAULTS.forEach(
        (key, value) -> {
          if (System.getProperty(key) == null) {
            System.setProperty(key, value);
          }
        });
    Engine engine = Engine.getEngine("PyTorch");
    requireVersion("the loaded libtorch", engine.getVersion());
    // grad mode starts as the loading thread's default; every scope sets it for itself
    JniUtils.setGradMode(false);
    LibtorchSwitches.set(LibtorchSwitches.Switch.NNPACK, false);
    requireRight(
        ConvolutionCheck::passes,
        () -> LibtorchSwitches.set(LibtorchSwitches.Switch.ONE_DNN, false));
    started = true;
    log.info(
        "libtorch {} with {} thread(s), {} GPU(s)",
        engine.getVersion(),
        JniUtils.getNumThreads(),
        engine.getGpuCount());
    return engine;
  }

  /**
   * Does without oneDNN where it computes wrongly on this processor.
   *
   * @param isRight whether convolutions are right
   * @param withoutOneDnn turns oneDNN off; false where it cannot
   * @throws EngineException if they are wrong without it, too
   */
  static void requireRight(BooleanSupplier isRight, BooleanSupplier withoutOneDnn) {
    if (isRight.getAsBoolean()) {
      return;
    }
    if (withoutOneDnn.getAsBoolean() && isRight.getAsBoolean()) {
      log.warn(
          "oneDNN computes wrongly on this processor, as it does on AMD's where a virtual machine"
              + " hides the sizes of the caches; going on without it, which is slower");
      return;
    }
    throw new EngineException(
        "libtorch computes convolutions wrongly on this processor, and oneDNN could not be turned off"
            + " or was not why; ONEDNN_MAX_CPU_ISA=SSE41 in the environment may help");
  }

  /**
   * Checks PYTORCH_VERSION and, for a libtorch at PYTORCH_LIBRARY_PATH, the {@code build-version}
   * file that is in its folder or the one above.
   *
   * @param setting value of a name in the environment or the system properties, where the engine
   *     looks too; null without one
   * @throws EngineException if either names another version, there is no libtorch at the path, or
   *     nothing says its version
   */
  static void requireAnnouncedVersion(UnaryOperator<String> setting) {
    String announced = setting.apply("PYTORCH_VERSION");
    if (announced != null) {
      requireVersion("PYTORCH_VERSION", announced);
    }
    String libraryPath = setting.apply("PYTORCH_LIBRARY_PATH");
    if (libraryPath == null) {
      return;
    }
    Path library = Path.of(libraryPath).toAbsolutePath().normalize();
    if (!Files.isReadable(library.resolve(System.mapLibraryName("torch")))) {
      throw new EngineException(
          "PYTORCH_LIBRARY_PATH "
              + library
              + " holds no "
              + System.mapLibraryName("torch")
              + " that can be read; point it at the lib folder of libtorch "
              + SUPPORTED_VERSION
              + " or unset it");
    }
    for (Path directory = library; directory != null; directory = parentOfLib(directory, library)) {
      Path buildVersion = directory.resolve("build-version");
      if (Files.isReadable(buildVersion)) {
        requireVersion(buildVersion.toString(), firstLine(buildVersion));
        return;
      }
    }
    if (announced == null) {
      throw new EngineException(
          "nothing says which version the libtorch at "
              + library
              + " is, and another than "
              + SUPPORTED_VERSION
              + " would crash; set PYTORCH_VERSION="
              + SUPPORTED_VERSION
              + " if it is that one");
    }
  }

  private static Path parentOfLib(Path directory, Path library) {
    return directory.equals(library) ? library.getParent() : null;
  }

  private static String firstLine(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new EngineException(file + " cannot be read: " + e.getMessage());
    }
  }

  private static void requireVersion(String where, String version) {
    if (!version.equals(SUPPORTED_VERSION) && !version.startsWith(SUPPORTED_VERSION + "+")) {
      throw new EngineException(
          where
              + " is libtorch "
              + version
              + ", but only "
              + SUPPORTED_VERSION
              + " works with this build; point PYTORCH_LIBRARY_PATH at libtorch "
              + SUPPORTED_VERSION
              + " or unset it");
    }
  }
}
