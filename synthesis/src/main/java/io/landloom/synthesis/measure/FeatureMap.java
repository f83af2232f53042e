package io.landloom.synthesis.measure;

/**
 * One layer's output for one image.
 *
 * @param values (channels, height, width); not copied
 */
public record FeatureMap(int channels, int height, int width, float[] values) {
  /** Checks the sizes. */
  public FeatureMap {
    if (channels < 1
        || height < 1
        || width < 1
        || (long) channels * height * width != values.length) {
      throw new IllegalArgumentException(
          String.format(
              "feature map of %d x %d x %d over %d values",
              channels, height, width, values.length));
    }
  }

  /** Cells of a channel. */
  int cells() {
    return height * width;
  }

  /** The map with the vector of every cell brought to length 1. */
  FeatureMap unit() {
    int cells = cells();
    float[] norms = new float[cells];
    for (int i = 0; i < values.length; i++) {
      norms[i % cells] += values[i] * values[i];
    }
    float[] unit = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      unit[i] = (float) (values[i] / (Math.sqrt(norms[i % cells]) + PerceptualDistance.EPSILON));
    }
    return new FeatureMap(channels, height, width, unit);
  }
}
