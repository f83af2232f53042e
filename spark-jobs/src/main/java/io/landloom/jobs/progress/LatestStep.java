package io.landloom.jobs.progress;

import java.io.Serializable;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.util.AccumulatorV2;
import scala.collection.JavaConverters;

/**
 * How far the one task of a job is.
 *
 * <p>An accumulator alone is merged only when the task ends; what the running task has reached
 * comes with the executors' heartbeats.
 */
public final class LatestStep extends SparkListener implements Progress.Tracker, AutoCloseable {
  private final SparkContext context;
  private final Reached reached = new Reached();
  private volatile Step live = Step.NONE;

  /**
   * What a task has reached.
   *
   * @param before steps an earlier start had taken
   * @param taken steps taken, those before included
   * @param detail what else is to be said of the last one
   */
  public record Step(long before, long taken, String detail) implements Serializable {
    static final Step NONE = new Step(0, 0, "");

    private Step laterOf(Step other) {
      return other.taken > taken ? other : this;
    }
  }

  /** Keeps the latest of the steps it is given. */
  public static final class Reached extends AccumulatorV2<Step, Step> {
    private static final long serialVersionUID = 1L;

    private volatile Step latest = Step.NONE;

    private Reached() {}

    @Override
    public boolean isZero() {
      return latest.equals(Step.NONE);
    }

    @Override
    public AccumulatorV2<Step, Step> copy() {
      Reached copy = new Reached();
      copy.latest = latest;
      return copy;
    }

    @Override
    public void reset() {
      latest = Step.NONE;
    }

    @Override
    public void add(Step step) {
      latest = step;
    }

    @Override
    public void merge(AccumulatorV2<Step, Step> other) {
      latest = latest.laterOf(other.value());
    }

    @Override
    public Step value() {
      return latest;
    }
  }

  private LatestStep(SparkContext context) {
    this.context = context;
  }

  /** Starts to listen; the name must be its own. */
  public static LatestStep of(SparkContext context, String name) {
    LatestStep latest = new LatestStep(context);
    context.register(latest.reached, name);
    context.addSparkListener(latest);
    return latest;
  }

  /** What the task adds to. */
  public Reached reached() {
    return reached;
  }

  private Step now() {
    return live.laterOf(reached.value());
  }

  @Override
  public long done() {
    return now().taken();
  }

  @Override
  public long before() {
    return now().before();
  }

  @Override
  public String detail() {
    return now().detail();
  }

  @Override
  public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate update) {
    for (var task : JavaConverters.asJavaIterable(update.accumUpdates())) {
      for (AccumulableInfo info : JavaConverters.asJavaIterable(task._4())) {
        if (info.id() == reached.id()
            && info.update().isDefined()
            && info.update().get() instanceof Step step) {
          live = step;
        }
      }
    }
  }

  /** Stops listening. */
  @Override
  public void close() {
    context.removeSparkListener(this);
  }
}
