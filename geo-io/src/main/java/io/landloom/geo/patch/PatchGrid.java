package io.landloom.geo.patch;

import java.io.Serializable;

/**
 * The patches of a scene: squares every {@code stride} pixels that lie wholly inside it.
 *
 * @param width columns of the scene
 * @param height rows of the scene
 * @param size side of a patch, in pixels
 * @param stride distance between patches, in pixels; equal to size for no overlap
 */
public record PatchGrid(int width, int height, int size, int stride) implements Serializable {
  /** Checks the ranges. */
  public PatchGrid {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException("scene of " + width + " x " + height);
    }
    if (size < 1 || stride < 1) {
      throw new IllegalArgumentException("patch size " + size + ", stride " + stride);
    }
  }

  /** Rows of patches. */
  public int rows() {
    return count(height);
  }

  /** Columns of patches. */
  public int columns() {
    return count(width);
  }

  /** All patches of the scene. */
  public long patches() {
    return (long) rows() * columns();
  }

  /** The rectangle of a patch. */
  public PatchWindow window(int row, int column) {
    if (row < 0 || row >= rows() || column < 0 || column >= columns()) {
      throw new IllegalArgumentException(
          "patch " + row + ", " + column + " of a grid of " + rows() + " x " + columns());
    }
    return new PatchWindow(column * stride, row * stride, size, size);
  }

  private int count(int extent) {
    return extent < size ? 0 : (extent - size) / stride + 1;
  }
}
