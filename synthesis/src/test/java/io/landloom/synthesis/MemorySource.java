package io.landloom.synthesis;

import io.landloom.geo.source.ByteSource;
import java.io.EOFException;
import java.io.IOException;

/** A byte source over an array. */
public record MemorySource(String name, byte[] bytes) implements ByteSource {
  /** A test resource beside a class. */
  public static MemorySource resource(Class<?> owner, String name) throws IOException {
    try (var stream = owner.getResourceAsStream(name)) {
      return new MemorySource(name, stream.readAllBytes());
    }
  }

  @Override
  public long length() {
    return bytes.length;
  }

  @Override
  public void read(long position, byte[] target, int offset, int length) throws IOException {
    if (position + length > bytes.length) {
      throw new EOFException(name + " ends at " + bytes.length);
    }
    System.arraycopy(bytes, (int) position, target, offset, length);
  }

  @Override
  public void close() {}
}
