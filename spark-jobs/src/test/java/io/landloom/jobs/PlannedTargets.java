package io.landloom.jobs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/**
 * Plans many targets of one dataset in one session: {@code PlannedTargets CONF TARGETS}, where each
 * line of the second file has the keys of a plan, {@code key=value} with tabs between.
 *
 * <p>{@code benchmarks/oracle/plan_targets.py} then compares each published plan with a linear
 * program of its own over the same masks.
 */
final class PlannedTargets {
  private PlannedTargets() {}

  public static void main(String[] arguments) throws IOException {
    int worst = 0;
    try (SparkSession spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .getOrCreate()) {
      for (String line : Files.readAllLines(Path.of(arguments[1]))) {
        if (!line.isBlank()) {
          worst = Math.max(worst, plan(arguments[0], line));
        }
      }
    }
    if (worst > 2) {
      throw new IllegalStateException("a plan ended with code " + worst);
    }
  }

  private static int plan(String conf, String line) {
    List<String> command = new ArrayList<>(List.of("plan", "--conf", conf));
    for (String key : line.split("\t")) {
      command.add("--set");
      command.add(key);
    }
    long start = System.nanoTime();
    SparkTest.Ended ended = SparkTest.command(command.toArray(String[]::new));
    System.out.printf(
        "== %s: code %d, %.1f s%n", line, ended.code(), (System.nanoTime() - start) / 1e9);
    ended.out().lines().dropWhile(said -> !said.startsWith("class ")).forEach(System.out::println);
    System.out.println(ended.err());
    return ended.code();
  }
}
