package io.landloom.synthesis.segment;

import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.synthesis.training.TrainingSet;

/** A training set of one mask, whose image is black. */
record OneMask(int edge, byte[] indices) implements TrainingSet {
  @Override
  public int size() {
    return 1;
  }

  @Override
  public Raster image(int i) {
    return Raster.ofBytes(edge, edge, 3, new byte[3 * indices.length]);
  }

  @Override
  public ClassMask mask(int i) {
    return new ClassMask(edge, edge, indices);
  }
}
