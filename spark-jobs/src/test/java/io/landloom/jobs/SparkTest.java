package io.landloom.jobs;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Tests that run jobs as the command line does, in one local session a class. */
abstract class SparkTest {
  @TempDir static Path shared;
  @TempDir Path folder;

  static SparkSession spark;

  @BeforeAll
  static void startSpark() {
    spark = session("local[2]");
  }

  static SparkSession session(String master) {
    return SparkSession.builder()
        .master(master)
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.sql.warehouse.dir", shared.resolve("warehouse").toString())
        .getOrCreate();
  }

  /** Copies the published runs of some jobs into a dataset of its own. */
  static String copyRuns(Path dataset, Path copy, String... jobs) throws IOException {
    for (String job : jobs) {
      try (Stream<Path> files = Files.walk(dataset)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          Path place = dataset.relativize(file);
          if (place.getName(0).toString().startsWith("run_id=" + job + "-")) {
            Path to = copy.resolve(place.toString());
            Files.createDirectories(to.getParent());
            Files.copy(file, to);
          }
        }
      }
    }
    return copy.toString();
  }

  @AfterAll
  static void stopSpark() {
    spark.stop();
  }

  /**
   * How a command ended.
   *
   * @param code exit code
   * @param out standard output
   * @param err standard error
   */
  record Ended(int code, String out, String err) {}

  /** Runs {@code <job> --set ...} and keeps what it says. */
  static Ended landloom(String job, String... sets) {
    List<String> arguments = new ArrayList<>(List.of(job));
    for (String set : sets) {
      arguments.add("--set");
      arguments.add(set);
    }
    return command(arguments.toArray(String[]::new));
  }

  /** Runs a command line and keeps what it says. */
  static Ended command(String... arguments) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    try (PrintStream newOut = new PrintStream(outBytes, true, StandardCharsets.UTF_8);
        PrintStream newErr = new PrintStream(errBytes, true, StandardCharsets.UTF_8)) {
      System.setOut(newOut);
      System.setErr(newErr);
      int code = Main.run(arguments);
      return new Ended(
          code,
          outBytes.toString(StandardCharsets.UTF_8),
          errBytes.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  /** Runs a command that must end well. */
  static String succeed(String job, String... sets) {
    Ended ended = landloom(job, sets);
    if (ended.code() != 0) {
      throw new AssertionError(job + " ended with " + ended.code() + ": " + ended.err());
    }
    return ended.out();
  }
}
