package io.landloom.geo.tiff;

import java.io.EOFException;
import java.io.IOException;
import org.tukaani.xz.BasicArrayCache;
import org.tukaani.xz.SingleXZInputStream;
import org.tukaani.xz.XZIOException;

/** LZMA2 in its xz wrapping, checksums included, with dictionaries of at most 64 MiB. */
final class LzmaDecompressor implements Decompressor {
  private static final int LARGEST_KIBIBYTES = 66 * 1024;
  private static final int LONGEST_TAIL = 1 << 20;

  private final SingleXZInputStream stream;

  LzmaDecompressor(BlockInput input) throws IOException {
    try {
      this.stream =
          new SingleXZInputStream(
              input.stream(), LARGEST_KIBIBYTES, true, BasicArrayCache.getInstance());
    } catch (XZIOException | EOFException e) {
      throw corrupt(e);
    }
  }

  private static CorruptBlockException corrupt(IOException cause) {
    String problem = cause.getMessage() == null ? "ends early or is damaged" : cause.getMessage();
    return new CorruptBlockException("LZMA: " + problem, cause);
  }

  @Override
  public int read(byte[] target, int offset, int count) throws IOException {
    try {
      return stream.readNBytes(target, offset, count);
    } catch (XZIOException | EOFException e) {
      throw corrupt(e);
    }
  }

  /** Reads on to the stream's footer, behind its checksums. */
  @Override
  public void finish() throws IOException {
    if (skip(LONGEST_TAIL) == LONGEST_TAIL) {
      throw new CorruptBlockException("LZMA: more than " + LONGEST_TAIL + " bytes too many");
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
