package io.landloom.jobs.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import scala.Option;
import scala.Tuple4;
import scala.collection.JavaConverters;
import scala.collection.Seq;
import scala.collection.immutable.Map$;

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
          "[tile] 1,200/1,200 patches, 60.0/s, done in 20.0 s and finishing for 15 s, errors:"
              + " off-palette 1, unreadable 3",
          progress.line(1200, 35));
      assertEquals(
          "[tile] 0/1,200 patches, errors: off-palette 1, unreadable 3", progress.line(0, 3));
      done.set(1200);
    }
    List<String> lines = bytes.toString(StandardCharsets.UTF_8).lines().toList();
    assertEquals("[tile] 0/1,200 patches", lines.get(0));
    assertTrue(lines.get(lines.size() - 1).contains("1,200/1,200"), lines.toString());
  }

  @Test
  void countsARunningTaskAndNoTaskTwice() {
    try (SparkSession spark =
            SparkSession.builder()
                .master("local[1]")
                .config("spark.ui.enabled", "false")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .getOrCreate();
        LiveCount count = LiveCount.of(spark.sparkContext(), "items")) {
      count.onExecutorMetricsUpdate(heartbeat(count, 1, 8));
      count.onExecutorMetricsUpdate(heartbeat(count, 2, 5));
      assertEquals(13, count.now());
      // task 1 ends with 10: its count is merged before the listener hears of its end
      count.accumulator().add(10);
      assertEquals(13, count.now());
      count.onExecutorMetricsUpdate(heartbeat(count, 1, 10));
      assertEquals(15, count.now());
    }
  }

  private static SparkListenerExecutorMetricsUpdate heartbeat(
      LiveCount count, long task, long counted) {
    AccumulableInfo info =
        count.accumulator().toInfo(Option.apply((Object) counted), Option.empty());
    return new SparkListenerExecutorMetricsUpdate(
        "driver", seq(new Tuple4<>(task, 0, 0, seq(info))), Map$.MODULE$.empty());
  }

  private static <T> Seq<T> seq(T item) {
    return JavaConverters.asScalaBuffer(List.of(item)).toSeq();
  }
}
