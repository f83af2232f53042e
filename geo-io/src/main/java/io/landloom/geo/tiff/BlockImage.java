package io.landloom.geo.tiff;

import io.landloom.geo.image.Raster;
import io.landloom.geo.source.ByteSource;
import java.io.IOException;
import java.nio.ByteOrder;

/** The pixels of one IFD, decoded block by block; holds two rows of blocks at most. */
final class BlockImage implements AutoCloseable {
  private static final int WINDOW = 1 << 20;
  private static final int SCATTERED = 1 << 16;
  private static final int GAP = 1 << 10;
  private static final int CACHED_BLOCK_ROW = 64 << 20;

  private final ByteSource source;
  private final TiffLimits limits;
  final TiffLayout layout;
  private final RowRestorer restorer;
  private final byte[] sparseSample;
  private final boolean inPlace; // rows of a block are stored as they are wanted
  private final byte[] blockRows;
  private final byte[] packedRow;
  private final BlockRowCache cache = new BlockRowCache();
  private SourceWindow window;
  private BlockCursor parked;
  private int lastBlockRow; // of the rows that are asked for
  private long runStart; // bytes of blocks that are decoded one after the other
  private long runEnd;

  /**
   * The pixels that a layout describes.
   *
   * @param sparseSample the bytes of a sample of a sparse block, little endian
   */
  BlockImage(
      ByteSource source,
      TiffLimits limits,
      TiffLayout layout,
      ByteOrder order,
      byte[] sparseSample) {
    this.source = source;
    this.limits = limits;
    this.layout = layout;
    this.restorer = new RowRestorer(layout, order);
    this.sparseSample = sparseSample;
    this.inPlace =
        layout.compression == Compression.NONE
            && layout.planes == 1
            && layout.bits >= 8
            && restorer.restoresNothing();
    this.blockRows = layout.wholeRows() ? new byte[0] : new byte[scatteredBytes(layout)];
    this.packedRow = layout.bits < 8 ? new byte[layout.blockRowBytes()] : new byte[0];
  }

  /**
   * Bytes of the rows that are decoded at once before they go to their places.
   *
   * <p>Many: zlib decodes the last bytes of what it is asked for several times slower.
   */
  private static int scatteredBytes(TiffLayout layout) {
    int rowBytes = layout.restoredRowBytes();
    int rows =
        layout.bits < 8 ? 1 : Math.max(1, Math.min(layout.blockHeight, SCATTERED / rowBytes));
    return rows * rowBytes;
  }

  /** Reads whole rows, as {@link TiffReader#rows} does. */
  Raster rows(int y, int count) throws IOException {
    if (y < 0 || count < 1 || count > layout.height - y) {
      throw new IllegalArgumentException(
          String.format(
              "%s: rows %d to %d of %d", source.name(), y, (long) y + count - 1, layout.height));
    }
    long bytes = Math.multiplyExact((long) layout.rowBytes(), count);
    if (bytes > limits.requestBytes()) {
      throw layout.refusal(
          String.format(
              "%d rows of %d pixels are %d bytes, more than the %d that this memory allows at once;"
                  + " ask for fewer rows, or give a larger heap",
              count, layout.width, bytes, limits.requestBytes()));
    }
    byte[] samples = new byte[(int) bytes];
    lastBlockRow = (y + count - 1) / layout.blockHeight;
    runEnd = 0;
    int row = y;
    while (row < y + count) {
      int blockRow = row / layout.blockHeight;
      int first = row - blockRow * layout.blockHeight;
      int take = Math.min(layout.imageRows(blockRow) - first, y + count - row);
      copy(blockRow, first, take, samples, (row - y) * layout.rowBytes());
      row += take;
    }
    return new Raster(layout.width, count, layout.bands, layout.type, samples);
  }

  private void copy(int blockRow, int first, int rows, byte[] target, int offset)
      throws IOException {
    int all = layout.imageRows(blockRow);
    long bytes = (long) all * layout.rowBytes();
    byte[] cached = cache.rows(blockRow);
    boolean direct =
        rows == all || layout.compression == Compression.NONE || bytes > CACHED_BLOCK_ROW;
    if (cached == null && !direct) {
      cached = cache.space((int) bytes);
      decode(blockRow, 0, all, cached, 0);
      cache.filled(blockRow);
    }
    if (cached != null) {
      int rowBytes = layout.rowBytes();
      System.arraycopy(cached, first * rowBytes, target, offset, rows * rowBytes);
    } else {
      decode(blockRow, first, rows, target, offset);
    }
  }

  private void decode(int blockRow, int first, int rows, byte[] target, int offset)
      throws IOException {
    for (int plane = 0; plane < layout.planes; plane++) {
      for (int column = 0; column < layout.across; column++) {
        int block = layout.block(plane, blockRow, column);
        if (layout.sparse(block)) {
          fill(plane, column, rows, target, offset);
        } else {
          decode(block, plane, column, first, rows, target, offset);
        }
      }
    }
  }

  private void decode(
      int block, int plane, int column, int first, int rows, byte[] target, int offset)
      throws IOException {
    if (window == null) {
      window = new SourceWindow(source, WINDOW);
    }
    lookAhead(block, first, rows);
    BlockCursor cursor = cursor(block, first);
    try {
      cursor.skipTo(first);
      if (layout.wholeRows()) {
        cursor.read(target, offset, rows);
        restorer.restore(target, offset, layout.blockRowBytes(), rows);
      } else {
        scatter(cursor, plane, column, rows, target, offset);
      }
      if (cursor.row() == layout.imageRows(block / layout.across % layout.down)) {
        cursor.finish();
      } else if (layout.across == 1 && layout.planes == 1) {
        parked = cursor;
      }
    } finally {
      if (parked != cursor) {
        cursor.close();
      }
    }
  }

  /** Gives the pixels of a sparse block their value. */
  private void fill(int plane, int column, int rows, byte[] target, int offset) {
    int sampleBytes = layout.type.bytes();
    int x = column * layout.blockWidth;
    int pixels = Math.min(layout.blockWidth, layout.width - x);
    int first = offset + x * layout.bands * sampleBytes;
    if (layout.planes == 1) {
      int bytes = pixels * layout.bands * sampleBytes;
      repeatSample(target, first, bytes);
      for (int row = 1; row < rows; row++) {
        System.arraycopy(target, first, target, first + row * layout.rowBytes(), bytes);
      }
    } else {
      repeatSample(blockRows, 0, pixels * sampleBytes);
      for (int row = 0; row < rows; row++) {
        interleave(0, pixels, target, first + row * layout.rowBytes() + plane * sampleBytes);
      }
    }
  }

  /** Fills whole samples by doubling what is there: one copy a sample takes many times longer. */
  private void repeatSample(byte[] target, int from, int bytes) {
    System.arraycopy(sparseSample, 0, target, from, sparseSample.length);
    for (int done = sparseSample.length; done < bytes; done *= 2) {
      System.arraycopy(target, from, target, from + done, Math.min(done, bytes - done));
    }
  }

  /** The cursor left in the same block at or above a row, or a new one. */
  private BlockCursor cursor(int block, int first) throws IOException {
    BlockCursor left = parked;
    parked = null;
    if (left != null && left.block() == block && left.row() <= first) {
      return left;
    }
    if (left != null) {
      left.close();
    }
    return BlockCursor.open(layout, block, window);
  }

  /** Keeps the window from bytes that are not wanted: on HDFS each is sent and summed. */
  private void lookAhead(int block, int first, int rows) {
    long start = layout.offset(block);
    long end = start + layout.byteCount(block);
    boolean part = first + rows < layout.imageRows(block / layout.across % layout.down);
    if (layout.compression == Compression.NONE && part) {
      end = start + (long) (first + rows) * layout.blockRowBytes();
    } else if (start < runStart || end > runEnd) {
      runStart = start;
      runEnd = end = runEnd(block, end);
    } else {
      end = runEnd;
    }
    window.horizon(end);
  }

  /** End of the blocks that follow one without a gap worth skipping, as far as asked for. */
  private long runEnd(int block, long blockEnd) {
    int perPlane = layout.across * layout.down;
    int last = block - block % perPlane + (lastBlockRow + 1) * layout.across - 1;
    long end = blockEnd;
    for (int next = block + 1; next <= last; next++) {
      if (!layout.sparse(next)) {
        long gap = layout.offset(next) - end;
        if (gap < 0 || gap > GAP) {
          break;
        }
        end = layout.offset(next) + layout.byteCount(next);
      }
    }
    return end;
  }

  private void scatter(
      BlockCursor cursor, int plane, int column, int rows, byte[] target, int offset)
      throws IOException {
    int x = column * layout.blockWidth;
    int pixels = Math.min(layout.blockWidth, layout.width - x);
    int pixelBytes = layout.bands * layout.type.bytes();
    int to = offset + x * pixelBytes;
    if (inPlace && pixels == layout.blockWidth) {
      for (int row = 0; row < rows; row++, to += layout.rowBytes()) {
        cursor.read(target, to, 1);
      }
      return;
    }
    int rowBytes = layout.restoredRowBytes();
    int most = blockRows.length / rowBytes;
    for (int row = 0; row < rows; row += most) {
      int count = Math.min(most, rows - row);
      readRows(cursor, count);
      for (int from = 0; from < count * rowBytes; from += rowBytes, to += layout.rowBytes()) {
        if (layout.planes == 1) {
          System.arraycopy(blockRows, from, target, to, pixels * pixelBytes);
        } else {
          interleave(from, pixels, target, to + plane * layout.type.bytes());
        }
      }
    }
  }

  private void readRows(BlockCursor cursor, int count) throws IOException {
    if (layout.bits < 8) {
      cursor.read(packedRow, 0, 1);
      unpack();
    } else {
      cursor.read(blockRows, 0, count);
      restorer.restore(blockRows, 0, layout.restoredRowBytes(), count);
    }
  }

  /** Makes whole samples of packed ones, which lie in their bytes from the highest bit on. */
  private void unpack() {
    int bits = layout.bits;
    int mask = (1 << bits) - 1;
    for (int sample = 0; sample < blockRows.length; sample++) {
      int bit = sample * bits;
      blockRows[sample] = (byte) (packedRow[bit >> 3] >> (8 - bits - (bit & 7)) & mask);
    }
  }

  private void interleave(int first, int pixels, byte[] target, int offset) {
    int sampleBytes = layout.type.bytes();
    int step = layout.bands * sampleBytes;
    for (int part = 0; part < sampleBytes; part++) {
      int to = offset + part;
      int end = first + pixels * sampleBytes;
      for (int from = first + part; from < end; from += sampleBytes, to += step) {
        target[to] = blockRows[from];
      }
    }
  }

  /** Lets go of a block that is not decoded to its end; the source stays open. */
  @Override
  public void close() {
    if (parked != null) {
      parked.close();
      parked = null;
    }
  }
}
