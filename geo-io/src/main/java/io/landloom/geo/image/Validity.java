package io.landloom.geo.image;

import java.util.Arrays;

/** Which pixels of a raster hold data; the array is not copied. */
public final class Validity {
  private final int width;
  private final int height;
  private final byte[] data;

  /**
   * Validity over an array.
   *
   * @param width pixels a row
   * @param height rows
   * @param data a pixel's byte, rows from the top; 0 where the pixel holds no data
   * @throws IllegalArgumentException if the sizes do not agree
   */
  public Validity(int width, int height, byte[] data) {
    if (width < 1 || height < 1 || (long) width * height != data.length) {
      throw new IllegalArgumentException(
          "validity of " + width + " x " + height + " pixels over " + data.length + " bytes");
    }
    this.width = width;
    this.height = height;
    this.data = data;
  }

  /** Pixels a row. */
  public int width() {
    return width;
  }

  /** Number of rows. */
  public int height() {
    return height;
  }

  /** A byte a pixel (height, width), 0 where it holds no data; not a copy. */
  public byte[] data() {
    return data;
  }

  /** Whether a pixel holds data. */
  public boolean holdsData(int x, int y) {
    if (x < 0 || y < 0 || x >= width || y >= height) {
      throw new IllegalArgumentException(
          "pixel " + x + ", " + y + " of a validity of " + width + " x " + height);
    }
    return data[y * width + x] != 0;
  }

  /** Number of pixels that hold data. */
  public int count() {
    int count = 0;
    for (byte pixel : data) {
      count += pixel == 0 ? 0 : 1;
    }
    return count;
  }

  /**
   * A copy of a rectangle.
   *
   * @param x left column
   * @param y upper row
   * @throws IllegalArgumentException if it does not lie inside
   */
  public Validity crop(int x, int y, int columns, int rows) {
    if (x < 0 || y < 0 || columns > width - x || rows > height - y) {
      throw new IllegalArgumentException(
          String.format(
              "crop of %d x %d at %d, %d of a validity of %d x %d",
              columns, rows, x, y, width, height));
    }
    byte[] target = new byte[columns * rows];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(data, (y + row) * width + x, target, row * columns, columns);
    }
    return new Validity(columns, rows, target);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Validity that
        && width == that.width
        && height == that.height
        && Arrays.equals(data, that.data);
  }

  @Override
  public int hashCode() {
    return 31 * width + Arrays.hashCode(data);
  }

  @Override
  public String toString() {
    return "Validity " + width + " x " + height + ", " + count() + " with data";
  }
}
