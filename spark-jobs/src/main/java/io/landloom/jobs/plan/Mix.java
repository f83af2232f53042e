package io.landloom.jobs.plan;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * How often each mask is to be used, before that is made whole: a weighted mean of choices.
 *
 * @param parts the choices
 * @param weights weight of each, 1 in all
 * @param maxReuse how often a chosen mask is used
 * @param violation by how much the worst class misses what it may miss, as a share of the pixels;
 *     for numbers of patches, the share of them that is missing
 * @param gap how much smaller the sum that is minimized could be at most
 * @param rounds how often all masks were looked at
 */
public record Mix(
    List<Part> parts, List<Double> weights, int maxReuse, double violation, double gap, int rounds)
    implements Serializable {
  private static final double NONE = 1e-5;

  /** Copies the lists. */
  public Mix {
    parts = new ArrayList<>(parts);
    weights = new ArrayList<>(weights);
  }

  /** Whether nothing is missed. */
  public boolean isFeasible() {
    return violation <= NONE;
  }

  /** How often a mask is to be used. */
  double copies(MaskCounts file, int mask) {
    double copies = 0;
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      copies += weights.get(i) * part.of(file.score(mask, part.score()));
    }
    return maxReuse * copies;
  }

  /** How often the masks of a file are to be used in all. */
  double copies(MaskCounts file) {
    double sum = 0;
    for (int i = 0; i < file.size(); i++) {
      sum += copies(file, i);
    }
    return sum;
  }
}
