package io.landloom.geo.tiff;

import java.util.Arrays;

/**
 * Symbols by the bits of their codes (RFC 1951, section 3.2.2), read from the lowest bit on.
 *
 * <p>An entry holds the length of its code in the lowest 8 bits. A literal is negative and has its
 * byte in the highest 16 bits. What stands for a number has extra bits at 8 and its base at 16.
 * Codes longer than the table's bits go on in a table behind it: a link has that one's bits at 8
 * and its place at 16.
 */
final class PrefixTable {
  static final int LITERAL = 1 << 31;
  static final int END = 1 << 13;
  static final int LINK = 1 << 14;
  static final int INVALID = 1 << 15;
  static final int SPECIAL = END | LINK | INVALID;
  static final int EXTRA_SHIFT = 8;
  static final int EXTRA_MASK = 0x1F;
  static final int LENGTH_MASK = 0xFF;
  static final int LONGEST = 15;

  /** Entries; the first are found by the lowest bits of what is read. */
  final int[] entries;

  /** Bits that find the first entries. */
  final int bits;

  private final int[] symbols;
  private final short[] sorted;
  private final int[] counts = new int[LONGEST + 1];
  private final int[] places = new int[LONGEST + 2];

  /**
   * A table of no codes.
   *
   * @param bits bits that find the first entries
   * @param size most entries that any complete code of so many symbols needs
   * @param symbols the entry of each symbol, without its code's length
   */
  PrefixTable(int bits, int size, int[] symbols) {
    this.bits = bits;
    this.entries = new int[size];
    this.symbols = symbols;
    this.sorted = new short[symbols.length];
  }

  /**
   * Takes the codes that lengths stand for.
   *
   * @param lengths bits of each symbol's code from a place on, 0 for a symbol that is not used
   * @return whether they are a code: complete, or of one symbol of one bit, or of none
   */
  boolean build(byte[] lengths, int from, int count) {
    Arrays.fill(counts, 0);
    for (int symbol = 0; symbol < count; symbol++) {
      counts[lengths[from + symbol]]++;
    }
    int used = count - counts[0];
    counts[0] = 0;
    int left = 1;
    for (int length = 1; length <= LONGEST; length++) {
      left = (left << 1) - counts[length];
      if (left < 0) {
        return false;
      }
      places[length + 1] = places[length] + counts[length];
    }
    if (left > 0) {
      if (used > 1 || used != counts[1]) {
        return false;
      }
      Arrays.fill(entries, 0, 1 << bits, INVALID | 1);
    }
    for (int symbol = 0; symbol < count; symbol++) {
      int length = lengths[from + symbol];
      if (length > 0) {
        sorted[places[length]++] = (short) symbol;
      }
    }
    Arrays.fill(places, 0);
    fill(used);
    return true;
  }

  private void fill(int used) {
    int code = 0;
    int length = 1;
    int ofLength = counts[1];
    int end = 1 << bits;
    int linked = -1;
    int linkedBits = 0;
    int linkedAt = 0;
    for (int i = 0; i < used; i++, ofLength--, code++) {
      while (ofLength == 0) {
        code <<= 1;
        ofLength = counts[++length];
      }
      int reversed = Integer.reverse(code) >>> (Integer.SIZE - length);
      int entry = symbols[sorted[i]] | length;
      if (length <= bits) {
        for (int at = reversed; at < 1 << bits; at += 1 << length) {
          entries[at] = entry;
        }
        continue;
      }
      int prefix = reversed & (1 << bits) - 1;
      if (prefix != linked) {
        linked = prefix;
        linkedAt = end;
        linkedBits = linkedBits(length, ofLength);
        end += 1 << linkedBits;
        entries[prefix] = LINK | linkedAt << 16 | linkedBits << EXTRA_SHIFT | bits;
      }
      for (int at = reversed >>> bits; at < 1 << linkedBits; at += 1 << (length - bits)) {
        entries[linkedAt + at] = entry;
      }
    }
  }

  /** Bits of a table behind the first that holds all codes of a prefix, from its shortest on. */
  private int linkedBits(int shortest, int ofShortest) {
    int length = shortest;
    int left = (1 << (length - bits)) - ofShortest;
    while (left > 0 && length < LONGEST) {
      length++;
      left = (left << 1) - counts[length];
    }
    return length - bits;
  }
}
