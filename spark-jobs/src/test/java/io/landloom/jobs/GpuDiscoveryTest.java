package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.apache.spark.resource.ResourceInformation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code submit/gpu-discovery}, with an nvidia-smi that says what a test wants. */
class GpuDiscoveryTest {
  static final Path SCRIPT = Path.of("..", "submit", "gpu-discovery").toAbsolutePath().normalize();

  private static final String THREE = "0, GPU-8932f937\n1, GPU-8932aaaa\n2, GPU-77770000\n";

  @TempDir Path folder;

  private record Ended(int code, String out, String err) {}

  /** Makes an nvidia-smi of a shell script. */
  static void nvidiaSmi(Path folder, String script) throws IOException {
    Path file = folder.resolve("nvidia-smi");
    Files.writeString(file, "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** An nvidia-smi that prints a text if it is asked as the script should. */
  private void lists(String text) throws IOException {
    Path list = folder.resolve("list");
    Files.writeString(list, text);
    nvidiaSmi(
        folder,
        "[ \"$*\" = \"--query-gpu=index,uuid --format=csv,noheader\" ] || exit 64\n"
            + "while IFS= read -r line; do echo \"$line\"; done <"
            + list
            + "\n");
  }

  private Ended discover(Map<String, String> environment) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder("/bin/bash", SCRIPT.toString());
    builder.environment().clear();
    builder.environment().put("PATH", folder.toString());
    builder.environment().putAll(environment);
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    return new Ended(
        process.waitFor(),
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }

  private void assertAddresses(Map<String, String> environment, String... addresses)
      throws IOException, InterruptedException {
    Ended ended = discover(environment);
    assertEquals(0, ended.code(), ended.err());
    assertEquals("", ended.err());
    ResourceInformation found = ResourceInformation.parseJson(ended.out());
    assertEquals("gpu", found.name());
    assertArrayEquals(addresses, found.addresses());
  }

  private void assertFails(Map<String, String> environment, String message)
      throws IOException, InterruptedException {
    assertEquals(new Ended(1, "", "gpu-discovery: " + message + "\n"), discover(environment));
  }

  private static Map<String, String> visible(String devices) {
    return Map.of("CUDA_VISIBLE_DEVICES", devices);
  }

  @Test
  void printsWhatNvidiaSmiLists() throws IOException, InterruptedException {
    lists(THREE);
    assertEquals(
        "{\"name\":\"gpu\",\"addresses\":[\"0\",\"1\",\"2\"]}\n", discover(Map.of()).out());
    assertAddresses(Map.of(), "0", "1", "2");
    lists("3, GPU-77770000\n");
    assertAddresses(Map.of(), "3");
  }

  @Test
  void countsVisibleDevicesFromZeroAsCudaDoes() throws IOException, InterruptedException {
    lists(THREE);
    assertAddresses(visible("2"), "0");
    assertAddresses(visible("2,0"), "0", "1");
    assertAddresses(visible("GPU-7777"), "0");
    assertAddresses(visible("MIG-GPU-8932f937/1/0"), "0");
  }

  @Test
  void saysWhatIsWrong() throws IOException, InterruptedException {
    assertFails(
        Map.of(),
        "no nvidia-smi on the PATH; this node has no NVIDIA driver, or its containers do not see"
            + " it");
    lists(THREE);
    assertFails(visible("0,7"), "CUDA_VISIBLE_DEVICES=0,7 names 7, but nvidia-smi lists 0 1 2");
    assertFails(
        visible("GPU-1"), "CUDA_VISIBLE_DEVICES=GPU-1 names GPU-1, but nvidia-smi lists 0 1 2");
    assertFails(visible(""), "CUDA_VISIBLE_DEVICES is empty, so CUDA sees no GPU");
    lists("\n");
    assertFails(Map.of(), "nvidia-smi lists no GPU");
    lists("No devices were found\n");
    assertFails(Map.of(), "nvidia-smi listed no GPU but: No devices were found");
    nvidiaSmi(folder, "echo NVML: Driver/library version mismatch\nexit 18\n");
    assertFails(Map.of(), "nvidia-smi failed: NVML: Driver/library version mismatch");
  }
}
