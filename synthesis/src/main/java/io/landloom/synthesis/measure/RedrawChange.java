package io.landloom.synthesis.measure;

import io.landloom.geo.image.Raster;

/**
 * How much an image changed where a class was drawn anew, and how much far away from it: mean
 * absolute difference of samples, in grey levels.
 *
 * @param inside over the pixels of the class
 * @param far over the pixels more than {@link #FAR} pixels away from it; NaN where there are none
 * @param insidePixels pixels of the class
 * @param farPixels pixels far from it
 */
public record RedrawChange(double inside, double far, long insidePixels, long farPixels) {
  /** Pixels of distance beyond which a pixel is far from a class. */
  public static final int FAR = 16;

  /** No pixels. */
  public static final RedrawChange NONE = new RedrawChange(Double.NaN, Double.NaN, 0, 0);

  /**
   * The change between two images of one mask.
   *
   * @param positions class position a pixel
   * @param position the class that was drawn anew
   */
  public static RedrawChange between(Raster a, Raster b, byte[] positions, int position) {
    boolean[] region = new boolean[positions.length];
    for (int i = 0; i < region.length; i++) {
      region[i] = (positions[i] & 0xFF) == position;
    }
    double[] away = PixelDistance.squared(region, a.width());
    double inside = 0;
    double far = 0;
    long insidePixels = 0;
    long farPixels = 0;
    for (int i = 0; i < region.length; i++) {
      double change = difference(a, b, i);
      if (region[i]) {
        inside += change;
        insidePixels++;
      } else if (away[i] > (double) FAR * FAR) {
        far += change;
        farPixels++;
      }
    }
    return new RedrawChange(inside / insidePixels, far / farPixels, insidePixels, farPixels);
  }

  private static double difference(Raster a, Raster b, int pixel) {
    int sum = 0;
    for (int i = pixel * a.bands(); i < (pixel + 1) * a.bands(); i++) {
      sum += Math.abs((a.samples()[i] & 0xFF) - (b.samples()[i] & 0xFF));
    }
    return (double) sum / a.bands();
  }

  /** Both changes together, each pixel counted alike. */
  public RedrawChange plus(RedrawChange other) {
    return new RedrawChange(
        mean(inside, insidePixels, other.inside, other.insidePixels),
        mean(far, farPixels, other.far, other.farPixels),
        insidePixels + other.insidePixels,
        farPixels + other.farPixels);
  }

  private static double mean(double a, long countA, double b, long countB) {
    double sum = (countA == 0 ? 0 : a * countA) + (countB == 0 ? 0 : b * countB);
    return sum / (countA + countB);
  }

  /** How many times more the class changed than what is far from it; NaN without far pixels. */
  public double selectivity() {
    return inside / far;
  }
}
