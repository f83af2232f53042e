package io.landloom.synthesis.diffusion.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.training.ClassMaps;

/** What a ControlNet sees of a mask: a plane a class, one of unknown, and one of the boundaries. */
public final class ControlImage {
  private ControlImage() {}

  /**
   * Number of planes.
   *
   * @param positions class positions, unknown included
   */
  public static int channels(int positions) {
    return positions + 1;
  }

  /**
   * The image of masks.
   *
   * @param positions (B, size, size)
   * @param classes number of positions, unknown included
   * @return (B, classes + 1, size, size) of 0 and 1; a pixel is of a boundary where the one to its
   *     right or below it has another class
   */
  public static NDArray of(NDManager manager, byte[] positions, int size, int classes) {
    ClassMaps maps = new ClassMaps(manager, positions, size, classes);
    float[] boundary = new float[positions.length];
    for (int pixel = 0; pixel < boundary.length; pixel++) {
      boolean right = pixel % size < size - 1 && positions[pixel] != positions[pixel + 1];
      boolean below = pixel / size % size < size - 1 && positions[pixel] != positions[pixel + size];
      boundary[pixel] = right || below ? 1 : 0;
    }
    NDArray plane = manager.create(boundary, new Shape(maps.batch(), 1, size, size));
    return NDArrays.concat(new NDList(maps.oneHot(size), plane), 1);
  }
}
