package io.landloom.synthesis.diffusion.mask;

/**
 * Scores of classes by what surrounds a pixel: where shares are changed by them, regions grow and
 * shrink along their borders, and a class that is missing comes as few regions and not as specks.
 *
 * <p>A class's score is the logarithm of its mean share of the windows around the pixel, smooth and
 * of four sizes; in the largest, shares that the mask does not show count a little.
 */
public final class SurroundingScores {
  private static final int SIZES = 4;
  private static final double OF_THE_UNSURE = 1e-2;
  private static final double LEAST = 1e-9;

  /** Lead of the class that is there, so that little changes that need not. */
  private static final double LEAD = 4;

  private SurroundingScores() {}

  /**
   * Scores of every class at every pixel.
   *
   * @param mask class positions, row by row
   * @param soft share of every class at every pixel, class by class
   * @param radius pixels from the middle of the smallest windows to their edges; each size has
   *     twice the one before
   * @return score of class k at pixel i in {@code [k][i]}
   */
  public static double[][] of(byte[] mask, float[] soft, int width, int classes, int radius) {
    double[][] scores = new double[classes][];
    for (int k = 0; k < classes; k++) {
      double[] shown = new double[mask.length];
      double[] unsure = new double[mask.length];
      for (int i = 0; i < mask.length; i++) {
        shown[i] = mask[i] == k ? (1 - OF_THE_UNSURE) / SIZES : 0;
        unsure[i] = OF_THE_UNSURE * soft[k * mask.length + i];
      }
      double[] sum = smooth(unsure, width, radius << (SIZES - 1));
      for (int size = 0; size < SIZES; size++) {
        double[] smooth = smooth(shown, width, radius << size);
        for (int i = 0; i < sum.length; i++) {
          sum[i] += smooth[i];
        }
      }
      for (int i = 0; i < sum.length; i++) {
        sum[i] = Math.log(Math.max(LEAST, sum[i])) + (mask[i] == k ? LEAD : 0);
      }
      scores[k] = sum;
    }
    return scores;
  }

  private static double[] smooth(double[] values, int width, int radius) {
    return surrounding(surrounding(values, width, radius), width, radius);
  }

  /** Means over square windows, as far as they are inside. */
  private static double[] surrounding(double[] values, int width, int radius) {
    int height = values.length / width;
    double[] alongRows = new double[values.length];
    for (int row = 0; row < height; row++) {
      putMeans(values, alongRows, row * width, 1, width, radius);
    }
    double[] means = new double[values.length];
    for (int column = 0; column < width; column++) {
      putMeans(alongRows, means, column, width, height, radius);
    }
    return means;
  }

  private static void putMeans(
      double[] values, double[] means, int first, int step, int count, int radius) {
    double[] sums = new double[count + 1];
    for (int i = 0; i < count; i++) {
      sums[i + 1] = sums[i] + values[first + i * step];
    }
    for (int i = 0; i < count; i++) {
      int from = Math.max(0, i - radius);
      int to = Math.min(count, i + radius + 1);
      means[first + i * step] = (sums[to] - sums[from]) / (to - from);
    }
  }
}
