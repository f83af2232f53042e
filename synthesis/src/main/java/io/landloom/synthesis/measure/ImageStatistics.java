package io.landloom.synthesis.measure;

import io.landloom.geo.image.Raster;
import java.util.List;

/**
 * What can be said of an image without a network: mean and spread of each band, correlation of each
 * two bands, and energy and sparsity of the detail of each band on three levels of the Laplacian
 * pyramid. The Frechet distance of these, in units of real training images, is FD-stat.
 */
public final class ImageStatistics {
  private static final int LEVELS = 3;
  private static final int LEAST_SIDE = 2;
  // square grey levels: what rounding to 8 bits alone leaves
  private static final double QUANTUM = 1.0 / 12;

  private ImageStatistics() {}

  /** The statistics of every image (N, {@link #length}). */
  public static float[][] of(Images images) {
    float[][] rows = new float[images.size()][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = of(images.image(i));
    }
    return rows;
  }

  /** Number of statistics of an image. */
  public static int length(int bands) {
    return 2 * bands + bands * (bands - 1) / 2 + 2 * LEVELS * bands;
  }

  /**
   * The statistics of an image: means, standard deviations, correlations, then for each level and
   * band the logarithm of the detail's mean square and its sparsity, the mean absolute value over
   * the root mean square: 1 where all detail is equal, less the more of it is in few pixels.
   *
   * @throws IllegalArgumentException if the sides are not multiples of 8
   */
  public static float[] of(Raster image) {
    if (Pyramid.levels(image.width(), image.height(), LEAST_SIDE) <= LEVELS) {
      throw new IllegalArgumentException(
          image + ": statistics of detail need sides that are multiples of 8, from 16");
    }
    int bands = image.bands();
    float[] statistics = new float[length(bands)];
    int next = colours(Pyramid.level(image).planes(), statistics);
    List<Pyramid.Level> pyramid = Pyramid.of(image, LEVELS + 1);
    for (int level = 0; level < LEVELS; level++) {
      for (float[] plane : pyramid.get(level).planes()) {
        double absolute = 0;
        double square = 0;
        for (float value : plane) {
          absolute += Math.abs(value);
          square += (double) value * value;
        }
        double energy = square / plane.length + QUANTUM;
        statistics[next++] = (float) Math.log(energy);
        statistics[next++] = (float) (absolute / plane.length / Math.sqrt(energy));
      }
    }
    return statistics;
  }

  private static int colours(float[][] planes, float[] statistics) {
    int bands = planes.length;
    double[] mean = new double[bands];
    double[] deviation = new double[bands];
    for (int band = 0; band < bands; band++) {
      mean[band] = mean(planes[band]);
      deviation[band] =
          Math.sqrt(Math.max(0, product(planes[band], planes[band]) - mean[band] * mean[band]));
      statistics[band] = (float) mean[band];
      statistics[bands + band] = (float) deviation[band];
    }
    int next = 2 * bands;
    for (int i = 0; i < bands; i++) {
      for (int j = i + 1; j < bands; j++) {
        double covariance = product(planes[i], planes[j]) - mean[i] * mean[j];
        // the quantum keeps rounding noise of flat bands from looking like correlation
        double spread =
            Math.sqrt(
                (deviation[i] * deviation[i] + QUANTUM) * (deviation[j] * deviation[j] + QUANTUM));
        statistics[next++] = (float) (covariance / spread);
      }
    }
    return next;
  }

  private static double mean(float[] plane) {
    double sum = 0;
    for (float value : plane) {
      sum += value;
    }
    return sum / plane.length;
  }

  private static double product(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum / a.length;
  }
}
