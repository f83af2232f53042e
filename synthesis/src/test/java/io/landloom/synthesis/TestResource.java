package io.landloom.synthesis;

import io.landloom.geo.source.MemoryByteSource;
import java.io.IOException;

/** Files beside the tests. */
public final class TestResource {
  private TestResource() {}

  /** A test resource beside a class. */
  public static MemoryByteSource open(Class<?> owner, String name) throws IOException {
    try (var stream = owner.getResourceAsStream(name)) {
      return new MemoryByteSource(name, stream.readAllBytes());
    }
  }
}
