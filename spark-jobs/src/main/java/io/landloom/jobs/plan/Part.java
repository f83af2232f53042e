package io.landloom.jobs.plan;

import java.io.Serializable;

/**
 * A choice of masks by their score: those above a bin of scores wholly, those in it by a fraction,
 * the others not at all.
 *
 * @param score what ranks the masks
 * @param low where bin 0 begins; what is lower is in it too
 * @param width width of a bin
 * @param bin the bin
 * @param fraction how much of a mask in the bin is chosen, 0 to 1
 */
record Part(Score score, double low, double width, int bin, double fraction)
    implements Serializable {
  /** Bins that scores are sorted into. */
  static final int BINS = 1 << 14;

  int bin(double value) {
    return (int) Math.max(0, Math.min(BINS - 1, Math.floor((value - low) / width)));
  }

  /** The same bins, cut elsewhere. */
  Part at(int other, double share) {
    return new Part(score, low, width, other, share);
  }

  /** How much of a mask is chosen, 0 to 1. */
  double of(double value) {
    int its = bin(value);
    return its > bin ? 1 : its == bin ? fraction : 0;
  }
}
