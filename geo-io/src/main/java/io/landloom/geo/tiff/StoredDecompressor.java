package io.landloom.geo.tiff;

import java.io.IOException;

/** Blocks stored as they are. */
final class StoredDecompressor implements Decompressor {
  private final BlockInput input;

  StoredDecompressor(BlockInput input) {
    this.input = input;
  }

  @Override
  public int read(byte[] target, int offset, int count) throws IOException {
    return input.read(target, offset, count);
  }

  @Override
  public long skip(long count) {
    return input.skip(count);
  }
}
