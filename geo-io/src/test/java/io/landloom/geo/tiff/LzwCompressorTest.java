package io.landloom.geo.tiff;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Codes as TIFF 6.0, section 13, writes them: clear, the strings, end of information. */
class LzwCompressorTest {
  /**
   * Codes of so many bits, the first in the highest bits of the first byte, filled up with zeros.
   */
  private static byte[] packed(int width, int... codes) {
    StringBuilder bits = new StringBuilder();
    for (int code : codes) {
      String digits = Integer.toBinaryString(code);
      bits.append("0".repeat(width - digits.length())).append(digits);
    }
    while (bits.length() % 8 != 0) {
      bits.append('0');
    }
    byte[] packed = new byte[bits.length() / 8];
    for (int i = 0; i < packed.length; i++) {
      packed[i] = (byte) Integer.parseInt(bits.substring(8 * i, 8 * i + 8), 2);
    }
    return packed;
  }

  private static void writes(byte[] expected, byte... source) {
    LzwCompressor lzw = new LzwCompressor();
    byte[] target = lzw.compress(source, source.length);
    byte[] actual = Arrays.copyOf(target, lzw.length());
    assertEquals(HexFormat.of().formatHex(expected), HexFormat.of().formatHex(actual));
  }

  @Test
  void writesTheExampleOfTheSpecification() {
    writes(packed(9, 256, 7, 258, 8, 8, 258, 6, 6, 257), new byte[] {7, 7, 7, 8, 8, 7, 7, 6, 6});
  }

  @Test
  void endsOnWholeAndOnBrokenBytes() {
    writes(packed(9, 256, 1, 257), (byte) 1);
    // 8 codes of 9 bits are 9 bytes
    writes(packed(9, 256, 1, 2, 3, 4, 5, 6, 257), new byte[] {1, 2, 3, 4, 5, 6});
  }

  @Test
  void aBlockMayBeFollowedByAnother() {
    LzwCompressor lzw = new LzwCompressor();
    lzw.compress(new byte[] {9, 9, 9, 9, 9, 9, 1, 2, 3}, 9);
    byte[] again = Arrays.copyOf(lzw.compress(new byte[] {7, 7, 7, 8}, 4), lzw.length());
    assertArrayEquals(packed(9, 256, 7, 258, 8, 257), again);
  }
}
