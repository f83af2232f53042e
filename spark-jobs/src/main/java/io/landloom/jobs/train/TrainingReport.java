package io.landloom.jobs.train;

import java.io.Serializable;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a training came to.
 *
 * @param steps steps taken in all, those before a resume too
 * @param patches patches trained on
 * @param digest digest of the bundle
 * @param device device it ran on
 * @param seconds seconds of this start
 * @param last losses of the last step, for people
 * @param measures what was measured on the patches of the split val, by name
 */
public record TrainingReport(
    long steps,
    int patches,
    String digest,
    String device,
    double seconds,
    String last,
    SortedMap<String, Double> measures)
    implements Serializable {
  /** Copies the measures. */
  public TrainingReport {
    measures = new TreeMap<>(measures);
  }
}
