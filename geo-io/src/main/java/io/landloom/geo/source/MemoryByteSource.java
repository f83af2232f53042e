package io.landloom.geo.source;

import java.io.EOFException;
import java.io.IOException;

/** Bytes in memory, read by range. */
public class MemoryByteSource implements ByteSource {
  private final String name;
  private final byte[] bytes;

  /**
   * A source over an array, which is not copied.
   *
   * @param name where the bytes came from, for messages
   */
  public MemoryByteSource(String name, byte[] bytes) {
    this.name = name;
    this.bytes = bytes;
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final long length() {
    return bytes.length;
  }

  @Override
  public void read(long position, byte[] target, int offset, int length) throws IOException {
    if (position < 0 || position > bytes.length - length) {
      throw new EOFException(
          name + ": " + length + " bytes at " + position + " of " + bytes.length);
    }
    System.arraycopy(bytes, (int) position, target, offset, length);
  }

  /** Frees nothing: only the bytes are held. */
  @Override
  public void close() {}
}
