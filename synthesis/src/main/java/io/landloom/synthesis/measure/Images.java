package io.landloom.synthesis.measure;

import io.landloom.geo.image.Raster;

/** Images to measure, all of one size and with 8-bit samples; image i is the same on every call. */
public interface Images {
  /** Number of images. */
  int size();

  /** Image i. */
  Raster image(int i);
}
