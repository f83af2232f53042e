package io.landloom.jobs.summarize;

import java.util.Comparator;

/**
 * Whose classes are counted.
 *
 * @param scope real, synthetic or mixed
 * @param split train, val, test, or all
 * @param sceneId one scene, or null for all scenes together
 * @param sourceRun the run that published them, or null for all runs together
 */
public record Population(String scope, String split, String sceneId, String sourceRun)
    implements Comparable<Population>, java.io.Serializable {
  /** Those of all runs first, in the order of {@code class_proportions}; then run by run. */
  private static final Comparator<Population> ORDER =
      Comparator.comparing((Population one) -> one.sourceRun() != null)
          .thenComparing(Population::scope)
          .thenComparing(Population::split)
          .thenComparing(one -> one.sceneId() == null ? "" : one.sceneId())
          .thenComparing(one -> one.sourceRun() == null ? "" : one.sourceRun());

  @Override
  public int compareTo(Population other) {
    return ORDER.compare(this, other);
  }
}
