package io.landloom.synthesis.measure;

import io.landloom.geo.image.Raster;
import io.landloom.geo.image.SampleType;
import java.util.ArrayList;
import java.util.List;

/**
 * The Laplacian pyramid of an image (Burt and Adelson, 1983): at each level what the next, halved
 * one does not hold; the last level holds the rest. The filter is 1 4 6 4 1 over 16, borders are
 * mirrored without repeating the outermost pixel.
 */
final class Pyramid {
  private static final float[] FILTER = {1 / 16f, 4 / 16f, 6 / 16f, 4 / 16f, 1 / 16f};

  /**
   * One level.
   *
   * @param planes (bands, height * width)
   */
  record Level(int width, int height, float[][] planes) {}

  private Pyramid() {}

  /** Number of levels of an image: sides are halved while they are even and stay {@code least}. */
  static int levels(int width, int height, int least) {
    int levels = 1;
    int w = width;
    int h = height;
    while (w % 2 == 0 && h % 2 == 0 && w / 2 >= least && h / 2 >= least) {
      w /= 2;
      h /= 2;
      levels++;
    }
    return levels;
  }

  /** The samples of an 8-bit image, 0 to 255. */
  static Level level(Raster image) {
    if (image.type() != SampleType.UINT8) {
      throw new IllegalArgumentException(image + ": images are measured with 8-bit samples");
    }
    int pixels = image.width() * image.height();
    int bands = image.bands();
    float[][] planes = new float[bands][pixels];
    byte[] samples = image.samples();
    for (int pixel = 0; pixel < pixels; pixel++) {
      for (int band = 0; band < bands; band++) {
        planes[band][pixel] = samples[pixel * bands + band] & 0xFF;
      }
    }
    return new Level(image.width(), image.height(), planes);
  }

  /** The first {@code levels} levels of an image, finest first; the last one holds the rest. */
  static List<Level> of(Raster image, int levels) {
    List<Level> pyramid = new ArrayList<>();
    Level rest = level(image);
    for (int i = 1; i < levels; i++) {
      Level halved = halved(rest);
      pyramid.add(minus(rest, doubled(halved)));
      rest = halved;
    }
    pyramid.add(rest);
    return pyramid;
  }

  static Level halved(Level level) {
    int width = level.width() / 2;
    int height = level.height() / 2;
    float[][] planes = new float[level.planes().length][];
    for (int band = 0; band < planes.length; band++) {
      float[] smooth = smooth(level.planes()[band], level.width(), level.height());
      planes[band] = new float[width * height];
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          planes[band][y * width + x] = smooth[2 * y * level.width() + 2 * x];
        }
      }
    }
    return new Level(width, height, planes);
  }

  static Level doubled(Level level) {
    int width = 2 * level.width();
    int height = 2 * level.height();
    float[][] planes = new float[level.planes().length][];
    for (int band = 0; band < planes.length; band++) {
      float[] sparse = new float[width * height];
      for (int y = 0; y < level.height(); y++) {
        for (int x = 0; x < level.width(); x++) {
          // a quarter of the pixels carries all of the light
          sparse[2 * y * width + 2 * x] = 4 * level.planes()[band][y * level.width() + x];
        }
      }
      planes[band] = smooth(sparse, width, height);
    }
    return new Level(width, height, planes);
  }

  private static Level minus(Level a, Level b) {
    float[][] planes = new float[a.planes().length][];
    for (int band = 0; band < planes.length; band++) {
      planes[band] = a.planes()[band].clone();
      for (int i = 0; i < planes[band].length; i++) {
        planes[band][i] -= b.planes()[band][i];
      }
    }
    return new Level(a.width(), a.height(), planes);
  }

  private static float[] smooth(float[] plane, int width, int height) {
    float[] rows = new float[plane.length];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        float sum = 0;
        for (int k = -2; k <= 2; k++) {
          sum += FILTER[k + 2] * plane[y * width + mirrored(x + k, width)];
        }
        rows[y * width + x] = sum;
      }
    }
    float[] both = new float[plane.length];
    for (int y = 0; y < height; y++) {
      for (int k = -2; k <= 2; k++) {
        int from = mirrored(y + k, height) * width;
        for (int x = 0; x < width; x++) {
          both[y * width + x] += FILTER[k + 2] * rows[from + x];
        }
      }
    }
    return both;
  }

  private static int mirrored(int i, int size) {
    int inside = Math.abs(i);
    return inside < size ? inside : 2 * (size - 1) - inside;
  }
}
