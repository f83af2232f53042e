package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.landloom.jobs.synthesize.ExecutorGuard;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * GPUs by stage on executors that are processes of their own: only {@code synthesize} holds GPUs,
 * an executor that loses its GPU ends and is replaced, and no pair is lost.
 *
 * <p>The nodes' GPUs are those of a made-up nvidia-smi, and {@code FakeGpus} draws on the CPU.
 */
class StageLevelTest {
  private static final int MINUTES = 10;

  @TempDir static Path folder;

  private static List<String> said;

  @BeforeAll
  static void runJobs() throws IOException, InterruptedException {
    Path bin = Files.createDirectories(folder.resolve("bin"));
    // the first worker that asks has GPU 1, the other GPU 3
    GpuDiscoveryTest.nvidiaSmi(
        bin,
        "if mkdir "
            + folder.resolve("asked")
            + " 2>/dev/null; then echo '1, GPU-a'; else echo '3, GPU-b'; fi\n");
    Files.createDirectories(folder.resolve("spark/jars"));
    Path log = folder.resolve("driver.log");
    Process driver = command(bin).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    if (!driver.waitFor(MINUTES, TimeUnit.MINUTES)) {
      driver.destroyForcibly().waitFor();
    }
    said = Files.readAllLines(log, StandardCharsets.UTF_8);
    assertEquals(0, driver.exitValue(), () -> String.join("\n", said));
  }

  private static ProcessBuilder command(Path bin) {
    String classPath = classPath();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx640m");
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--add-opens") || argument.startsWith("-Dai.djl"))
        .forEach(command::add);
    command.addAll(
        List.of(
            "-cp",
            classPath,
            StageLevelRun.class.getName(),
            folder.toString(),
            GpuDiscoveryTest.SCRIPT.toString(),
            classPath));
    ProcessBuilder builder = new ProcessBuilder(command);
    Map<String, String> environment = builder.environment();
    environment.remove("CUDA_VISIBLE_DEVICES");
    environment.put("PATH", bin + File.pathSeparator + environment.get("PATH"));
    environment.put("SPARK_HOME", folder.resolve("spark").toString());
    environment.put("SPARK_SCALA_VERSION", "2.12");
    environment.put("SPARK_LOCAL_IP", "127.0.0.1");
    return builder;
  }

  /** That of this test, with SLF4J's own classes before the older ones in the GeoTools jar. */
  private static String classPath() {
    String own =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return Stream.of(own.split(File.pathSeparator))
        .sorted(Comparator.comparing(entry -> !entry.contains("slf4j-api")))
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static Set<String> after(String words) {
    return said.stream()
        .filter(line -> line.startsWith(words))
        .map(line -> line.substring(words.length()))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void onlySynthesisRanOnExecutorsWithAGpu() {
    for (String job : List.of("simulate", "tile", "train", "plan")) {
      assertEquals(Set.of("[]"), after(job + " had GPUs "), job);
    }
    Set<String> gpus = after("synthesize had GPUs ");
    assertFalse(gpus.isEmpty());
    assertTrue(Set.of("[1]", "[3]").containsAll(gpus), gpus.toString());
  }

  @Test
  void tasksSawTheirAddress() {
    Set<String> devices = after("pairs drawn on ");
    assertFalse(devices.isEmpty());
    assertTrue(Set.of("gpu:1", "gpu:3").containsAll(devices), devices.toString());
  }

  @Test
  void anExecutorThatLostItsGpuEndedAndNothingWasLost() throws IOException {
    assertTrue(Files.exists(folder.resolve("lost")));
    assertEquals(
        1,
        said.stream()
            .filter(line -> line.startsWith("executor ended: "))
            .filter(line -> line.endsWith("exited with code " + ExecutorGuard.EXIT_CODE))
            .count(),
        String.join("\n", said));
    List<String> lines = guardLines();
    assertEquals(1, lines.size(), lines.toString());
    assertTrue(
        lines
            .get(0)
            .endsWith(
                "the device of this task is lost: CUDA error: device-side assert triggered; ending"
                    + " this executor with code 86"),
        lines.get(0));
    Config run = record("synthesize");
    long planned = record("plan").getLong("counts.pairs");
    assertTrue(planned > 20, planned + " pairs");
    assertEquals(planned, run.getLong("counts.planned"));
    assertEquals(planned, run.getLong("counts.written"));
    assertTrue(run.getLong("counts.batchSplits") > 0);
  }

  private static List<String> guardLines() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("spark/work"))) {
      return files
          .filter(file -> file.endsWith("stderr") || file.endsWith("stdout"))
          .flatMap(StageLevelTest::lines)
          .filter(line -> line.contains("ending this executor"))
          .toList();
    }
  }

  private static Stream<String> lines(Path file) {
    try {
      return Files.readAllLines(file, StandardCharsets.UTF_8).stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Config record(String job) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("dataset"))) {
      Path run =
          files
              .filter(file -> file.getFileName().toString().startsWith("run_id=" + job + "-"))
              .findFirst()
              .orElseThrow();
      return ConfigFactory.parseFile(run.resolve("run.json").toFile());
    }
  }
}
