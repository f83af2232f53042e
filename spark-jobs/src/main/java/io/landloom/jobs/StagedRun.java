package io.landloom.jobs;

import io.landloom.jobs.run.JobException.Kind;
import io.landloom.jobs.run.Lease;
import io.landloom.jobs.run.Printable;
import io.landloom.jobs.run.RunId;
import io.landloom.jobs.run.Staging;
import io.landloom.jobs.run.StagingSweep;
import java.io.IOException;
import java.time.Duration;
import java.util.UUID;
import org.apache.spark.SparkContext;
import org.slf4j.MDC;

/** Makes a run in its staging, and decides what is left there when that fails. */
final class StagedRun {
  /** Spark puts local properties of this prefix into the logging context of tasks. */
  private static final String LOGGED_RUN = "mdc.run_id";

  private StagedRun() {}

  /** The making of a run, up to its publishing. */
  @FunctionalInterface
  interface Work {
    Outcome run() throws IOException;
  }

  /**
   * Makes a run, under its lease.
   *
   * <p>What is staged helps the next start after a killed driver, a lost cluster or a mended bug.
   * Input or configuration that is refused would be refused again: then nothing is left. A driver
   * that lost its lease leaves everything to the one that has it.
   */
  static Outcome make(JobContext context, Staging staging, Work work) throws IOException {
    sweep(context, staging);
    SparkContext spark = context.spark().sparkContext();
    String tag = "landloom-" + UUID.randomUUID();
    Duration patience =
        Duration.ofSeconds(context.settings().integer("run.leaseSeconds", 1, 1_000_000));
    try (Lease lease = staging.hold(patience, () -> spark.cancelJobsWithTag(tag))) {
      if (staging.isPublished()) {
        staging.discard(); // another driver published it while this one asked for the lease
        return Outcome.alreadyPublished(staging.run());
      }
      spark.addJobTag(tag);
      // in the logs of the driver, and of the executors for tasks of these jobs
      spark.setLocalProperty(LOGGED_RUN, staging.run().text());
      MDC.put(LOGGED_RUN, staging.run().text());
      try {
        return work.run();
      } catch (Exception e) { // Spark throws checked exceptions that Java does not see coming
        if (lease.isLost()) {
          throw lease.loss();
        }
        Failure failure = Failure.of(e);
        if (failure.kind() == Kind.USER || failure.kind() == Kind.DATA) {
          staging.discard();
        }
        throw failure.exception();
      } finally {
        MDC.remove(LOGGED_RUN);
        spark.setLocalProperty(LOGGED_RUN, null);
        spark.removeJobTag(tag);
      }
    }
  }

  private static void sweep(JobContext context, Staging own) {
    int hours = context.settings().integer("run.sweepHours", 0, 1_000_000);
    if (hours == 0) {
      return;
    }
    try {
      for (RunId removed : StagingSweep.sweep(own.dataset(), own.run(), Duration.ofHours(hours))) {
        context
            .out()
            .println(
                "removed what was staged of "
                    + removed
                    + ": no driver gave a sign of life for "
                    + hours
                    + " hours (run.sweepHours)");
      }
    } catch (IOException e) { // what is left there is in nobody's way
      context.out().println("could not remove old stagings: " + Printable.of(e.toString()));
    }
  }
}
