package io.landloom.synthesis.segment;

import io.landloom.geo.image.Raster;
import java.io.IOException;

/**
 * Segments scenes by windows that overlap; where they do, their scores are blended by cosines.
 *
 * <p>What a pixel's class is depends on the windows over it and on nothing else, and they are
 * summed in one order: rows of pixels that are segmented apart are those of the scene segmented at
 * once.
 *
 * @param scores of a window
 * @param windows where they are
 */
public record SceneSegmentation(WindowScores scores, Windows windows) {
  /**
   * Reads rows of a scene.
   *
   * @param <E> how reading fails
   */
  @FunctionalInterface
  public interface Rows<E extends Exception> {
    /** Rows of pixels over the scene's whole width. */
    Raster read(int top, int rows) throws IOException, E;
  }

  /**
   * Some rows of a scene.
   *
   * @param width pixels a row
   * @param height rows of the scene
   * @param top first of the rows
   * @param rows their number
   */
  public record Part(int width, int height, int top, int rows) {}

  /**
   * What was found in a part, row-major.
   *
   * @param positions positions of valid classes
   * @param uncertainty entropy of the classes' probabilities, of the largest there could be, in
   *     units of 1 / 255: 0 where one class is certain, 255 where all are equally likely
   */
  public record Found(byte[] positions, byte[] uncertainty) {}

  /** The class of every pixel of a part, and how uncertain it is. */
  public <E extends Exception> Found of(Part part, Rows<E> source) throws IOException, E {
    int size = windows.size();
    float[][] sums = new float[scores.classes()][part.rows() * part.width()];
    float[] weights = new float[part.rows() * part.width()];
    for (int row = 0; row < windows.count(part.height()); row++) {
      int y = windows.start(row, part.height());
      if (y >= part.top() + part.rows() || y + size <= part.top()) {
        continue;
      }
      Raster strip = source.read(y, Math.min(size, part.height() - y));
      for (int column = 0; column < windows.count(part.width()); column++) {
        int x = windows.start(column, part.width());
        add(scores.of(window(strip, x)), x, y, part, sums, weights);
      }
    }
    return new Found(largest(sums), uncertainty(sums, weights));
  }

  private void add(float[] own, int x, int y, Part part, float[][] sums, float[] weights) {
    int size = windows.size();
    int bottom = Math.min(y + size, part.top() + part.rows());
    for (int row = Math.max(y, part.top()); row < bottom; row++) {
      double byRow = windows.weight(row - y);
      for (int column = x; column < Math.min(x + size, part.width()); column++) {
        float weight = (float) (byRow * windows.weight(column - x));
        int target = (row - part.top()) * part.width() + column;
        int source = (row - y) * size + column - x;
        weights[target] += weight;
        for (int k = 0; k < sums.length; k++) {
          sums[k][target] += weight * own[k * size * size + source];
        }
      }
    }
  }

  /** A window of a strip; where the scene is smaller, its last pixels go on. */
  private Raster window(Raster strip, int x) {
    int size = windows.size();
    if (x + size <= strip.width() && strip.height() == size) {
      return strip.crop(x, 0, size, size);
    }
    byte[] samples = strip.samples();
    int bands = strip.bands();
    byte[] window = new byte[size * size * bands];
    for (int pixel = 0; pixel < size * size; pixel++) {
      int row = Math.min(pixel / size, strip.height() - 1);
      int column = Math.min(x + pixel % size, strip.width() - 1);
      int source = (row * strip.width() + column) * bands;
      System.arraycopy(samples, source, window, pixel * bands, bands);
    }
    return Raster.ofBytes(size, size, bands, window);
  }

  private static byte[] largest(float[][] sums) {
    byte[] positions = new byte[sums[0].length];
    float[] most = sums[0].clone();
    for (int k = 1; k < sums.length; k++) {
      for (int pixel = 0; pixel < positions.length; pixel++) {
        if (sums[k][pixel] > most[pixel]) {
          most[pixel] = sums[k][pixel];
          positions[pixel] = (byte) k;
        }
      }
    }
    return positions;
  }

  private static byte[] uncertainty(float[][] sums, float[] weights) {
    byte[] uncertainty = new byte[weights.length];
    double[] scores = new double[sums.length];
    double largest = Math.log(sums.length);
    for (int pixel = 0; pixel < weights.length; pixel++) {
      for (int k = 0; k < scores.length; k++) {
        scores[k] = sums[k][pixel] / weights[pixel];
      }
      double share = sums.length == 1 ? 0 : entropy(scores) / largest;
      uncertainty[pixel] = (byte) Math.round(255 * Math.max(0, Math.min(1, share)));
    }
    return uncertainty;
  }

  /** Entropy, in nats, of the softmax of scores. The strict exponential is the same everywhere. */
  private static double entropy(double[] scores) {
    double most = scores[0];
    for (double score : scores) {
      most = Math.max(most, score);
    }
    double sum = 0;
    double mean = 0;
    for (double score : scores) {
      double likelihood = StrictMath.exp(score - most);
      sum += likelihood;
      mean += likelihood * (score - most);
    }
    return StrictMath.log(sum) - mean / sum;
  }
}
