package io.landloom.synthesis.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What libtorch says, and what it means; the CUDA messages are those of libtorch 2.7. */
class DeviceFaultTest {
  private static final String ASYNCHRONOUS =
      "\nCUDA kernel errors might be asynchronously reported at some other API call, so the"
          + " stacktrace below might be incorrect.\nFor debugging consider passing"
          + " CUDA_LAUNCH_BLOCKING=1\nCompile with `TORCH_USE_CUDA_DSA` to enable device-side"
          + " assertions.\n";

  private static RuntimeException says(String words) {
    return new ai.djl.engine.EngineException(words);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 79.15 GiB"
            + " of which 8.25 MiB is free.",
        "CUDA error: out of memory" + ASYNCHRONOUS,
        "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
        "cuDNN error: CUDNN_STATUS_ALLOC_FAILED"
      })
  void memoryThatIsNotThere(String words) {
    assertEquals(DeviceFault.OUT_OF_MEMORY, DeviceFault.of(says(words)));
    assertEquals(
        DeviceFault.OUT_OF_MEMORY, DeviceFault.of(new IllegalStateException("x", says(words))));
    assertEquals(DeviceFault.NONE, DeviceFault.of(new IllegalStateException(words)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CUDA error: device-side assert triggered" + ASYNCHRONOUS,
        "CUDA error: an illegal memory access was encountered" + ASYNCHRONOUS,
        "CUDA error: unspecified launch failure" + ASYNCHRONOUS,
        "CUDA error: misaligned address" + ASYNCHRONOUS,
        "CUDA error: uncorrectable ECC error encountered" + ASYNCHRONOUS,
        "CUDA driver error: an illegal memory access was encountered",
        "The following operation failed in the TorchScript interpreter.\nTraceback of TorchScript"
            + " (most recent call last):\nRuntimeError: CUDA error: an illegal instruction was"
            + " encountered",
        "cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"
      })
  void aDeviceThatIsLost(String words) {
    assertEquals(DeviceFault.POISONED, DeviceFault.of(says(words)));
    assertEquals(DeviceFault.POISONED, DeviceFault.of(new IllegalStateException("x", says(words))));
    assertEquals(DeviceFault.NONE, DeviceFault.of(new IllegalStateException(words)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CUDA error: no kernel image is available for execution on the device" + ASYNCHRONOUS,
        "CUDA error: invalid device ordinal" + ASYNCHRONOUS,
        "The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 1",
        "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and"
            + " cpu!"
      })
  void mistakesThatLeaveTheDeviceAsItWas(String words) {
    assertEquals(DeviceFault.NONE, DeviceFault.of(says(words)));
  }

  @Test
  void theLineIsTheOneThatTells() {
    assertEquals(
        "RuntimeError: CUDA error: misaligned address",
        DeviceFault.line(
            new IllegalStateException(
                "drawing failed",
                says("Traceback:\n  RuntimeError: CUDA error: misaligned address\nat 0x1"))));
    assertEquals("no engine", DeviceFault.line(new IllegalStateException("no engine\nat all")));
  }

  @Test
  void realMemoryOfTheCpuRunsOut() {
    try (NDManager manager = TorchEngine.newManager(Device.cpu())) {
      Shape tooLarge = new Shape(1L << 20, 1L << 20, 1L << 5);
      RuntimeException e =
          assertThrows(
              RuntimeException.class, () -> manager.zeros(tooLarge, DataType.FLOAT32).close());
      assertEquals(DeviceFault.OUT_OF_MEMORY, DeviceFault.of(e), e.toString());
      BatchHalving halving = new BatchHalving();
      DeviceMemoryException alone =
          assertThrows(
              DeviceMemoryException.class,
              () ->
                  halving.run(
                      List.of("a scene", "another"),
                      4,
                      (items, shape) -> List.of(manager.zeros(tooLarge, DataType.FLOAT32))));
      assertEquals(
          "a scene does not fit the device's memory even alone: "
              + DeviceFault.line(e)
              + "; let fewer tasks share the device, or use one with more memory",
          alone.getMessage());
      assertEquals(2, halving.splits());
    }
  }
}
