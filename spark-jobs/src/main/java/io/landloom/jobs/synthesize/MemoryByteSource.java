package io.landloom.jobs.synthesize;

import io.landloom.geo.source.ByteSource;
import java.io.EOFException;
import java.io.IOException;

/** Bytes in memory, read by range. */
final class MemoryByteSource implements ByteSource {
  private final String name;
  private final byte[] bytes;

  MemoryByteSource(String name, byte[] bytes) {
    this.name = name;
    this.bytes = bytes;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long length() {
    return bytes.length;
  }

  @Override
  public void read(long position, byte[] target, int offset, int length) throws IOException {
    if (position < 0 || position + length > bytes.length) {
      throw new EOFException(
          name + ": " + length + " bytes at " + position + " of " + bytes.length);
    }
    System.arraycopy(bytes, (int) position, target, offset, length);
  }

  @Override
  public void close() {
    // nothing is held but the bytes
  }
}
