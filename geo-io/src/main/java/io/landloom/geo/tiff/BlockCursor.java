package io.landloom.geo.tiff;

import io.landloom.geo.source.SceneFormatException;
import java.io.IOException;

/** One block being decoded row by row. */
final class BlockCursor implements AutoCloseable {
  private final TiffLayout layout;
  private final int block;
  private final Decompressor decompressor;
  private int row;

  private BlockCursor(TiffLayout layout, int block, Decompressor decompressor) {
    this.layout = layout;
    this.block = block;
    this.decompressor = decompressor;
  }

  static BlockCursor open(TiffLayout layout, int block, SourceWindow window) throws IOException {
    BlockInput input = new BlockInput(window, layout.offset(block), layout.byteCount(block));
    try {
      return new BlockCursor(layout, block, layout.compression.open(input, layout, block));
    } catch (CorruptBlockException e) {
      throw refusal(layout, block, e);
    }
  }

  int block() {
    return block;
  }

  /** Next row of the block. */
  int row() {
    return row;
  }

  /** Passes over rows up to one. */
  void skipTo(int target) throws IOException {
    long wanted = Math.multiplyExact((long) layout.blockRowBytes(), target - row);
    try {
      expect(wanted, decompressor.skip(wanted));
    } catch (CorruptBlockException e) {
      throw refusal(layout, block, e);
    }
    row = target;
  }

  /** Decodes the next rows. */
  void read(byte[] target, int offset, int rows) throws IOException {
    int wanted = Math.multiplyExact(layout.blockRowBytes(), rows);
    try {
      expect(wanted, decompressor.read(target, offset, wanted));
    } catch (CorruptBlockException e) {
      throw refusal(layout, block, e);
    }
    row += rows;
  }

  /** Passes over padding, where there is any, and checks the block's end. */
  void finish() throws IOException {
    try {
      decompressor.skip(layout.paddingBytes(block));
      decompressor.finish();
    } catch (CorruptBlockException e) {
      throw refusal(layout, block, e);
    }
  }

  private void expect(long wanted, long decoded) throws SceneFormatException {
    if (decoded < wanted) {
      throw layout.refusal(
          block,
          String.format(
              "ends after %d of %d bytes (%s)",
              (long) row * layout.blockRowBytes() + decoded,
              layout.decodedBytes(block),
              layout.compression));
    }
  }

  private static SceneFormatException refusal(
      TiffLayout layout, int block, CorruptBlockException cause) {
    SceneFormatException refusal = layout.refusal(block, "is corrupt: " + cause.getMessage());
    refusal.initCause(cause);
    return refusal;
  }

  @Override
  public void close() {
    decompressor.close();
  }
}
