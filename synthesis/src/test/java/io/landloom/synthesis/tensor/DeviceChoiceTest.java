package io.landloom.synthesis.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.Device;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DeviceChoiceTest {
  private static final String GPU = "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6";

  private static Map<String, String> visible(String devices) {
    return Map.of("CUDA_VISIBLE_DEVICES", devices);
  }

  @Test
  void takesTheGpuTheTaskWasGiven() {
    assertEquals(Device.gpu(1), DeviceChoice.gpu(List.of("1", "0"), 2, Map.of()));
    assertEquals(Device.gpu(0), DeviceChoice.gpu(List.of("0"), 2, visible("1,0")));
  }

  @Test
  void theOnlyGpuOfAContainerIsNumberZero() {
    assertEquals(Device.gpu(0), DeviceChoice.gpu(List.of("0"), 1, visible("3")));
    assertEquals(Device.gpu(0), DeviceChoice.gpu(List.of("3"), 1, visible("3")));
    assertEquals(Device.gpu(0), DeviceChoice.gpu(List.of(GPU), 1, visible(GPU)));
  }

  @Test
  void theCpuIsTakenOnlyByThoseWhoWereGivenNoGpu() {
    assertEquals(Device.cpu(), DeviceChoice.of("auto", List.of()));
    assertEquals(Device.cpu(), DeviceChoice.of("cpu", List.of("0")));
    // the libtorch of the tests is for the CPU alone
    for (String wanted : List.of("auto", "gpu")) {
      EngineException e =
          assertThrows(EngineException.class, () -> DeviceChoice.of(wanted, List.of("0")));
      assertEquals(
          "GPU 0 was given, but libtorch sees 0 GPU(s); use a libtorch for CUDA and a discovery"
              + " script that prints the numbers CUDA uses, or set the device to cpu",
          e.getMessage());
    }
  }

  @Test
  void refusesAGpuThatIsNotThere() {
    assertRefused(
        List.of(),
        Map.of(),
        "the task was given no GPU address; ask Spark for GPUs or allow the CPU");
    assertRefused(
        List.of(GPU),
        visible("0,1"),
        "GPU address '"
            + GPU
            + "' is not a number; let the discovery script print the numbers that CUDA uses");
    assertRefused(
        List.of("2"),
        visible("2,3"),
        "GPU 2 was given, but libtorch sees 2 GPU(s) with CUDA_VISIBLE_DEVICES=2,3; use a libtorch"
            + " for CUDA and a discovery script that prints the numbers CUDA uses, or set the"
            + " device to cpu");
    assertEquals(
        "device 'tpu' is none of auto, cpu and gpu",
        assertThrows(EngineException.class, () -> DeviceChoice.of("tpu", List.of())).getMessage());
  }

  private static void assertRefused(
      List<String> addresses, Map<String, String> environment, String message) {
    assertEquals(
        message,
        assertThrows(EngineException.class, () -> DeviceChoice.gpu(addresses, 2, environment))
            .getMessage());
  }
}
