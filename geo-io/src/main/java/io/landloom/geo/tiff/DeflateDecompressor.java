package io.landloom.geo.tiff;

import java.io.IOException;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Deflate in its zlib wrapping, the checksum included. */
final class DeflateDecompressor implements Decompressor {
  private static final int LONGEST_TAIL = 1 << 20;

  private final BlockInput input;
  private final Inflater inflater = new Inflater();

  DeflateDecompressor(BlockInput input) {
    this.input = input;
  }

  @Override
  public int read(byte[] target, int offset, int count) throws IOException {
    int at = offset;
    int end = offset + count;
    try {
      while (at < end && !inflater.finished()) {
        int inflated = inflater.inflate(target, at, end - at);
        at += inflated;
        if (inflated == 0 && !inflater.finished() && !feed()) {
          break;
        }
      }
    } catch (DataFormatException e) {
      throw new CorruptBlockException(
          "Deflate: " + e.getMessage() + ", after " + inflater.getBytesWritten() + " bytes", e);
    }
    return at - offset;
  }

  private boolean feed() throws IOException {
    if (inflater.needsDictionary()) {
      throw new CorruptBlockException("Deflate: needs a preset dictionary");
    }
    if (!inflater.needsInput()) {
      throw new CorruptBlockException("Deflate: stream makes no progress");
    }
    input.advance(input.limit());
    if (!input.fill()) {
      return false;
    }
    inflater.setInput(input.piece(), input.position(), input.limit() - input.position());
    return true;
  }

  /** Reads on to the stream's end, where zlib compares the checksum. */
  @Override
  public void finish() throws IOException {
    skip(LONGEST_TAIL);
    if (!inflater.finished()) {
      throw new CorruptBlockException(
          "Deflate: stream does not end after " + inflater.getBytesWritten() + " bytes");
    }
  }

  @Override
  public void close() {
    inflater.end();
  }
}
