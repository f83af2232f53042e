package io.landloom.geo.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** zlib, the JDK's Inflater, reads what was written and compares its checksum. */
class HuffmanDeflateTest {
  private static byte[] written(byte[] literals) {
    byte[] target = new byte[3 + HuffmanDeflate.bound(literals.length)];
    int end = new HuffmanDeflate().write(literals, literals.length, target, 3);
    return Arrays.copyOfRange(target, 3, end);
  }

  private static byte[] inflated(byte[] stream, int length) throws DataFormatException {
    Inflater inflater = new Inflater();
    inflater.setInput(stream);
    byte[] target = new byte[length + 1];
    int count = inflater.inflate(target);
    assertTrue(inflater.finished());
    assertEquals(stream.length, inflater.getBytesRead());
    inflater.end();
    return Arrays.copyOf(target, count);
  }

  private static int zlibLength(byte[] literals) {
    Deflater deflater = new Deflater(6);
    deflater.setStrategy(Deflater.HUFFMAN_ONLY);
    deflater.setInput(literals);
    deflater.finish();
    int length = 0;
    byte[] buffer = new byte[1 << 16];
    while (!deflater.finished()) {
      length += deflater.deflate(buffer);
    }
    deflater.end();
    return length;
  }

  /** Bytes around 0 as the differences of neighbouring pixels are; the larger the rarer. */
  private static byte[] differences(int length, double spread, long seed) {
    Random random = new Random(seed);
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) Math.round(random.nextGaussian() * spread);
    }
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(
      ints = {1, 2, 3, 4, 5, 7, 8, 9, 255, 32_767, 32_768, 32_769, 65_536, 65_539, 196_864})
  void zlibReadsStreamsOfAnyLength(int length) throws DataFormatException {
    byte[] literals = differences(length, 12, length);
    assertArrayEquals(literals, inflated(written(literals), length));
  }

  @Test
  void zlibReadsOneLiteralRepeated() throws DataFormatException {
    byte[] literals = new byte[40_000];
    Arrays.fill(literals, (byte) 200);
    byte[] stream = written(literals);
    assertArrayEquals(literals, inflated(stream, literals.length));
    // a bit a literal, and a few dozen bytes for two heads and the checksum
    assertEquals(5_000, stream.length, 100);
  }

  @Test
  void zlibReadsNoise() throws DataFormatException {
    byte[] literals = new byte[100_000];
    new Random(5).nextBytes(literals);
    byte[] stream = written(literals);
    assertArrayEquals(literals, inflated(stream, literals.length));
    assertEquals(100_000, stream.length, 1_500);
  }

  /** Each literal about twice as frequent as the next: the best code is longer than allowed. */
  @Test
  void zlibReadsCodesThatHadToBeShortened() throws DataFormatException {
    byte[] literals = new byte[1 << 15];
    int at = 0;
    for (int literal = 0; literal < 15; literal++) {
      int count = 1 << (14 - literal);
      Arrays.fill(literals, at, at + count, (byte) (17 * literal));
      at += count;
    }
    literals[at] = 99;
    shuffle(literals, new Random(7));
    byte[] stream = written(literals);
    assertArrayEquals(literals, inflated(stream, literals.length));
    assertEquals(zlibLength(literals), stream.length, 100);
  }

  private static void shuffle(byte[] bytes, Random random) {
    for (int i = bytes.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      byte kept = bytes[i];
      bytes[i] = bytes[j];
      bytes[j] = kept;
    }
  }

  @Test
  void isAsShortAsZlibsOwnHuffmanCoding() {
    for (double spread : new double[] {0.3, 2, 12, 40}) {
      byte[] literals = differences(196_864, spread, 11);
      int zlib = zlibLength(literals);
      int own = written(literals).length;
      assertTrue(own <= zlib * 1.002, "spread " + spread + ": " + own + " bytes, zlib " + zlib);
    }
  }

  /** Blocks of all literals, with Fibonacci's numbers as counts: the deepest codes there are. */
  private static byte[] unevenBlocks(int length) {
    byte[] literals = new byte[length];
    Random random = new Random(13);
    for (int start = 0; start < length; start += 1 << 15) {
      byte[] block = new byte[1 << 15];
      int at = 0;
      int count = 1;
      int next = 1;
      for (int literal = 0; literal < 256; literal++) {
        Arrays.fill(block, at, at + count, (byte) literal);
        at += count;
        int sum = count + next;
        count = literal < 235 ? 1 : next;
        next = literal < 235 ? 1 : sum;
      }
      Arrays.fill(block, at, block.length, (byte) 255);
      shuffle(block, random);
      System.arraycopy(block, 0, literals, start, Math.min(block.length, length - start));
    }
    return literals;
  }

  @Test
  void keepsToItsBoundWhereACodeDoesNotHelp() throws DataFormatException {
    for (int length : new int[] {1, 2, 3, 4, 100, 32_768, 100_000}) {
      byte[] noise = new byte[length];
      new Random(length).nextBytes(noise);
      for (byte[] literals : new byte[][] {noise, unevenBlocks(length)}) {
        byte[] exact = new byte[HuffmanDeflate.bound(length)];
        int end = new HuffmanDeflate().write(literals, length, exact, 0);
        assertArrayEquals(literals, inflated(Arrays.copyOf(exact, end), length));
        byte[] less = new byte[exact.length - 1];
        assertThrows(
            IllegalArgumentException.class,
            () -> new HuffmanDeflate().write(literals, length, less, 0));
      }
    }
  }

  @Test
  void refusesNothingAndTooLittleSpace() {
    assertEquals(
        "0 literals into 1000 bytes; at least 1 literal into 423",
        assertThrows(
                IllegalArgumentException.class,
                () -> new HuffmanDeflate().write(new byte[0], 0, new byte[1000], 0))
            .getMessage());
    assertEquals(
        "8 literals into 400 bytes; at least 1 literal into 437",
        assertThrows(
                IllegalArgumentException.class,
                () -> new HuffmanDeflate().write(new byte[8], 8, new byte[500], 100))
            .getMessage());
  }
}
