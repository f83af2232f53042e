package io.landloom.jobs;

import java.io.IOException;

/** One job: reads its configuration and inputs, and publishes a run. */
interface Job {
  /**
   * Runs the job.
   *
   * @return lines of the summary printed at the end
   * @throws io.landloom.jobs.run.JobException if it cannot go on, with one line that says why
   * @throws IOException if a file system failed
   */
  Outcome run(JobContext context) throws IOException;
}
