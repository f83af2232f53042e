package io.landloom.jobs.progress;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.util.LongAccumulator;
import scala.collection.JavaConverters;

/**
 * A count of what tasks have done, running ones included.
 *
 * <p>An accumulator alone is merged only when a task ends; what the running tasks have counted
 * comes with the executors' heartbeats.
 */
public final class LiveCount extends SparkListener implements AutoCloseable {
  private final SparkContext context;
  private final LongAccumulator accumulator;
  private final Map<Long, Long> running = new ConcurrentHashMap<>();
  private final Map<Long, Long> ended = new ConcurrentHashMap<>();
  private final AtomicBoolean closed = new AtomicBoolean();

  private LiveCount(SparkContext context, LongAccumulator accumulator) {
    this.context = context;
    this.accumulator = accumulator;
  }

  /** Starts to listen; the accumulator's name must be its own. */
  public static LiveCount of(SparkContext context, String name) {
    LiveCount count = new LiveCount(context, context.longAccumulator(name));
    context.addSparkListener(count);
    return count;
  }

  /** What tasks add to. */
  public LongAccumulator accumulator() {
    return accumulator;
  }

  /**
   * What ended and running tasks have counted.
   *
   * <p>The accumulator holds an ended task's count before this listener hears of the end: taking
   * the larger of the two sums counts no task twice.
   */
  public long now() {
    return Math.max(accumulator.value(), sum(ended) + sum(running));
  }

  private static long sum(Map<Long, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  @Override
  public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate update) {
    for (var task : JavaConverters.asJavaIterable(update.accumUpdates())) {
      Long taskId = (Long) task._1();
      for (AccumulableInfo info : JavaConverters.asJavaIterable(task._4())) {
        if (info.id() == accumulator.id()
            && info.update().isDefined()
            && !ended.containsKey(taskId)) {
          running.put(taskId, ((Number) info.update().get()).longValue());
        }
      }
    }
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd end) {
    long counted = 0;
    for (AccumulableInfo info : JavaConverters.asJavaIterable(end.taskInfo().accumulables())) {
      if (info.id() == accumulator.id() && info.update().isDefined()) {
        counted = ((Number) info.update().get()).longValue();
      }
    }
    running.remove(end.taskInfo().taskId());
    ended.put(end.taskInfo().taskId(), end.taskInfo().successful() ? counted : 0L);
  }

  /** Stops listening. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      context.removeSparkListener(this);
    }
  }
}
