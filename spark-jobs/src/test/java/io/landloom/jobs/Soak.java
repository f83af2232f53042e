package io.landloom.jobs;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.SparkSession;

/**
 * Synthesizes for a while with the bundle that ships, and says what memory the process has; started
 * by {@code benchmarks/reliability/check}, which gives the JVM a heap that is touched at its start,
 * so that what grows is not heap.
 */
final class Soak {
  private static final double WARM_UP = 0.1;

  private Soak() {}

  /** Synthesizes for so many minutes on one task thread. */
  static boolean run(SparkSession spark, Path folder, double minutes, PrintStream out)
      throws IOException, InterruptedException {
    String output = "output.root=" + folder.resolve("dataset");
    SparkTest.succeed(
        "simulate", output, "simulate.scenes=1", "simulate.width=1024", "simulate.height=1024");
    SparkTest.succeed(
        "tile",
        output,
        "input.scenes=" + folder.resolve("dataset/images"),
        "input.labels=" + folder.resolve("dataset/labels"),
        "splits.shares=[1,0,0]");
    SparkTest.succeed("plan", output, "plan.copies=100000", "output.bucketRows=160");
    Thread driver =
        new Thread(
            () ->
                SparkTest.landloom(
                    "synthesize", output, "gates.leastRange=0", "gates.mostSaturated=1"));
    driver.setDaemon(true);
    driver.start();
    List<Long> kibibytes = new ArrayList<>();
    long start = System.nanoTime();
    long length = (long) (minutes * TimeUnit.MINUTES.toNanos(1));
    int samples = (int) Math.max(20, minutes * 6);
    for (int i = 1; i <= samples; i++) {
      long left = start + length / samples * i - System.nanoTime();
      driver.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(left)));
      if (!driver.isAlive()) {
        throw new IllegalStateException("synthesize ended by itself");
      }
      kibibytes.add(resident());
      if (i % Math.max(1, samples / 20) == 0) {
        out.printf(
            Locale.ROOT,
            "%6.1f min  %,d KiB resident%n",
            (System.nanoTime() - start) / 6e10,
            kibibytes.get(i - 1));
        out.flush();
      }
    }
    int tenth = samples / 10;
    int first = (int) (WARM_UP * samples);
    double early = mean(kibibytes.subList(first, first + tenth));
    double late = mean(kibibytes.subList(samples - tenth, samples));
    double drift = 100 * (late / early - 1);
    out.printf(
        Locale.ROOT,
        "%.0f minutes, %d samples: %,.0f KiB in the second tenth, %,.0f KiB in the last, drift"
            + " %.2f %%%n",
        minutes,
        samples,
        early,
        late,
        drift);
    return drift < 1;
  }

  private static double mean(List<Long> values) {
    return values.stream().mapToLong(Long::longValue).average().orElseThrow();
  }

  private static long resident() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    throw new IOException("/proc/self/status says no VmRSS");
  }
}
