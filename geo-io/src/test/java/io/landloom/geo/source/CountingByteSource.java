package io.landloom.geo.source;

import java.io.IOException;

/** A file in memory that counts its reads and knows whether it was closed. */
public final class CountingByteSource extends MemoryByteSource {
  private int reads;
  private long bytesRead;
  private boolean closed;

  /** A file of these bytes. */
  public CountingByteSource(String name, byte[] bytes) {
    super(name, bytes);
  }

  @Override
  public void read(long position, byte[] target, int offset, int length) throws IOException {
    super.read(position, target, offset, length);
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
