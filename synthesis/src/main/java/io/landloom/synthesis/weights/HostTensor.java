package io.landloom.synthesis.weights;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * A tensor in Java's memory, row-major float32.
 *
 * <p>The array is not copied: the tensor owns the array it is given.
 */
public final class HostTensor {
  private final long[] shape;
  private final float[] values;

  /**
   * A tensor over an array.
   *
   * @throws IllegalArgumentException if shape and array do not agree
   */
  public HostTensor(long[] shape, float[] values) {
    if (elements(shape) != values.length) {
      throw new IllegalArgumentException(
          "tensor " + describe(shape) + " over " + values.length + " values");
    }
    this.shape = shape.clone();
    this.values = values;
  }

  /** Number of elements of a shape. */
  static long elements(long[] shape) {
    long elements = 1;
    for (long size : shape) {
      elements = Math.multiplyExact(elements, size);
    }
    return elements;
  }

  /** A shape as text: (2, 3). */
  static String describe(long[] shape) {
    return Arrays.stream(shape)
        .mapToObj(Long::toString)
        .collect(Collectors.joining(", ", "(", ")"));
  }

  /** Sizes of the dimensions, outermost first. */
  public long[] shape() {
    return shape.clone();
  }

  /** The elements; not a copy. */
  public float[] values() {
    return values;
  }

  /** Whether the shapes are equal. */
  public boolean hasShape(long... expected) {
    return Arrays.equals(shape, expected);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof HostTensor that
        && Arrays.equals(shape, that.shape)
        && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(shape) + Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return "tensor " + describe(shape);
  }
}
