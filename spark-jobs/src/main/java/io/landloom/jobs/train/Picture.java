package io.landloom.jobs.train;

import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.landcover.LandCoverClass;
import io.landloom.geo.landcover.LandCoverScheme;

/**
 * A picture of a sheet.
 *
 * @param width pixels a row
 * @param height rows of pixels
 * @param rgb colours as 0xRRGGBB, row-major
 */
record Picture(int width, int height, int[] rgb) {
  /** The first three bands of an 8-bit image, or its first in grey. */
  static Picture of(Raster image) {
    byte[] samples = image.samples();
    int bands = image.bands();
    int[] rgb = new int[image.width() * image.height()];
    for (int pixel = 0; pixel < rgb.length; pixel++) {
      for (int band = 0; band < 3; band++) {
        int sample = samples[pixel * bands + (bands < 3 ? 0 : band)] & 0xFF;
        rgb[pixel] = rgb[pixel] << 8 | sample;
      }
    }
    return new Picture(image.width(), image.height(), rgb);
  }

  /** A mask in the colours of its classes. */
  static Picture of(ClassMask mask, LandCoverScheme scheme) {
    int[] colors = new int[256];
    for (LandCoverClass landCoverClass : scheme.classes()) {
      colors[landCoverClass.index()] = landCoverClass.rgb();
    }
    byte[] indices = mask.indices();
    int[] rgb = new int[indices.length];
    for (int pixel = 0; pixel < rgb.length; pixel++) {
      rgb[pixel] = colors[indices[pixel] & 0xFF];
    }
    return new Picture(mask.width(), mask.height(), rgb);
  }

  /** Positions of valid classes in the colours of their classes. */
  static Picture of(byte[] positions, int width, LandCoverScheme scheme) {
    int[] rgb = new int[positions.length];
    for (int pixel = 0; pixel < rgb.length; pixel++) {
      rgb[pixel] = scheme.validClasses().get(positions[pixel] & 0xFF).rgb();
    }
    return new Picture(width, positions.length / width, rgb);
  }
}
