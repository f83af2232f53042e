package io.landloom.synthesis.training;

import io.landloom.geo.image.Raster;

/** 8-bit images as networks see them: a plane a band, 0 .. 255 laid over -1 .. 1. */
public final class ImagePlanes {
  private ImagePlanes() {}

  /** Copies an 8-bit image (H, W, bands) to planes (bands, H, W) from a place on. */
  public static void copy(Raster image, float[] target, int from) {
    byte[] samples = image.samples();
    int bands = image.bands();
    int pixels = image.width() * image.height();
    for (int band = 0; band < bands; band++) {
      for (int pixel = 0; pixel < pixels; pixel++) {
        target[from + band * pixels + pixel] = value(samples[pixel * bands + band]);
      }
    }
  }

  /** A sample, 0 to 255, as a number from -1 to 1. */
  static float value(byte sample) {
    return (sample & 0xFF) / 127.5f - 1;
  }
}
