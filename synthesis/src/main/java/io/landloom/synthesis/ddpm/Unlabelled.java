package io.landloom.synthesis.ddpm;

import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.synthesis.training.TrainingSet;
import java.util.Arrays;

/**
 * The images of a set as if they had no labels.
 *
 * @param all the set, whose masks are never asked for
 * @param edge pixels along an edge of every image
 * @param unknown class index of pixels without a label
 */
record Unlabelled(TrainingSet all, int edge, int unknown) implements TrainingSet {
  @Override
  public int size() {
    return all.size();
  }

  @Override
  public Raster image(int i) {
    return all.image(i);
  }

  @Override
  public ClassMask mask(int i) {
    byte[] indices = new byte[edge * edge];
    Arrays.fill(indices, (byte) unknown);
    return new ClassMask(edge, edge, indices);
  }
}
