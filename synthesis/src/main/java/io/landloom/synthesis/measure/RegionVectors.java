package io.landloom.synthesis.measure;

import java.util.ArrayList;
import java.util.List;

/**
 * Features of the regions of each class: of every image that shows enough of a class, the mean of
 * every channel of every map over its pixels. Their distance by class says which class looks false.
 *
 * <p>A cell of a map counts by the share of its pixels that are of the class, so that coarse maps
 * see small regions too.
 */
public final class RegionVectors {
  private final int leastPixels;
  private final List<List<float[]>> byClass = new ArrayList<>();

  /**
   * No vectors yet.
   *
   * @param classes number of class positions; higher positions are left out
   * @param leastPixels pixels of a class that an image must show
   */
  public RegionVectors(int classes, int leastPixels) {
    this.leastPixels = leastPixels;
    for (int position = 0; position < classes; position++) {
      byClass.add(new ArrayList<>());
    }
  }

  /**
   * Adds an image.
   *
   * @param maps of every stage, whose edges divide the mask's
   * @param positions class position of each pixel of the square mask, row-major
   */
  public void add(List<FeatureMap> maps, byte[] positions) {
    int[] pixels = new int[256];
    for (byte position : positions) {
      pixels[position & 0xFF]++;
    }
    for (int position = 0; position < byClass.size(); position++) {
      if (pixels[position] >= leastPixels) {
        byClass.get(position).add(means(maps, positions, position));
      }
    }
  }

  private static float[] means(List<FeatureMap> maps, byte[] positions, int position) {
    float[] means = new float[maps.stream().mapToInt(FeatureMap::channels).sum()];
    int place = 0;
    for (FeatureMap map : maps) {
      int[] weights = weights(map, positions, position);
      for (int channel = 0; channel < map.channels(); channel++) {
        double sum = 0;
        long weight = 0;
        for (int cell = 0; cell < weights.length; cell++) {
          sum += (double) weights[cell] * map.values()[channel * weights.length + cell];
          weight += weights[cell];
        }
        means[place++] = (float) (sum / weight);
      }
    }
    return means;
  }

  /** Pixels of the class in every cell of a map. */
  private static int[] weights(FeatureMap map, byte[] positions, int position) {
    int size = (int) Math.round(Math.sqrt(positions.length));
    int[] weights = new int[map.cells()];
    for (int pixel = 0; pixel < positions.length; pixel++) {
      if ((positions[pixel] & 0xFF) == position) {
        int row = pixel / size * map.height() / size;
        int column = pixel % size * map.width() / size;
        weights[row * map.width() + column]++;
      }
    }
    return weights;
  }

  /** The vectors of a class (N, sum of C). */
  public float[][] of(int position) {
    return byClass.get(position).toArray(float[][]::new);
  }

  /**
   * The distance of a class's vectors to others in units of a third set's: one-dimensional Frechet
   * distances, their mean over the dimensions; NaN if a set has fewer than two.
   */
  public double distance(RegionVectors other, RegionVectors units, int position) {
    float[][] a = of(position);
    float[][] b = other.of(position);
    float[][] training = units.of(position);
    if (a.length < 2 || b.length < 2 || training.length < 2) {
      return Double.NaN;
    }
    Standardization unit = Standardization.of(training);
    return FrechetDistance.perDimension(unit.apply(a), unit.apply(b));
  }
}
