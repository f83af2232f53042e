package io.landloom.jobs.plan;

import java.io.Serializable;

/**
 * Sums over masks, by the valid classes of a scheme in its order.
 *
 * @param pixels pixels of each class
 * @param patches masks that show each class
 * @param count masks
 */
public record Tally(long[] pixels, long[] patches, long count) implements Serializable {
  /** Of no mask. */
  static Tally none(int classes) {
    return new Tally(new long[classes], new long[classes], 0);
  }

  /** Both together. */
  public Tally plus(Tally other) {
    long[] sums = pixels.clone();
    long[] shown = patches.clone();
    for (int k = 0; k < sums.length; k++) {
      sums[k] += other.pixels[k];
      shown[k] += other.patches[k];
    }
    return new Tally(sums, shown, count + other.count);
  }

  /** Pixels of all valid classes. */
  public long valid() {
    long sum = 0;
    for (long one : pixels) {
      sum += one;
    }
    return sum;
  }

  /** Share of each class, 0 to 1, of the valid pixels; all 0 without any. */
  public double[] shares() {
    double[] shares = new double[pixels.length];
    double valid = Math.max(1, valid());
    for (int k = 0; k < shares.length; k++) {
      shares[k] = pixels[k] / valid;
    }
    return shares;
  }
}
