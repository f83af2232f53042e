package io.landloom.synthesis.tensor;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchEngineTest {
  @Test
  void refusesAnotherAnnouncedVersion() {
    EngineException e =
        assertThrows(
            EngineException.class,
            () -> TorchEngine.requireAnnouncedVersion(Map.of("PYTORCH_VERSION", "2.5.1")));
    assertEquals(
        "PYTORCH_VERSION is libtorch 2.5.1, but only 2.7.1 works with this build; point"
            + " PYTORCH_LIBRARY_PATH at libtorch 2.7.1 or unset it",
        e.getMessage());
  }

  @Test
  void readsTheVersionBesideTheLibrary(@TempDir Path directory) throws IOException {
    Path lib = Files.createDirectory(directory.resolve("lib"));
    Path version = directory.resolve("build-version");
    Map<String, String> environment = Map.of("PYTORCH_LIBRARY_PATH", lib.toString());
    assertDoesNotThrow(() -> TorchEngine.requireAnnouncedVersion(environment));
    Files.writeString(version, "2.7.1+cu128\n");
    assertDoesNotThrow(() -> TorchEngine.requireAnnouncedVersion(environment));
    Files.writeString(version, "2.7.10\n");
    EngineException e =
        assertThrows(EngineException.class, () -> TorchEngine.requireAnnouncedVersion(environment));
    assertEquals(
        version
            + " is libtorch 2.7.10, but only 2.7.1 works with this build; point"
            + " PYTORCH_LIBRARY_PATH at libtorch 2.7.1 or unset it",
        e.getMessage());
  }

  @Test
  void takesTheGpuTheTaskWasGiven() {
    assertEquals(Device.gpu(1), DeviceChoice.gpu(List.of("1", "0"), DeviceChoice.Fallback.NONE, 2));
    assertEquals(Device.cpu(), DeviceChoice.gpu(List.of(), DeviceChoice.Fallback.CPU, 2));
    assertEquals(Device.cpu(), DeviceChoice.of("cpu", List.of("0"), DeviceChoice.Fallback.NONE));
  }

  @Test
  void refusesAGpuThatIsNotThere() {
    assertGpu(List.of(), "the task was given no GPU address");
    assertGpu(List.of("x"), "GPU address 'x' is not a number");
    assertGpu(List.of("2"), "GPU 2 was given, but libtorch sees 2 GPU(s)");
    assertEquals(
        "device 'tpu' is neither cpu nor gpu",
        assertThrows(
                EngineException.class,
                () -> DeviceChoice.of("tpu", List.of(), DeviceChoice.Fallback.CPU))
            .getMessage());
  }

  private static void assertGpu(List<String> addresses, String problem) {
    EngineException e =
        assertThrows(
            EngineException.class,
            () -> DeviceChoice.gpu(addresses, DeviceChoice.Fallback.NONE, 2));
    assertEquals(problem + "; give the task a GPU or allow the CPU as fallback", e.getMessage());
  }
}
