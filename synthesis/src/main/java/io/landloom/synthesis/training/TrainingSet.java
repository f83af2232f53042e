package io.landloom.synthesis.training;

import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.ClassMask;

/** Labelled patches to train on; item i is the same on every call. */
public interface TrainingSet {
  /** Number of items. */
  int size();

  /** 8-bit image of item i. */
  Raster image(int i);

  /** Class index per pixel of item i. */
  ClassMask mask(int i);

  /** Words in one line that somebody wrote about item i; empty where nobody did. */
  default String caption(int i) {
    return "";
  }
}
