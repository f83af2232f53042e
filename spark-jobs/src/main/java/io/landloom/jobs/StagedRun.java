package io.landloom.jobs;

import io.landloom.jobs.run.JobException.Kind;
import io.landloom.jobs.run.Staging;
import java.io.IOException;

/** Makes a run in its staging, and decides what is left there when that fails. */
final class StagedRun {
  private StagedRun() {}

  /** The making of a run, up to its publishing. */
  @FunctionalInterface
  interface Work {
    Outcome run() throws IOException;
  }

  /**
   * Makes a run.
   *
   * <p>What is staged helps the next start after a killed driver, a lost cluster or a mended bug.
   * Input or configuration that is refused would be refused again: then nothing is left.
   */
  static Outcome make(Staging staging, Work work) throws IOException {
    try {
      return work.run();
    } catch (Exception e) { // Spark throws checked exceptions that Java does not see coming
      Failure failure = Failure.of(e);
      if (failure.kind() == Kind.USER || failure.kind() == Kind.DATA) {
        staging.discard();
      }
      throw failure.exception();
    }
  }
}
