package io.landloom.jobs.metrics;

import com.codahale.metrics.Counter;
import com.codahale.metrics.DefaultSettableGauge;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.SettableGauge;
import com.codahale.metrics.Timer;

/**
 * What the tasks of this JVM have done since it started.
 *
 * <p>They are for watching a job while it runs: attempts that Spark throws away count too. What a
 * run has made is counted from its files.
 */
public final class Meters {
  /** All of them, by name. */
  static final MetricRegistry ALL = new MetricRegistry();

  /** Patches cut, dropped ones included. */
  public static final Counter PATCHES = ALL.counter("patches");

  /** Pairs decided, rejected ones included. */
  public static final Counter PAIRS = ALL.counter("pairs");

  /** Time to draw a batch. */
  public static final Timer BATCHES = ALL.timer("batches");

  /** Batches that did not fit the device's memory and were halved. */
  public static final Counter BATCH_SPLITS = ALL.counter("batchSplits");

  /** Memory of this process, in KiB, when it last gave back what was free, between two batches. */
  public static final SettableGauge<Long> SETTLED_KIB =
      ALL.gauge("settledKiB", () -> new DefaultSettableGauge<>(0L));

  private static final String REJECTED_DRAWS = "rejectedDraws.";

  static {
    // known to sinks before the first is rejected
    rejectedDraws("technical");
    rejectedDraws("consistency");
  }

  private Meters() {}

  /** Draws that a gate rejected. */
  public static Counter rejectedDraws(String gate) {
    return ALL.counter(REJECTED_DRAWS + gate);
  }
}
