package io.landloom.jobs.plan;

import java.io.Serializable;

/**
 * How much a plan gains by a pair of a mask: linear in its pixels and in the classes it shows.
 *
 * @param ofPixels gain of a pixel of each class
 * @param ofPatches gain of showing each class
 * @param constant gain of any pair
 */
record Score(double[] ofPixels, double[] ofPatches, double constant) implements Serializable {
  /** A bound on its absolute value, for masks of at most so many pixels. */
  double bound(int pixels) {
    double largest = 0;
    double shown = 0;
    for (int k = 0; k < ofPixels.length; k++) {
      largest = Math.max(largest, Math.abs(ofPixels[k]));
      shown += Math.abs(ofPatches[k]);
    }
    return largest * pixels + shown + Math.abs(constant);
  }

  /** The gain of something summed. */
  double of(double[] pixels, double[] patches, double pairs) {
    double sum = constant * pairs;
    for (int k = 0; k < ofPixels.length; k++) {
      sum += ofPixels[k] * pixels[k] + ofPatches[k] * patches[k];
    }
    return sum;
  }
}
