package io.landloom.synthesis.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/** One-hot maps of a batch of masks at the sizes a network asks for, resized by nearest pixel. */
public final class ClassMaps {
  private final NDManager manager;
  private final byte[] positions;
  private final int batch;
  private final int size;
  private final int classes;
  private final NDArray classNumbers; // (1, K+1, 1, 1)
  private final Map<Integer, NDArray> oneHots = new HashMap<>();

  /**
   * The maps of a batch.
   *
   * @param positions (B, size, size) class positions
   * @param classes number of positions, unknown (the last) included
   */
  public ClassMaps(NDManager manager, byte[] positions, int size, int classes) {
    this.manager = manager;
    this.positions = positions;
    this.batch = positions.length / (size * size);
    this.size = size;
    this.classes = classes;
    byte[] numbers = new byte[classes];
    for (int i = 0; i < classes; i++) {
      numbers[i] = (byte) i;
    }
    this.classNumbers = bytes(numbers, new Shape(1, classes, 1, 1));
  }

  private NDArray bytes(byte[] values, Shape shape) {
    return manager.create(ByteBuffer.wrap(values), shape, DataType.UINT8);
  }

  /** Images in the batch. */
  public int batch() {
    return batch;
  }

  /** One-hot map (B, K+1, target, target); {@code target} divides the masks' size. */
  public NDArray oneHot(int target) {
    return oneHots.computeIfAbsent(target, this::newOneHot);
  }

  private NDArray newOneHot(int target) {
    NDArray pixels = bytes(resized(target), new Shape(batch, 1, target, target));
    return pixels.eq(classNumbers).toType(DataType.FLOAT32, false);
  }

  /**
   * Class positions (B, target, target), row-major; {@code target} divides the masks' size. Not to
   * be written to.
   */
  public byte[] resized(int target) {
    if (target == size) {
      return positions;
    }
    int step = size / target;
    byte[] small = new byte[batch * target * target];
    for (int i = 0; i < small.length; i++) {
      int x = i % target;
      int row = i / target; // over all images
      small[i] = positions[row * step * size + x * step];
    }
    return small;
  }

  /** One-hot map (B, K, size, size) of the valid classes: all 0 at unknown pixels. */
  public NDArray valid() {
    return oneHot(size).get(new NDIndex(":, 0:" + (classes - 1)));
  }

  /**
   * The map {@link #valid} times the weight of each pixel's class.
   *
   * @param weights one a valid class; none for weights of 1
   */
  public NDArray weighted(float[] weights) {
    return weights.length == 0
        ? valid()
        : valid().mul(manager.create(weights, new Shape(1, weights.length, 1, 1)));
  }
}
