package io.landloom.synthesis.measure;

import io.landloom.geo.image.Raster;
import java.util.ArrayList;
import java.util.List;

/**
 * What is kept of the features of a set of images.
 *
 * @param pooled (N, C), mean of the deepest map; their Frechet distance is FD-Seg
 * @param style (N, 2 sum of C), mean and standard deviation of every channel of every map, shallow
 *     to deep, all of a map's means before its deviations; in units of real training images, their
 *     distance per dimension is FD-style
 */
public record FeatureVectors(float[][] pooled, float[][] style) {
  /** Runs the extractor over a set, batch by batch; no map outlives its batch. */
  public static FeatureVectors of(Images images, FeatureExtractor extractor) {
    return of(images, extractor, (image, maps) -> {});
  }

  /** Something else to take from the maps of an image. */
  public interface Visitor {
    /** Sees the maps of image i, every stage, shallow to deep. */
    void see(int i, List<FeatureMap> maps);
  }

  /** As above, and shows the maps of every image, in order. */
  public static FeatureVectors of(Images images, FeatureExtractor extractor, Visitor visitor) {
    float[][] pooled = new float[images.size()][];
    float[][] style = new float[images.size()][];
    List<Raster> batch = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      batch.add(images.image(i));
      if (batch.size() == extractor.batchSize() || i == images.size() - 1) {
        List<List<FeatureMap>> maps = extractor.maps(batch);
        int first = i + 1 - batch.size();
        for (int k = 0; k < maps.size(); k++) {
          pooled[first + k] = pooled(maps.get(k));
          style[first + k] = style(maps.get(k));
          visitor.see(first + k, maps.get(k));
        }
        batch.clear();
      }
    }
    return new FeatureVectors(pooled, style);
  }

  static float[] pooled(List<FeatureMap> maps) {
    FeatureMap deepest = maps.get(maps.size() - 1);
    float[] means = new float[deepest.channels()];
    for (int channel = 0; channel < means.length; channel++) {
      means[channel] = (float) moments(deepest, channel)[0];
    }
    return means;
  }

  static float[] style(List<FeatureMap> maps) {
    float[] style = new float[2 * maps.stream().mapToInt(FeatureMap::channels).sum()];
    int start = 0;
    for (FeatureMap map : maps) {
      for (int channel = 0; channel < map.channels(); channel++) {
        double[] moments = moments(map, channel);
        style[start + channel] = (float) moments[0];
        style[start + map.channels() + channel] = (float) moments[1];
      }
      start += 2 * map.channels();
    }
    return style;
  }

  /** Mean and standard deviation (over the number of cells) of a channel. */
  private static double[] moments(FeatureMap map, int channel) {
    int from = channel * map.cells();
    double sum = 0;
    for (int i = from; i < from + map.cells(); i++) {
      sum += map.values()[i];
    }
    double mean = sum / map.cells();
    double squares = 0;
    for (int i = from; i < from + map.cells(); i++) {
      squares += (map.values()[i] - mean) * (map.values()[i] - mean);
    }
    return new double[] {mean, Math.sqrt(squares / map.cells())};
  }
}
