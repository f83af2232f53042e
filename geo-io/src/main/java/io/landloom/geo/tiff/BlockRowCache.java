package io.landloom.geo.tiff;

/** The two rows of blocks decoded last, for requests that end inside a block. */
final class BlockRowCache {
  private static final int NONE = -1;

  private final byte[][] rows = new byte[2][];
  private final int[] numbers = {NONE, NONE};
  private int oldest;

  /** The decoded pixels of a row of blocks, null if they are not here. */
  byte[] rows(int blockRow) {
    if (numbers[0] == blockRow) {
      return rows[0];
    }
    return numbers[1] == blockRow ? rows[1] : null;
  }

  /** The array of the older row, of at least so many bytes, to decode another one into. */
  byte[] space(int bytes) {
    numbers[oldest] = NONE;
    if (rows[oldest] == null || rows[oldest].length < bytes) {
      rows[oldest] = null;
      rows[oldest] = new byte[bytes];
    }
    return rows[oldest];
  }

  /** Says that the array of {@link #space} now holds a row of blocks. */
  void filled(int blockRow) {
    numbers[oldest] = blockRow;
    oldest = 1 - oldest;
  }
}
