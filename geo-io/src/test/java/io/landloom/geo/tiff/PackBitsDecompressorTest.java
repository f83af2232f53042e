package io.landloom.geo.tiff;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.landloom.geo.source.MemoryByteSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The runs of PackBits at the ends of their ranges, TIFF 6.0, section 9. */
class PackBitsDecompressorTest {
  /** 128 literals, nothing, 128 times 7, one literal, twice 9. */
  private static byte[] stream() {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    stream.write(127);
    for (int i = 0; i < 128; i++) {
      stream.write(i * 3);
    }
    stream.writeBytes(new byte[] {(byte) 128, (byte) 129, 7, 0, 5, (byte) 255, 9});
    return stream.toByteArray();
  }

  private static byte[] pixels() {
    byte[] pixels = new byte[128 + 128 + 1 + 2];
    for (int i = 0; i < 128; i++) {
      pixels[i] = (byte) (i * 3);
    }
    Arrays.fill(pixels, 128, 256, (byte) 7);
    pixels[256] = 5;
    pixels[257] = 9;
    pixels[258] = 9;
    return pixels;
  }

  private static byte[] decoded(byte[] stream, int step) throws IOException {
    SourceWindow window = new SourceWindow(new MemoryByteSource("block", stream), 64);
    PackBitsDecompressor decompressor =
        new PackBitsDecompressor(new BlockInput(window, 0, stream.length));
    byte[] target = new byte[1_000];
    // what a caller has read before must stay
    int count = 3;
    int read;
    do {
      read = decompressor.read(target, count, step);
      count += read;
    } while (read > 0);
    assertArrayEquals(new byte[3], Arrays.copyOf(target, 3));
    return Arrays.copyOfRange(target, 3, count);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 128, 129, 500})
  void decodesTheLongestRuns(int step) throws IOException {
    assertArrayEquals(pixels(), decoded(stream(), step));
  }

  @Test
  void endsWhereTheBlockEnds() throws IOException {
    byte[] stream = stream();
    // inside of the literals, behind a header of repeats, behind a header of literals
    assertEquals(100, decoded(Arrays.copyOf(stream, 101), 500).length);
    assertEquals(128, decoded(Arrays.copyOf(stream, 131), 500).length);
    assertEquals(256, decoded(Arrays.copyOf(stream, 133), 500).length);
    assertEquals(257, decoded(Arrays.copyOf(stream, 135), 500).length);
  }
}
