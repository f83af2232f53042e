package io.landloom.jobs;

import io.landloom.jobs.metrics.Meters;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
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
  private static final int TENTHS = 10;
  private static final int WARM_UP = 1; // tenths

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
    // memory goes up and down with the layers of a batch, by a tenth and more, and with what the C
    // library keeps; what is left between two batches, after it gave that back, says what grows
    int each = Math.max(20, (int) (minutes * 60 / TENTHS));
    long length = (long) (minutes * TimeUnit.MINUTES.toNanos(1));
    long start = System.nanoTime();
    List<Double> means = new ArrayList<>();
    List<Double> settled = new ArrayList<>();
    for (int tenth = 1; tenth <= TENTHS; tenth++) {
      List<Long> kibibytes = new ArrayList<>();
      List<Long> between = new ArrayList<>();
      for (int i = 1; i <= each; i++) {
        long at = length / TENTHS * (tenth - 1) + length / TENTHS / each * i;
        driver.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(start + at - System.nanoTime())));
        if (!driver.isAlive()) {
          throw new IllegalStateException("synthesize ended by itself");
        }
        kibibytes.add(resident());
        between.add(Meters.SETTLED_KIB.getValue());
      }
      settled.add(between.stream().mapToLong(Long::longValue).average().orElseThrow());
      means.add(kibibytes.stream().mapToLong(Long::longValue).average().orElseThrow());
      out.printf(
          Locale.ROOT,
          "%6.1f min  %,.0f KiB between batches; %,.0f resident on average of %d samples, %,d to %,d;"
              + " of Java's beside its heap %,d%n",
          (System.nanoTime() - start) / 6e10,
          settled.get(tenth - 1),
          means.get(tenth - 1),
          each,
          Collections.min(kibibytes),
          Collections.max(kibibytes),
          besideHeap());
      out.flush();
    }
    double drift = drift(settled);
    out.printf(
        Locale.ROOT,
        "%.0f minutes: %,.0f KiB between batches in the second tenth, %,.0f in the last, drift"
            + " %.2f %%; of the averages %.2f %%%n",
        minutes,
        settled.get(WARM_UP),
        settled.get(TENTHS - 1),
        drift,
        drift(means));
    return drift < 1;
  }

  private static double drift(List<Double> tenths) {
    return 100 * (tenths.get(TENTHS - 1) / tenths.get(WARM_UP) - 1);
  }

  /** Classes, compiled code, direct and mapped buffers, in KiB. */
  private static long besideHeap() {
    long bytes = ManagementFactory.getMemoryMXBean().getNonHeapMemoryUsage().getCommitted();
    for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
      bytes += pool.getMemoryUsed();
    }
    return bytes >> 10;
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
