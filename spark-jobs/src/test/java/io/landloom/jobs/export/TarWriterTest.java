package io.landloom.jobs.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TarWriterTest {
  @Test
  void aHeaderIsThatOfPosix() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarWriter tar = new TarWriter(bytes)) {
      tar.add("a.txt", "hello".getBytes(StandardCharsets.US_ASCII));
    }
    byte[] tar = bytes.toByteArray();
    assertEquals(512 + 512 + 1024, tar.length);
    assertEquals("a.txt", text(tar, 0, 5));
    assertEquals("00000000005", text(tar, 124, 11));
    assertEquals("ustar\u000000", text(tar, 257, 8));
    // as Python's tarfile writes it: TarInfo("a.txt") of 5 bytes, mode 0o644, USTAR_FORMAT
    assertEquals("006721", text(tar, 148, 6));
    assertEquals("hello\u0000", text(tar, 512, 6));
  }

  @Test
  void aLongNameIsRefused() throws IOException {
    try (TarWriter tar = new TarWriter(new ByteArrayOutputStream())) {
      assertEquals(
          "a".repeat(101) + ": 101 characters, a tar's names have at most 100",
          assertThrows(IllegalArgumentException.class, () -> tar.add("a".repeat(101), new byte[0]))
              .getMessage());
    }
  }

  private static String text(byte[] bytes, int offset, int count) {
    return new String(bytes, offset, count, StandardCharsets.US_ASCII);
  }
}
