package io.landloom.geo.tiff;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.geo.source.MemoryByteSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against the JDK's zlib: the same bytes from the same streams, and the same streams refused. */
class DeflateDecompressorTest {
  private static final long SEED = 20261120;
  private static final int MOST = 1 << 20;

  /** What a stream holds; one for all streams, since filling a new one with zeros takes longer. */
  private final byte[] target = new byte[MOST];

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 6, 9})
  void decodesWhatZlibEncodes(int level) throws IOException {
    Random random = new Random(SEED + level);
    for (int strategy :
        new int[] {Deflater.DEFAULT_STRATEGY, Deflater.FILTERED, Deflater.HUFFMAN_ONLY}) {
      for (int kind = 0; kind < 6; kind++) {
        for (int size : new int[] {0, 1, 7, 258, 4_000, 32_768, 98_305, 400_000}) {
          byte[] plain = plain(kind, size, random);
          byte[] stream = deflated(plain, level, strategy);
          String name = "level " + level + ", strategy " + strategy + ", kind " + kind;
          assertArrayEquals(plain, decoded(stream, 1 + random.nextInt(4_096), random), name);
          assertArrayEquals(plain, decoded(stream, MOST, random), name);
        }
      }
    }
  }

  @Test
  void refusesWhatZlibRefuses() throws IOException {
    Random random = new Random(SEED);
    int refused = 0;
    int read = 0;
    for (int i = 0; i < 40_000; i++) {
      byte[] plain = plain(i % 6, 1 + random.nextInt(600), random);
      byte[] stream = deflated(plain, 1 + i % 9, i % 3);
      int flips = random.nextInt(3);
      for (int flip = 0; flip < flips; flip++) {
        // most in the head of the first block, where the codes are described
        int at = random.nextInt(random.nextBoolean() ? Math.min(80, stream.length) : stream.length);
        stream[at] ^= (byte) (1 << random.nextInt(8));
      }
      if (random.nextInt(4) == 0) {
        stream = Arrays.copyOf(stream, random.nextInt(stream.length + 1));
      }
      byte[] expected = inflated(stream);
      byte[] actual = decodedOrNull(stream, random);
      String name = "seed " + SEED + ", stream " + i + ": " + HexFormat.of().formatHex(stream);
      if (expected == null) {
        assertNull(actual, name);
        refused++;
      } else {
        assertNotNull(actual, name);
        assertArrayEquals(expected, actual, name);
        read++;
      }
    }
    assertTrue(refused > 15_000 && read > 8_000, refused + " refused, " + read + " read");
  }

  @ParameterizedTest
  @CsvSource({
    "789d, incorrect header check",
    "7918, 'method 9 with a window of 2^15'",
    "881c, 'method 8 with a window of 2^16'",
    "78bb, needs a preset dictionary",
    "789c07, invalid block type",
    "789c010500faff0000, 'stream does not end after 2 bytes'",
    "789c010500fbff, stored block's lengths differ",
    // fixed codes: a match before there is a byte
    "789c0302, distance reaches back before the first byte",
    // 30 distance symbols are the most
    "789c05fe00000000000000, too many length or distance symbols",
    "789c0500000000000000000000, invalid code lengths set",
  })
  void saysWhatIsWrong(String hex, String problem) {
    byte[] stream = HexFormat.of().parseHex(hex);
    CorruptBlockException refusal =
        assertThrows(CorruptBlockException.class, () -> decoded(stream, MOST, new Random(SEED)));
    String found = refusal.getMessage();
    assertEquals("Deflate: " + problem, found.replaceAll(", after \\d+ bytes$", ""));
  }

  private static byte[] plain(int kind, int size, Random random) {
    byte[] plain = new byte[size];
    int period = 1 + random.nextInt(11);
    for (int i = 0; i < size; i++) {
      plain[i] =
          switch (kind) {
            case 0 -> (byte) random.nextInt();
            case 1 -> (byte) (i < period ? random.nextInt() : plain[i - period]);
            case 2 -> (byte) (100 + 20 * random.nextGaussian());
            case 3 -> (byte) (random.nextInt(50) == 0 || i == 0 ? random.nextInt() : plain[i - 1]);
            case 4 -> // a few letters far more often than others: codes of all lengths
                (byte) (31 - Integer.numberOfLeadingZeros(1 + random.nextInt(1 << 20)));
            default -> // repeats of what lies far back
                i > 40 && random.nextInt(8) > 0
                    ? plain[i - 1 - random.nextInt(Math.min(i, 30_000))]
                    : (byte) random.nextInt(7);
          };
    }
    return plain;
  }

  private static byte[] deflated(byte[] plain, int level, int strategy) {
    Deflater deflater = new Deflater(level);
    deflater.setStrategy(strategy);
    deflater.setInput(plain);
    deflater.finish();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] buffer = new byte[4_096];
    while (!deflater.finished()) {
      out.write(buffer, 0, deflater.deflate(buffer));
    }
    deflater.end();
    return out.toByteArray();
  }

  /** What zlib makes of a stream; null if it refuses it or finds no end. */
  private byte[] inflated(byte[] stream) {
    Inflater inflater = new Inflater();
    inflater.setInput(stream);
    int count = 0;
    try {
      int step;
      do {
        step = inflater.inflate(target, count, target.length - count);
        count += step;
      } while (step > 0);
      return inflater.finished() ? Arrays.copyOf(target, count) : null;
    } catch (DataFormatException e) {
      return null;
    } finally {
      inflater.end();
    }
  }

  private byte[] decodedOrNull(byte[] stream, Random random) throws IOException {
    try {
      return decoded(stream, MOST, random);
    } catch (CorruptBlockException e) {
      return null;
    }
  }

  /** Reads in steps of at most so many bytes, from a window that cuts the stream at odd places. */
  private byte[] decoded(byte[] stream, int step, Random random) throws IOException {
    byte[] file = new byte[stream.length + 5];
    System.arraycopy(stream, 0, file, 5, stream.length);
    SourceWindow window =
        new SourceWindow(new MemoryByteSource("block", file), 1 + random.nextInt(5_000));
    DeflateDecompressor decompressor =
        new DeflateDecompressor(new BlockInput(window, 5, stream.length));
    int count = 0;
    int read;
    do {
      read = decompressor.read(target, count, Math.min(step, target.length - count));
      count += read;
    } while (read > 0);
    decompressor.finish();
    return Arrays.copyOf(target, count);
  }
}
