package io.landloom.geo.landcover;

import java.io.Serializable;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A class index per pixel, row-major.
 *
 * <p>The array is not copied: a mask owns the array it is given, and callers must not change it.
 */
public final class ClassMask implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final long EACH_BYTE = 0x0101010101010101L;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final int width;
  private final int height;
  private final byte[] indices;

  /**
   * A mask over an array of class indices.
   *
   * @param width pixels a row
   * @param height rows
   * @param indices {@code width * height} unsigned bytes
   * @throws IllegalArgumentException if the sizes do not agree
   */
  public ClassMask(int width, int height, byte[] indices) {
    if (width < 1 || height < 1 || (long) width * height != indices.length) {
      throw new IllegalArgumentException(
          "mask of " + width + " x " + height + " over " + indices.length + " bytes");
    }
    this.width = width;
    this.height = height;
    this.indices = indices;
  }

  /** Pixels a row. */
  public int width() {
    return width;
  }

  /** Number of rows. */
  public int height() {
    return height;
  }

  /** The class indices, row-major, unsigned; not a copy. */
  public byte[] indices() {
    return indices;
  }

  /** Class index at column x of row y. */
  public int at(int x, int y) {
    return indices[y * width + x] & 0xFF;
  }

  /**
   * A copy of a rectangle.
   *
   * @param x left column
   * @param y upper row
   * @throws IllegalArgumentException if it does not lie inside
   */
  public ClassMask crop(int x, int y, int columns, int rows) {
    if (x < 0 || y < 0 || columns > width - x || rows > height - y) {
      throw new IllegalArgumentException(
          String.format(
              "crop of %d x %d at %d, %d of a mask of %d x %d",
              columns, rows, x, y, width, height));
    }
    byte[] target = new byte[columns * rows];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(indices, (y + row) * width + x, target, row * columns, columns);
    }
    return new ClassMask(columns, rows, target);
  }

  /**
   * Counts the pixels of each class.
   *
   * @throws IllegalArgumentException if a pixel holds an index the scheme does not have
   */
  public ClassCounts counts(LandCoverScheme scheme) {
    int[] histogram = histogram();
    long[] pixels = new long[scheme.size()];
    int[] positions = scheme.positions();
    for (int index = 0; index < 256; index++) {
      if (histogram[index] == 0) {
        continue;
      }
      if (positions[index] < 0) {
        throw new IllegalArgumentException(
            histogram[index] + " pixels of class index " + index + ", not in scheme " + scheme);
      }
      pixels[positions[index]] = histogram[index];
    }
    return new ClassCounts(scheme, pixels);
  }

  /** Pixels by class index; eight at a time where they are of one class, as most are. */
  private int[] histogram() {
    int[] histogram = new int[256];
    int i = 0;
    for (; i + 8 <= indices.length; i += 8) {
      long eight = (long) LONGS.get(indices, i);
      int index = (int) eight & 0xFF;
      if (eight == index * EACH_BYTE) {
        histogram[index] += 8;
      } else {
        for (long rest = eight, count = 0; count < 8; count++, rest >>>= 8) {
          histogram[(int) rest & 0xFF]++;
        }
      }
    }
    for (; i < indices.length; i++) {
      histogram[indices[i] & 0xFF]++;
    }
    return histogram;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ClassMask that
        && width == that.width
        && height == that.height
        && Arrays.equals(indices, that.indices);
  }

  @Override
  public int hashCode() {
    return 31 * width + Arrays.hashCode(indices);
  }

  @Override
  public String toString() {
    return "ClassMask " + width + " x " + height;
  }
}
