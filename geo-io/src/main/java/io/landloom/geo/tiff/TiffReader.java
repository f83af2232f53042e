package io.landloom.geo.tiff;

import io.landloom.geo.image.Raster;
import io.landloom.geo.scene.SceneHeader;
import io.landloom.geo.scene.SceneReader;
import io.landloom.geo.source.ByteSource;
import io.landloom.geo.source.SceneFormatException;
import java.io.IOException;

/**
 * Reads the rows of a TIFF or BigTIFF, block by block, within {@link TiffLimits}.
 *
 * <p>Strips or tiles; bands interleaved or in planes of their own; 1 to 16 bands of unsigned 8 or
 * 16 bits; gray, RGB, palette and CMYK images with any extra samples, all as stored and without
 * colour conversion; no compression, LZW, Deflate or PackBits, with predictor 1 or 2. The image is
 * the first IFD that is neither an overview nor a mask. Everything else is refused by name when the
 * file is opened, and so is a file whose blocks do not lie inside it or could not hold the pixels
 * they should. A block that decodes to fewer bytes than it should is an error, never zeros.
 *
 * <p>The georeference is known where the file gives an affine transform and an EPSG code in metres
 * or degrees; a user-defined CRS counts as none.
 *
 * <p>Not safe for several threads.
 */
public final class TiffReader implements SceneReader {
  private static final int WINDOW = 1 << 20;
  private static final int CACHED_BLOCK_ROW = 64 << 20;

  private final ByteSource source;
  private final TiffLimits limits;
  private final SceneHeader header;
  private final TiffLayout layout;
  private final RowRestorer restorer;
  private final byte[] blockRow;
  private final BlockRowCache cache = new BlockRowCache();
  private SourceWindow window;
  private BlockCursor parked;

  private TiffReader(ByteSource source, TiffLimits limits) throws IOException {
    this.source = source;
    this.limits = limits;
    IfdChain chain = IfdChain.parse(source, limits);
    Ifd image = chain.image();
    this.layout = TiffLayout.of(image, limits, source.length());
    this.header =
        new SceneHeader(
            "TIFF",
            layout.width,
            layout.height,
            layout.bands,
            layout.type,
            layout.palette(),
            GeoKeys.georeference(image),
            SceneHeader.Storage.of(layout.compression.name(), layout.description()));
    this.restorer = new RowRestorer(layout, chain.order());
    this.blockRow = layout.wholeRows() ? new byte[0] : new byte[layout.blockRowBytes()];
  }

  /**
   * Opens a TIFF and reads its directories; the source is the reader's to close, also when this
   * fails.
   *
   * @throws SceneFormatException if the file is damaged, over the limits or not supported; the
   *     message names file, IFD and tag or block
   * @throws IOException if it cannot be read
   */
  public static TiffReader open(ByteSource source, TiffLimits limits) throws IOException {
    try {
      return new TiffReader(source, limits);
    } catch (IOException | RuntimeException e) {
      try {
        source.close();
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  @Override
  public SceneHeader header() {
    return header;
  }

  @Override
  public int blockRows() {
    return layout.compression == Compression.NONE ? 1 : layout.blockHeight;
  }

  @Override
  public Raster rows(int y, int count) throws IOException {
    if (y < 0 || count < 1 || count > layout.height - y) {
      throw new IllegalArgumentException(
          String.format(
              "%s: rows %d to %d of %d", source.name(), y, (long) y + count - 1, layout.height));
    }
    long bytes = Math.multiplyExact((long) layout.rowBytes(), count);
    if (bytes > limits.blockBytes()) {
      throw layout.refusal(
          String.format(
              "%d rows of %d bytes exceed the limit of %d", count, bytes, limits.blockBytes()));
    }
    byte[] samples = new byte[(int) bytes];
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
        BlockCursor cursor = cursor(block, first);
        try {
          cursor.skipTo(first);
          if (layout.wholeRows()) {
            cursor.read(target, offset, rows);
            restorer.restore(target, offset, layout.blockRowBytes(), rows);
          } else {
            scatter(cursor, plane, column, rows, target, offset);
          }
          if (first + rows == layout.imageRows(blockRow)) {
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
    if (window == null) {
      window = new SourceWindow(source, WINDOW);
    }
    return BlockCursor.open(layout, block, window);
  }

  private void scatter(
      BlockCursor cursor, int plane, int column, int rows, byte[] target, int offset)
      throws IOException {
    int x = column * layout.blockWidth;
    int pixels = Math.min(layout.blockWidth, layout.width - x);
    int pixelBytes = layout.bands * layout.type.bytes();
    int to = offset + x * pixelBytes;
    for (int row = 0; row < rows; row++, to += layout.rowBytes()) {
      cursor.read(blockRow, 0, 1);
      restorer.restore(blockRow, 0, blockRow.length, 1);
      if (layout.planes == 1) {
        System.arraycopy(blockRow, 0, target, to, pixels * pixelBytes);
      } else {
        interleave(pixels, target, to + plane * layout.type.bytes());
      }
    }
  }

  private void interleave(int pixels, byte[] target, int offset) {
    int sampleBytes = layout.type.bytes();
    int step = layout.bands * sampleBytes;
    for (int part = 0; part < sampleBytes; part++) {
      int to = offset + part;
      for (int from = part; from < pixels * sampleBytes; from += sampleBytes, to += step) {
        target[to] = blockRow[from];
      }
    }
  }

  @Override
  public void close() throws IOException {
    if (parked != null) {
      parked.close();
      parked = null;
    }
    source.close();
  }
}
