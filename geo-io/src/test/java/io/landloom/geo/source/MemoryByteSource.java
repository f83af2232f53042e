package io.landloom.geo.source;

import java.io.EOFException;
import java.io.IOException;

/** A file in memory that counts its reads and knows whether it was closed. */
public final class MemoryByteSource implements ByteSource {
  private final String name;
  private final byte[] bytes;
  private int reads;
  private long bytesRead;
  private boolean closed;

  /** A file of these bytes. */
  public MemoryByteSource(String name, byte[] bytes) {
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
    if (position < 0 || position > bytes.length - length) {
      throw new EOFException(name + ": " + length + " bytes at " + position);
    }
    System.arraycopy(bytes, (int) position, target, offset, length);
    reads++;
    bytesRead += length;
  }

  @Override
  public void close() {
    closed = true;
  }

  /** How often bytes were asked for. */
  public int reads() {
    return reads;
  }

  /** How many bytes were asked for. */
  public long bytesRead() {
    return bytesRead;
  }

  /** Whether the file was closed. */
  public boolean closed() {
    return closed;
  }
}
