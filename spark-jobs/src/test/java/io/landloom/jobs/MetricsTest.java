package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Spark's metrics system is told, by the sink that writes files. */
class MetricsTest {
  private static final String SINK = "spark.metrics.conf.*.sink.csv.";

  @TempDir Path folder;

  @BeforeEach
  void addSink() throws IOException {
    SparkSession.clearDefaultSession();
    SparkSession.clearActiveSession();
    System.setProperty(SINK + "class", "org.apache.spark.metrics.sink.CsvSink");
    System.setProperty(SINK + "directory", Files.createDirectory(folder.resolve("m")).toString());
  }

  @AfterEach
  void takeItBack() {
    System.clearProperty(SINK + "class");
    System.clearProperty(SINK + "directory");
  }

  /** Last count of each of our metrics, by its name in Spark. */
  private Map<String, Long> counts() throws IOException {
    Map<String, Long> counts = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder.resolve("m"))) {
      for (Path file : files.filter(f -> f.toString().contains("LandloomPlugin")).toList()) {
        List<String> lines = Files.readAllLines(file);
        String name = file.getFileName().toString().replaceFirst("[.]csv$", "");
        counts.put(name, Long.parseLong(lines.get(lines.size() - 1).split(",")[1]));
      }
    }
    return counts;
  }

  /** The newest count: they are of the JVM, whatever application it runs. */
  private static long newest(Map<String, Long> counts, String metric) {
    return counts.entrySet().stream()
        .filter(entry -> entry.getKey().endsWith(".LandloomPlugin." + metric))
        .mapToLong(Map.Entry::getValue)
        .max()
        .orElseThrow();
  }

  private void tile(String output) {
    SparkTest.succeed(
        "tile",
        "master=local[1]",
        "output.root=" + folder.resolve(output),
        "input.scenes=" + folder.resolve("images"),
        "input.labels=" + folder.resolve("labels"),
        "splits.shares=[1, 0, 0]",
        "scheme=mbrsc",
        "patch.size=32");
  }

  @Test
  void patchesAreCountedAndPrometheusFindsThem() throws IOException {
    TestScenes.striped(folder, "a", 96, 64);
    tile("first");
    long first = newest(counts(), "patches");
    tile("second");
    Map<String, Long> counts = counts();
    assertEquals(first + 3 * 2, newest(counts, "patches"));
    assertTrue(
        counts.keySet().stream().anyMatch(name -> name.endsWith(".rejectedDraws.technical")),
        counts.toString());
    List<Pattern> rules = rules();
    assertEquals(5, rules.size());
    for (String name : counts.keySet()) {
      String kind =
          name.endsWith(".batches")
              ? "timers><>Count"
              : name.endsWith("KiB") ? "gauges><>Value" : "counters><>Count";
      String bean = "metrics<name=" + name + ", type=" + kind;
      assertTrue(rules.stream().anyMatch(rule -> rule.matcher(bean).matches()), bean);
    }
  }

  /** The patterns of the example for Prometheus. */
  private static List<Pattern> rules() throws IOException {
    Matcher quoted =
        Pattern.compile("pattern: '(.*)'")
            .matcher(Files.readString(Path.of("../conf/prometheus.yml")));
    return quoted.results().map(found -> Pattern.compile(found.group(1))).toList();
  }
}
