package io.landloom.geo.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.landloom.geo.source.MemoryByteSource;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The stream that decoders read, against the same bytes joined by hand. */
class SegmentInputStreamTest {
  private static final int LENGTH = 200_000;

  private final byte[] file;
  private final byte[] expected;

  SegmentInputStreamTest() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ByteArrayOutputStream needed = new ByteArrayOutputStream();
    all.writeBytes(new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
    needed.writeBytes(new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
    Random random = new Random(17);
    for (int number = 0; all.size() < LENGTH; number++) {
      byte[] data = new byte[random.nextInt(9000)];
      random.nextBytes(data);
      boolean described = number % 5 == 3;
      byte[] chunk = chunk(number == 0 ? "IHDR" : described ? "tEXt" : "IDAT", data);
      all.writeBytes(chunk);
      needed.writeBytes(described ? new byte[0] : chunk);
    }
    byte[] end = chunk("IEND", new byte[0]);
    all.writeBytes(end);
    needed.writeBytes(end);
    this.file = all.toByteArray();
    this.expected = needed.toByteArray();
  }

  private static byte[] chunk(String name, byte[] data) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(data.length);
    out.write(name.getBytes(StandardCharsets.US_ASCII));
    out.write(data);
    out.writeInt(0);
    return bytes.toByteArray();
  }

  private SegmentInputStream png() {
    return SegmentInputStream.png(new MemoryByteSource("scene", file));
  }

  @Test
  void servesWhatIsNeededByteByByte() throws IOException {
    try (SegmentInputStream stream = png()) {
      for (byte value : expected) {
        assertEquals(value & 0xFF, stream.read());
      }
      assertEquals(-1, stream.read());
      assertEquals(-1, stream.read(new byte[5], 0, 5));
      assertEquals(0, stream.read(new byte[5], 0, 0));
    }
  }

  @Test
  void givesAllThatIsAskedForUnlessTheFileEnds() throws IOException {
    try (SegmentInputStream stream = png()) {
      byte[] read = new byte[expected.length + 3];
      assertEquals(100_000, stream.read(read, 1, 100_000));
      assertEquals(expected.length - 100_000, stream.read(read, 100_001, read.length - 100_001));
      assertArrayEquals(expected, Arrays.copyOfRange(read, 1, expected.length + 1));
    }
  }

  @Test
  void goesBackAndForth() throws IOException {
    long seed = 23;
    Random random = new Random(seed);
    try (SegmentInputStream stream = png()) {
      for (int i = 0; i < 300; i++) {
        int at = random.nextInt(expected.length - 50);
        stream.seek(at);
        byte[] read = new byte[50];
        stream.readFully(read);
        assertArrayEquals(Arrays.copyOfRange(expected, at, at + 50), read, "seed " + seed);
        assertEquals(at + 50, stream.getStreamPosition());
      }
    }
  }

  @Test
  void aFileWithoutChunksIsServedWhole() throws IOException {
    for (int i = 0; i < file.length; i++) {
      file[i] = file[i] == (byte) 0xFF ? 0 : file[i]; // no marker that the watch could object to
    }
    try (SegmentInputStream stream = SegmentInputStream.jpeg(new MemoryByteSource("scene", file))) {
      byte[] read = new byte[file.length];
      stream.readFully(read);
      assertArrayEquals(file, read);
      assertEquals(-1, stream.read());
    }
  }

  @Test
  void aClosedStreamServesNothing() throws IOException {
    SegmentInputStream stream = png();
    stream.close();
    assertEquals("closed", assertThrows(IOException.class, stream::read).getMessage());
    assertEquals(
        "closed",
        assertThrows(IOException.class, () -> stream.read(new byte[1], 0, 1)).getMessage());
  }
}
