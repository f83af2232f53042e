package io.landloom.geo.tiff;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.IOException;

/** Zstandard frames (RFC 8878) with windows of at most 128 MiB. */
final class ZstdDecompressor implements Decompressor {
  private static final int LARGEST_WINDOW = 27;
  private static final int LONGEST_TAIL = 1 << 20;

  private final ZstdInputStreamNoFinalizer stream;

  ZstdDecompressor(BlockInput input) throws IOException {
    this.stream = new ZstdInputStreamNoFinalizer(input.stream()).setLongMax(LARGEST_WINDOW);
  }

  @Override
  public int read(byte[] target, int offset, int count) throws IOException {
    try {
      return stream.readNBytes(target, offset, count);
    } catch (ZstdIOException e) {
      throw new CorruptBlockException("Zstd: " + e.getMessage(), e);
    }
  }

  /** Reads on to the end of the last frame, where its checksum is compared if it has one. */
  @Override
  public void finish() throws IOException {
    if (skip(LONGEST_TAIL) == LONGEST_TAIL) {
      throw new CorruptBlockException("Zstd: more than " + LONGEST_TAIL + " bytes too many");
    }
  }

  @Override
  public void close() {
    try {
      stream.close();
    } catch (IOException e) {
      throw new IllegalStateException("closing a stream over a block, which closes nothing", e);
    }
  }
}
