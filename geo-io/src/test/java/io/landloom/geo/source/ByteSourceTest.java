package io.landloom.geo.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every source of bytes does. */
abstract class ByteSourceTest {
  @TempDir Path folder;

  abstract ByteSource open(Path file) throws IOException;

  @Test
  void readsRangesInAnyOrder() throws IOException {
    Path file = Files.write(folder.resolve("ten"), new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    try (ByteSource source = open(file)) {
      assertEquals(10, source.length());
      byte[] target = new byte[5];
      source.read(6, target, 1, 4);
      assertArrayEquals(new byte[] {0, 6, 7, 8, 9}, target);
      source.read(0, target, 0, 5);
      assertArrayEquals(new byte[] {0, 1, 2, 3, 4}, target);
    }
  }

  @Test
  void refusesRangesPastTheEnd() throws IOException {
    Path file = Files.write(folder.resolve("three"), new byte[3]);
    try (ByteSource source = open(file)) {
      assertThrows(EOFException.class, () -> source.read(1, new byte[4], 0, 4));
    }
  }

  @Test
  void readsUpToTheLastByte() throws IOException {
    Path file = Files.write(folder.resolve("four"), new byte[] {5, 6, 7, 8});
    try (ByteSource source = open(file)) {
      byte[] last = new byte[1];
      source.read(3, last, 0, 1);
      assertArrayEquals(new byte[] {8}, last);
      assertThrows(EOFException.class, () -> source.read(4, last, 0, 1));
    }
  }
}
