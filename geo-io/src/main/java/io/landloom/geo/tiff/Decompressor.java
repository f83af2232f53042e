package io.landloom.geo.tiff;

import java.io.IOException;

/** Decodes one block as a stream, so that a block of any size needs no buffer of its size. */
sealed interface Decompressor extends AutoCloseable
    permits StoredDecompressor,
        LzwDecompressor,
        DeflateDecompressor,
        PackBitsDecompressor,
        JpegDecompressor,
        ZstdDecompressor,
        LzmaDecompressor {

  /**
   * Decodes the next bytes.
   *
   * @return how many; fewer than asked only where the block ends
   * @throws CorruptBlockException if the stored bytes do not decode
   */
  int read(byte[] target, int offset, int count) throws IOException;

  /** Passes over decoded bytes; returns how many, fewer than asked only where the block ends. */
  default long skip(long count) throws IOException {
    byte[] scratch = new byte[(int) Math.min(count, 8192)];
    long skipped = 0;
    while (skipped < count) {
      int wanted = (int) Math.min(scratch.length, count - skipped);
      int read = read(scratch, 0, wanted);
      skipped += read;
      if (read < wanted) {
        break;
      }
    }
    return skipped;
  }

  /** Checks what the format stores behind the last byte, such as a checksum. */
  default void finish() throws IOException {}

  @Override
  default void close() {}
}
