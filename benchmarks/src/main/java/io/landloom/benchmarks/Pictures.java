package io.landloom.benchmarks;

import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.LandCoverScheme;
import java.util.Random;

/** Pixels that compress about as those of a scene do: textured imagery, and labels in areas. */
final class Pictures {
  private static final int SEED = 20261120;

  private Pictures() {}

  /** RGB of slow waves and sensor noise. */
  static Raster image(int width, int height) {
    Random random = new Random(SEED);
    byte[] samples = new byte[3 * width * height];
    for (int i = 0; i < width * height; i++) {
      int x = i % width;
      int y = i / width;
      double wave = 30 * Math.sin(x / 41.0) + 25 * Math.cos(y / 29.0);
      double grain = 7 * random.nextGaussian();
      for (int band = 0; band < 3; band++) {
        double level = 110 + wave + grain + 4 * random.nextGaussian() + 10 * band;
        samples[3 * i + band] = (byte) Math.max(0, Math.min(255, level));
      }
    }
    return Raster.ofBytes(width, height, 3, samples);
  }

  /** Class indices in areas of some dozen pixels, with waves for borders. */
  static byte[] indices(int width, int height, int classes) {
    byte[] indices = new byte[width * height];
    for (int i = 0; i < indices.length; i++) {
      int x = i % width;
      int y = i / width;
      double column = (x + 9 * Math.sin(y / 13.0)) / 53;
      double row = (y + 7 * Math.cos(x / 17.0)) / 47;
      indices[i] = (byte) Math.floorMod((int) column * 7 + (int) row * 3, classes);
    }
    return indices;
  }

  /** The same in the scheme's colours. */
  static Raster label(int width, int height, LandCoverScheme scheme) {
    return Raster.ofBytes(width, height, 1, indices(width, height, scheme.size()))
        .colored(scheme.palette());
  }
}
