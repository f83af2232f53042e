package io.landloom.synthesis.measure;

import java.util.List;

/**
 * The LPIPS form (Zhang et al., CVPR 2018, equation 1) over the maps of any extractor, with weights
 * of 1: the sum over layers of the mean over cells of the squared distance of the unit vectors.
 *
 * <p>Other extractors give other numbers, so these are not the LPIPS of papers.
 */
public final class PerceptualDistance {
  /** Added to a vector's length before it divides, as in the public code of LPIPS. */
  static final double EPSILON = 1e-10;

  private PerceptualDistance() {}

  /** Brings every map's vectors to length 1, once for all the distances they take part in. */
  public static List<FeatureMap> unit(List<FeatureMap> maps) {
    return maps.stream().map(FeatureMap::unit).toList();
  }

  /**
   * The distance of two images.
   *
   * @param a unit maps of the one, see {@link #unit}
   * @param b unit maps of the other
   */
  public static double between(List<FeatureMap> a, List<FeatureMap> b) {
    check(a, b);
    double sum = 0;
    for (int layer = 0; layer < a.size(); layer++) {
      double layerSum = 0;
      for (float value : squares(a.get(layer), b.get(layer))) {
        layerSum += value;
      }
      sum += layerSum / a.get(layer).cells();
    }
    return sum;
  }

  /**
   * Where two images differ: the layers' squared distances, each enlarged to the images' size
   * (bilinear, corners not aligned), summed.
   *
   * @return (height, width)
   */
  public static float[] map(List<FeatureMap> a, List<FeatureMap> b, int width, int height) {
    check(a, b);
    float[] sum = new float[width * height];
    for (int layer = 0; layer < a.size(); layer++) {
      FeatureMap shape = a.get(layer);
      addEnlarged(squares(shape, b.get(layer)), shape.width(), shape.height(), sum, width, height);
    }
    return sum;
  }

  private static void check(List<FeatureMap> a, List<FeatureMap> b) {
    boolean fits = a.size() == b.size();
    for (int layer = 0; fits && layer < a.size(); layer++) {
      fits =
          a.get(layer).channels() == b.get(layer).channels()
              && a.get(layer).width() == b.get(layer).width()
              && a.get(layer).height() == b.get(layer).height();
    }
    if (!fits) {
      throw new IllegalArgumentException("the images' feature maps are not of the same sizes");
    }
  }

  private static float[] squares(FeatureMap a, FeatureMap b) {
    int cells = a.cells();
    float[] squares = new float[cells];
    for (int channel = 0; channel < a.channels(); channel++) {
      int from = channel * cells;
      for (int i = 0; i < cells; i++) {
        float difference = a.values()[from + i] - b.values()[from + i];
        squares[i] += difference * difference;
      }
    }
    return squares;
  }

  private static void addEnlarged(
      float[] cells, int cellWidth, int cellHeight, float[] sum, int width, int height) {
    for (int y = 0; y < height; y++) {
      float atY = place(y, cellHeight, height);
      int top = (int) atY;
      int bottom = Math.min(top + 1, cellHeight - 1);
      float down = atY - top;
      for (int x = 0; x < width; x++) {
        float atX = place(x, cellWidth, width);
        int left = (int) atX;
        int right = Math.min(left + 1, cellWidth - 1);
        float across = atX - left;
        float upper =
            (1 - across) * cells[top * cellWidth + left] + across * cells[top * cellWidth + right];
        float lower =
            (1 - across) * cells[bottom * cellWidth + left]
                + across * cells[bottom * cellWidth + right];
        sum[y * width + x] += (1 - down) * upper + down * lower;
      }
    }
  }

  private static float place(int pixel, int cells, int pixels) {
    return Math.max(0, (pixel + 0.5f) * cells / pixels - 0.5f);
  }
}
