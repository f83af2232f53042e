package io.landloom.synthesis.measure;

/**
 * The distance of every pixel to a region, by two passes of lower envelopes of parabolas
 * (Felzenszwalb and Huttenlocher, Theory of Computing 2012).
 */
final class PixelDistance {
  private static final double FAR = 1e12;

  private PixelDistance() {}

  /**
   * Squared Euclidean distances of pixels' centres.
   *
   * @param inside whether a pixel is of the region (height, width)
   * @return 0 inside; at least 1e11 everywhere if the region is empty
   */
  static double[] squared(boolean[] inside, int width) {
    int height = inside.length / width;
    double[] distance = new double[inside.length];
    for (int i = 0; i < inside.length; i++) {
      distance[i] = inside[i] ? 0 : FAR;
    }
    for (int x = 0; x < width; x++) {
      pass(distance, x, width, height);
    }
    for (int y = 0; y < height; y++) {
      pass(distance, y * width, 1, width);
    }
    return distance;
  }

  private static void pass(double[] field, int start, int step, int count) {
    double[] heights = new double[count];
    for (int i = 0; i < count; i++) {
      heights[i] = field[start + i * step];
    }
    int[] lowest = new int[count]; // the parabolas of the envelope
    double[] from = new double[count + 1]; // where each begins
    int last = 0;
    from[0] = Double.NEGATIVE_INFINITY;
    from[1] = Double.POSITIVE_INFINITY;
    for (int i = 1; i < count; i++) {
      double crossing = crossing(heights, lowest[last], i);
      while (crossing <= from[last]) {
        last--;
        crossing = crossing(heights, lowest[last], i);
      }
      last++;
      lowest[last] = i;
      from[last] = crossing;
      from[last + 1] = Double.POSITIVE_INFINITY;
    }
    int parabola = 0;
    for (int i = 0; i < count; i++) {
      while (from[parabola + 1] < i) {
        parabola++;
      }
      double away = i - lowest[parabola];
      field[start + i * step] = away * away + heights[lowest[parabola]];
    }
  }

  private static double crossing(double[] heights, int left, int right) {
    double l = heights[left] + (double) left * left;
    double r = heights[right] + (double) right * right;
    return (r - l) / (2.0 * (right - left));
  }
}
