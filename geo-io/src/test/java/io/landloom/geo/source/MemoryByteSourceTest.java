package io.landloom.geo.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.EOFException;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class MemoryByteSourceTest {
  private final MemoryByteSource source = new MemoryByteSource("four", new byte[] {5, 6, 7, 8});

  @Test
  void servesAllOfItsBytesAndNoMore() throws IOException {
    byte[] all = new byte[4];
    source.read(0, all, 0, 4);
    assertArrayEquals(new byte[] {5, 6, 7, 8}, all);
    EOFException past = assertThrows(EOFException.class, () -> source.read(3, new byte[2], 0, 2));
    assertEquals("four: 2 bytes at 3 of 4", past.getMessage());
    EOFException before =
        assertThrows(EOFException.class, () -> source.read(-1, new byte[2], 0, 2));
    assertEquals("four: 2 bytes at -1 of 4", before.getMessage());
  }
}
