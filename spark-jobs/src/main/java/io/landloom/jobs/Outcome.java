package io.landloom.jobs;

import io.landloom.jobs.run.RunId;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a job ended.
 *
 * @param run the run it published or found published, null for a job that publishes none
 * @param summary what to print at the end, by name, in order
 */
record Outcome(RunId run, Map<String, Object> summary) {
  Outcome {
    summary = new LinkedHashMap<>(summary);
  }

  /** The outcome of a job that found its run already there. */
  static Outcome alreadyPublished(RunId run) {
    return new Outcome(
        run, Map.of("run", run + " is already published with the same inputs; nothing to do"));
  }
}
