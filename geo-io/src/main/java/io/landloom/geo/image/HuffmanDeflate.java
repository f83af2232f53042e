package io.landloom.geo.image;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.Adler32;

/**
 * A zlib stream (RFC 1950) of Deflate blocks (RFC 1951) that hold literals only, each block with a
 * Huffman code of its own: entropy coding without a search for repetitions.
 *
 * <p>It exists for its speed; zlib with {@code HUFFMAN_ONLY} writes the same kind of stream. Not
 * safe for several threads.
 */
final class HuffmanDeflate {
  /** Literals a block: the code follows the image, and its own bytes stay below one in 200. */
  private static final int BLOCK = 1 << 15;

  private static final int LITERALS = 256;
  private static final int END = 256;
  private static final int SYMBOLS = 257;

  /** Four codes of 14 bits and the 7 bits that may wait for their byte fit into 64. */
  private static final int LONGEST = 14;

  private static final int LONGEST_OF_LENGTHS = 7;

  /** Two codes that no literal needs: some decoders refuse a block without a distance code. */
  private static final int DISTANCES = 2;

  private static final int[] LENGTH_ORDER = {
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15
  };
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final int[][] counts = new int[4][LITERALS];
  private final int[] frequencies = new int[SYMBOLS];
  private final byte[] lengths = new byte[SYMBOLS + DISTANCES];
  private final int[] codes = new int[SYMBOLS];
  private final HuffmanCode code = new HuffmanCode(SYMBOLS);
  private final int[] runs = new int[SYMBOLS + DISTANCES];
  private final int[] runFrequencies = new int[LENGTH_ORDER.length];
  private final byte[] runLengths = new byte[LENGTH_ORDER.length];
  private final int[] runCodes = new int[LENGTH_ORDER.length];
  private byte[] target;
  private int at;
  private long bits;
  private int held;

  /** Most bytes that so many literals become. */
  static int bound(int length) {
    int blocks = length / BLOCK + 1;
    // no literal takes over 14 bits, no block's head over 400 bytes; 8 for the last write
    return Math.addExact(
        Math.multiplyExact(length / 4 + 1, 7), Math.multiplyExact(blocks, 400) + 16);
  }

  /**
   * Writes the stream of some bytes.
   *
   * @param source literals
   * @param length how many of them, from the first; at least one
   * @param into receives the stream; {@link #bound} bytes must fit
   * @param from where the stream starts in it
   * @return where it ends
   */
  int write(byte[] source, int length, byte[] into, int from) {
    if (length < 1 || bound(length) > into.length - from) {
      throw new IllegalArgumentException(
          String.format(
              "%d literals into %d bytes; at least 1 literal into %d",
              length, into.length - from, bound(length)));
    }
    target = into;
    at = from;
    bits = 0;
    held = 0;
    // Deflate with a window of 32 KiB; "fastest", and a multiple of 31 as a whole
    target[at++] = 0x78;
    target[at++] = 0x01;
    int start = 0;
    do {
      int end = Math.min(length, start + BLOCK);
      block(source, start, end, end == length);
      start = end;
    } while (start < length);
    at += (held + 7) / 8;
    Adler32 adler = new Adler32();
    adler.update(source, 0, length);
    int check = (int) adler.getValue();
    for (int shift = 24; shift >= 0; shift -= 8) {
      target[at++] = (byte) (check >> shift);
    }
    return at;
  }

  private void block(byte[] source, int start, int end, boolean last) {
    count(source, start, end);
    code.lengths(frequencies, LONGEST, lengths);
    code.codes(lengths, codes);
    put(last ? 1 : 0, 1);
    put(2, 2);
    head();
    literals(source, start, end);
    put(codes[END] & 0xFFFF, codes[END] >>> 16);
  }

  /** Four tables, so that runs of one literal do not wait for their own count. */
  private void count(byte[] source, int start, int end) {
    int[] a = counts[0];
    int[] b = counts[1];
    int[] c = counts[2];
    int[] d = counts[3];
    for (int[] part : counts) {
      Arrays.fill(part, 0);
    }
    int i = start;
    for (; i + 8 <= end; i += 8) {
      long eight = (long) LONGS.get(source, i);
      a[(int) eight & 0xFF]++;
      b[(int) (eight >>> 8) & 0xFF]++;
      c[(int) (eight >>> 16) & 0xFF]++;
      d[(int) (eight >>> 24) & 0xFF]++;
      a[(int) (eight >>> 32) & 0xFF]++;
      b[(int) (eight >>> 40) & 0xFF]++;
      c[(int) (eight >>> 48) & 0xFF]++;
      d[(int) (eight >>> 56)]++;
    }
    for (; i < end; i++) {
      a[source[i] & 0xFF]++;
    }
    for (int literal = 0; literal < LITERALS; literal++) {
      frequencies[literal] = a[literal] + b[literal] + c[literal] + d[literal];
    }
    frequencies[END] = 1;
  }

  /** The lengths of both codes, as runs, in a code of their own (RFC 1951, 3.2.7). */
  private void head() {
    lengths[SYMBOLS] = 1;
    lengths[SYMBOLS + 1] = 1;
    int count = findRuns();
    code.lengths(runFrequencies, LONGEST_OF_LENGTHS, runLengths);
    code.codes(runLengths, runCodes);
    int used = LENGTH_ORDER.length;
    while (used > 4 && runLengths[LENGTH_ORDER[used - 1]] == 0) {
      used--;
    }
    put(SYMBOLS - 257, 5);
    put(DISTANCES - 1, 5);
    put(used - 4, 4);
    for (int i = 0; i < used; i++) {
      put(runLengths[LENGTH_ORDER[i]], 3);
    }
    for (int i = 0; i < count; i++) {
      int symbol = runs[i] & 0xFF;
      put(runCodes[symbol] & 0xFFFF, runCodes[symbol] >>> 16);
      int extra = symbol == 16 ? 2 : symbol == 17 ? 3 : symbol == 18 ? 7 : 0;
      put(runs[i] >>> 8, extra);
    }
  }

  /** Fills {@link #runs} with symbol and extra bits shifted by 8; returns how many. */
  private int findRuns() {
    Arrays.fill(runFrequencies, 0);
    int count = 0;
    int i = 0;
    while (i < lengths.length) {
      int length = lengths[i];
      int end = i + 1;
      while (end < lengths.length && lengths[end] == length) {
        end++;
      }
      int run = end - i;
      if (length == 0) {
        while (run >= 3) {
          int taken = Math.min(run, 138);
          count = run(count, taken < 11 ? 17 : 18, taken - (taken < 11 ? 3 : 11));
          run -= taken;
        }
      } else {
        count = run(count, length, 0);
        run--;
        while (run >= 3) {
          int taken = Math.min(run, 6);
          count = run(count, 16, taken - 3);
          run -= taken;
        }
      }
      for (; run > 0; run--) {
        count = run(count, length, 0);
      }
      i = end;
    }
    return count;
  }

  private int run(int count, int symbol, int extra) {
    runFrequencies[symbol]++;
    runs[count] = symbol | extra << 8;
    return count + 1;
  }

  private void put(int value, int count) {
    bits |= (long) value << held;
    held += count;
    flush();
  }

  private void flush() {
    LONGS.set(target, at, bits);
    at += held >>> 3;
    bits >>>= held & ~7;
    held &= 7;
  }

  private void literals(byte[] source, int start, int end) {
    byte[] into = target;
    int[] table = codes;
    int place = at;
    long window = bits;
    int waiting = held;
    int i = start;
    for (; i + 4 <= end; i += 4) {
      int a = table[source[i] & 0xFF];
      int b = table[source[i + 1] & 0xFF];
      int c = table[source[i + 2] & 0xFF];
      int d = table[source[i + 3] & 0xFF];
      int ab = (a >>> 16) + (b >>> 16);
      long first = (a & 0xFFFF) | (long) (b & 0xFFFF) << (a >>> 16);
      long second = (c & 0xFFFF) | (long) (d & 0xFFFF) << (c >>> 16);
      window |= (first | second << ab) << waiting;
      waiting += ab + (c >>> 16) + (d >>> 16);
      LONGS.set(into, place, window);
      place += waiting >>> 3;
      window >>>= waiting & ~7;
      waiting &= 7;
    }
    at = place;
    bits = window;
    held = waiting;
    for (; i < end; i++) {
      int literal = table[source[i] & 0xFF];
      put(literal & 0xFFFF, literal >>> 16);
    }
  }
}
