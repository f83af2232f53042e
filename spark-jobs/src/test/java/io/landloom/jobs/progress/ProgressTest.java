package io.landloom.jobs.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;

class ProgressTest {
  @Test
  void saysDoneTotalRateAndWhatIsLeft() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    AtomicLong done = new AtomicLong();
    try (PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        Progress progress = Progress.start(out, "tile", "patches", 1200, done::get)) {
      assertEquals("[tile] 300/1,200 patches, 30.0/s, ETA 0:00:30", progress.line(300, 10));
      progress.count("unreadable", 2);
      progress.count("off-palette", 1);
      progress.count("unreadable", 1);
      assertEquals(
          "[tile] 1,200/1,200 patches, 60.0/s, done in 20.0 s, errors: off-palette 1,"
              + " unreadable 3",
          progress.line(1200, 20));
      assertEquals(
          "[tile] 0/1,200 patches, errors: off-palette 1, unreadable 3", progress.line(0, 3));
      done.set(1200);
    }
    List<String> lines = bytes.toString(StandardCharsets.UTF_8).lines().toList();
    assertEquals("[tile] 0/1,200 patches", lines.get(0));
    assertTrue(lines.get(lines.size() - 1).contains("1,200/1,200"), lines.toString());
  }

  @Test
  void countsEveryTaskOnce() {
    try (SparkSession spark =
            SparkSession.builder()
                .master("local[2]")
                .config("spark.ui.enabled", "false")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.executor.heartbeatInterval", "20ms")
                .getOrCreate();
        LiveCount count = LiveCount.of(spark.sparkContext(), "items")) {
      var accumulator = count.accumulator();
      AtomicLong most = new AtomicLong();
      Thread watcher =
          new Thread(
              () -> {
                while (!Thread.currentThread().isInterrupted()) {
                  most.accumulateAndGet(count.now(), Math::max);
                }
              });
      watcher.start();
      JavaSparkContext.fromSparkContext(spark.sparkContext())
          .parallelize(List.of(1, 2, 3, 4, 5, 6, 7, 8), 8)
          .foreach(
              item -> {
                long end = System.nanoTime() + 60_000_000L;
                accumulator.add(10);
                while (System.nanoTime() < end) {
                  Thread.onSpinWait();
                }
              });
      watcher.interrupt();
      assertEquals(80, count.now());
      assertTrue(most.get() <= 80, "counted " + most);
    }
  }
}
