package io.landloom.synthesis.measure;

import io.landloom.geo.image.Raster;
import io.landloom.synthesis.SeededStream;
import java.util.List;

/** Ways to spoil an image. */
final class Distortions {
  private Distortions() {}

  /** The image, blurred some times by 1 2 1 over 4 in both directions. */
  static Raster blur(Raster image, int times) {
    byte[] samples = new byte[image.samples().length];
    int pixels = image.width() * image.height();
    for (int band = 0; band < image.bands(); band++) {
      float[] plane = new float[pixels];
      for (int i = 0; i < pixels; i++) {
        plane[i] = image.samples()[i * image.bands() + band] & 0xFF;
      }
      for (int i = 0; i < times; i++) {
        plane = blurred(blurred(plane, image.width(), 1), image.width(), image.width());
      }
      for (int i = 0; i < pixels; i++) {
        samples[i * image.bands() + band] = (byte) Math.round(plane[i]);
      }
    }
    return Raster.ofBytes(image.width(), image.height(), image.bands(), samples);
  }

  /** A square plane, blurred along its rows (step 1) or columns (step width); edges repeat. */
  static float[] blurred(float[] plane, int width, int step) {
    float[] blurred = new float[plane.length];
    for (int i = 0; i < plane.length; i++) {
      int place = step == 1 ? i % width : i / width;
      float before = place == 0 ? plane[i] : plane[i - step];
      float after = place == width - 1 ? plane[i] : plane[i + step];
      blurred[i] = (before + 2 * plane[i] + after) / 4;
    }
    return blurred;
  }

  /** The image with independent normal noise of a standard deviation in grey levels. */
  static Raster noise(Raster image, double deviation, long seed) {
    byte[] samples = new byte[image.samples().length];
    float[] normal = SeededStream.of(List.of("spoiling noise"), seed).normal(samples.length);
    for (int i = 0; i < samples.length; i++) {
      double value = (image.samples()[i] & 0xFF) + deviation * normal[i];
      samples[i] = (byte) Math.round(Math.max(0, Math.min(255, value)));
    }
    return Raster.ofBytes(image.width(), image.height(), image.bands(), samples);
  }

  /** The image with its bands in another order. */
  static Raster swapBands(Raster image) {
    return image.bands(2, 1, 0);
  }
}
