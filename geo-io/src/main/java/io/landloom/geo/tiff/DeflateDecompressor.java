package io.landloom.geo.tiff;

import static io.landloom.geo.tiff.PrefixTable.END;
import static io.landloom.geo.tiff.PrefixTable.EXTRA_MASK;
import static io.landloom.geo.tiff.PrefixTable.EXTRA_SHIFT;
import static io.landloom.geo.tiff.PrefixTable.INVALID;
import static io.landloom.geo.tiff.PrefixTable.LENGTH_MASK;
import static io.landloom.geo.tiff.PrefixTable.LINK;
import static io.landloom.geo.tiff.PrefixTable.LITERAL;
import static io.landloom.geo.tiff.PrefixTable.SPECIAL;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.Adler32;

/**
 * Deflate (RFC 1951) in its zlib wrapping (RFC 1950), the checksum included.
 *
 * <p>Bits are kept in a long that is refilled eight bytes at a time; one refill serves a length and
 * its distance, or three literals, and matches are copied eight bytes at a time. What imagery
 * deflates to is mostly literals, which cost zlib, called through the JDK, more than twice as much.
 */
final class DeflateDecompressor implements Decompressor {
  private static final int HISTORY = 1 << 15;
  private static final int LONGEST_MATCH = 258;
  private static final int SLACK = LONGEST_MATCH + Long.BYTES + 3;
  private static final int LIMIT = 3 * HISTORY;
  private static final int LONGEST_TAIL = 1 << 20;
  private static final int MATCH_BITS = 48;
  private static final int FULL = 56; // bits that a refill brings at least

  private static final int LITERAL_BITS = 11;
  private static final int DISTANCE_BITS = 8;
  private static final int LENGTH_CODE_BITS = 7;
  private static final int LITERAL_MASK = (1 << LITERAL_BITS) - 1;
  // most entries that tables of so many bits and symbols need, links included
  private static final int LITERAL_ENTRIES = 2342;
  private static final int DISTANCE_ENTRIES = 402;

  private static final int[] LITERAL_SYMBOLS = literalSymbols();
  private static final int[] DISTANCE_SYMBOLS = distanceSymbols();
  private static final int[] LENGTH_CODE_SYMBOLS = lengthCodeSymbols();
  private static final byte[] LENGTH_CODE_ORDER = {
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15
  };
  private static final int LITERALS = 286;
  private static final int DISTANCES = 30;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private enum State {
    HEADER,
    BLOCK,
    STORED,
    CODED,
    CHECKSUM,
    ENDED
  }

  private final BlockInput input;
  private final Adler32 checksum = new Adler32();
  private final PrefixTable literals =
      new PrefixTable(LITERAL_BITS, LITERAL_ENTRIES, LITERAL_SYMBOLS);
  private final PrefixTable distances =
      new PrefixTable(DISTANCE_BITS, DISTANCE_ENTRIES, DISTANCE_SYMBOLS);
  private final byte[] lengths = new byte[LITERALS + DISTANCES + 4];

  /** What was decoded last, history included: the next bytes go to {@link #filled}. */
  private final byte[] decoded = new byte[LIMIT + SLACK];

  private int served;
  private int filled;
  private long forgotten; // bytes that were decoded before those
  private long bits;
  private int bitCount;
  private State state = State.HEADER;
  private boolean lastBlock;
  private int storedLeft;
  private boolean truncated;

  DeflateDecompressor(BlockInput input) {
    this.input = input;
  }

  @Override
  public int read(byte[] target, int offset, int count) throws IOException {
    int copied = 0;
    while (copied < count && (served < filled || decode())) {
      int step = Math.min(count - copied, filled - served);
      System.arraycopy(decoded, served, target, offset + copied, step);
      served += step;
      copied += step;
    }
    return copied;
  }

  /** Reads on to the stream's end, where the checksum is compared. */
  @Override
  public void finish() throws IOException {
    if (skip(LONGEST_TAIL) == LONGEST_TAIL || state != State.ENDED) {
      throw new CorruptBlockException("Deflate: stream does not end after " + total() + " bytes");
    }
  }

  /** Decodes what fits behind the history; false where the stream or the block ends. */
  private boolean decode() throws IOException {
    if (filled >= LIMIT) {
      System.arraycopy(decoded, filled - HISTORY, decoded, 0, HISTORY);
      forgotten += filled - HISTORY;
      served = HISTORY;
      filled = HISTORY;
    }
    int start = filled;
    while (filled < LIMIT && state != State.ENDED && !truncated) {
      switch (state) {
        case HEADER -> header();
        case BLOCK -> block();
        case STORED -> stored();
        case CODED -> coded();
        case CHECKSUM -> {
          // compared with all that was decoded
          checksum.update(decoded, start, filled - start);
          start = filled;
          compareChecksum();
        }
        case ENDED -> throw new IllegalStateException("decodes past the end");
      }
    }
    checksum.update(decoded, start, filled - start);
    return served < filled;
  }

  private long total() {
    return forgotten + filled;
  }

  private CorruptBlockException corrupt(String problem) {
    return new CorruptBlockException("Deflate: " + problem + ", after " + total() + " bytes");
  }

  /** Brings bits, as many as there are and fit; false if fewer than wanted are left. */
  private boolean want(int wanted) throws IOException {
    while (bitCount <= Long.SIZE - 2 * Byte.SIZE) {
      int next = input.read();
      if (next < 0) {
        break;
      }
      bits |= (long) next << bitCount;
      bitCount += Byte.SIZE;
    }
    truncated = bitCount < wanted;
    return !truncated;
  }

  private int take(int count) {
    int value = (int) bits & (1 << count) - 1;
    drop(count);
    return value;
  }

  private void drop(int count) {
    bits >>>= count;
    bitCount -= count;
  }

  private void header() throws IOException {
    if (!want(16)) {
      return;
    }
    int method = take(8);
    int flags = take(8);
    if ((method << 8 | flags) % 31 != 0) {
      throw corrupt("incorrect header check");
    }
    if ((method & 0xF) != 8 || method >> 4 > 7) {
      throw corrupt("method " + (method & 0xF) + " with a window of 2^" + (8 + (method >> 4)));
    }
    if ((flags & 0x20) != 0) {
      throw corrupt("needs a preset dictionary");
    }
    state = State.BLOCK;
  }

  private void block() throws IOException {
    if (lastBlock) {
      drop(bitCount & 7);
      state = State.CHECKSUM;
      return;
    }
    if (!want(3)) {
      return;
    }
    lastBlock = take(1) == 1;
    int type = take(2);
    switch (type) {
      case 0 -> storedHead();
      case 1 -> fixedCodes();
      case 2 -> dynamicCodes();
      default -> throw corrupt("invalid block type");
    }
  }

  private void storedHead() throws IOException {
    drop(bitCount & 7);
    if (!want(32)) {
      return;
    }
    storedLeft = take(16);
    if (take(16) != (~storedLeft & 0xFFFF)) {
      throw corrupt("stored block's lengths differ");
    }
    state = State.STORED;
  }

  private void stored() throws IOException {
    while (storedLeft > 0 && filled < LIMIT) {
      if (bitCount > 0) {
        decoded[filled++] = (byte) take(8);
        storedLeft--;
        continue;
      }
      int copied = input.read(decoded, filled, Math.min(storedLeft, LIMIT - filled));
      filled += copied;
      storedLeft -= copied;
      if (copied == 0) {
        truncated = true;
        return;
      }
    }
    if (storedLeft == 0) {
      state = State.BLOCK;
    }
  }

  private void fixedCodes() throws IOException {
    byte[] fixed = new byte[LITERAL_SYMBOLS.length];
    Arrays.fill(fixed, 0, 144, (byte) 8);
    Arrays.fill(fixed, 144, 256, (byte) 9);
    Arrays.fill(fixed, 256, 280, (byte) 7);
    Arrays.fill(fixed, 280, 288, (byte) 8);
    literals.build(fixed, 0, fixed.length);
    Arrays.fill(fixed, 0, DISTANCE_SYMBOLS.length, (byte) 5);
    distances.build(fixed, 0, DISTANCE_SYMBOLS.length);
    state = State.CODED;
  }

  private void dynamicCodes() throws IOException {
    if (!want(14)) {
      return;
    }
    int literalCount = take(5) + 257;
    int distanceCount = take(5) + 1;
    int codeCount = take(4) + 4;
    if (literalCount > LITERALS || distanceCount > DISTANCES) {
      throw corrupt("too many length or distance symbols");
    }
    byte[] codeLengths = new byte[LENGTH_CODE_ORDER.length];
    for (int i = 0; i < codeCount; i++) {
      if (!want(3)) {
        return;
      }
      codeLengths[LENGTH_CODE_ORDER[i]] = (byte) take(3);
    }
    PrefixTable codes =
        new PrefixTable(LENGTH_CODE_BITS, 1 << LENGTH_CODE_BITS, LENGTH_CODE_SYMBOLS);
    if (!codes.build(codeLengths, 0, codeLengths.length) || !complete(codeLengths)) {
      throw corrupt("invalid code lengths set");
    }
    if (!readLengths(codes, literalCount + distanceCount)) {
      return;
    }
    if (lengths[256] == 0) {
      throw corrupt("no code for the end of the block");
    }
    if (!literals.build(lengths, 0, literalCount)) {
      throw corrupt("invalid literal/lengths set");
    }
    if (!distances.build(lengths, literalCount, distanceCount)) {
      throw corrupt("invalid distances set");
    }
    state = State.CODED;
  }

  /** Whether codes fill the space of all codes: those of code lengths must. */
  private static boolean complete(byte[] codeLengths) {
    int space = 0;
    for (byte length : codeLengths) {
      space += length == 0 ? 0 : 1 << (LENGTH_CODE_BITS - length);
    }
    return space == 1 << LENGTH_CODE_BITS;
  }

  private boolean readLengths(PrefixTable codes, int count) throws IOException {
    int at = 0;
    while (at < count) {
      if (!want(LENGTH_CODE_BITS + 7) && bitCount == 0) {
        return false;
      }
      int entry = codes.entries[(int) bits & (1 << LENGTH_CODE_BITS) - 1];
      int extra = entry >> EXTRA_SHIFT & EXTRA_MASK;
      truncated = (entry & LENGTH_MASK) + extra > bitCount;
      if (truncated) {
        return false;
      }
      drop(entry & LENGTH_MASK);
      int symbol = entry >>> 16 & 0x1F;
      if (symbol < 16) {
        lengths[at++] = (byte) symbol;
        continue;
      }
      int times = (symbol == 18 ? 11 : 3) + take(extra);
      if (at + times > count || (symbol == 16 && at == 0)) {
        throw corrupt("invalid bit length repeat");
      }
      Arrays.fill(lengths, at, at + times, symbol == 16 ? lengths[at - 1] : 0);
      at += times;
    }
    return true;
  }

  private void coded() throws IOException {
    codedFast();
    if (state == State.CODED && filled < LIMIT) {
      codedSlow();
    }
  }

  /** Decodes while there are eight bytes to refill from. */
  private void codedFast() throws CorruptBlockException {
    byte[] in = input.piece();
    int at = input.position();
    int last = input.limit() - Long.BYTES;
    byte[] out = decoded;
    int to = filled;
    int[] literal = literals.entries;
    int[] distant = distances.entries;
    long held = bits;
    int count = bitCount;
    while (at <= last && to < LIMIT) {
      held |= (long) LONGS.get(in, at) << count;
      at += (Long.SIZE - 1 - count) >>> 3;
      count |= FULL;
      int entry = literal[(int) held & LITERAL_MASK];
      if (entry < 0) {
        out[to++] = (byte) (entry >> 16);
        held >>>= entry;
        count -= entry & LENGTH_MASK;
        entry = literal[(int) held & LITERAL_MASK];
        if (entry < 0) {
          out[to++] = (byte) (entry >> 16);
          held >>>= entry;
          count -= entry & LENGTH_MASK;
          entry = literal[(int) held & LITERAL_MASK];
          if (entry < 0) {
            out[to++] = (byte) (entry >> 16);
            held >>>= entry;
            count -= entry & LENGTH_MASK;
            continue;
          }
        }
        if (at > last) {
          break;
        }
        held |= (long) LONGS.get(in, at) << count;
        at += (Long.SIZE - 1 - count) >>> 3;
        count |= FULL;
      }
      if ((entry & SPECIAL) != 0) {
        if ((entry & LINK) != 0) {
          entry = linked(literal, entry, held, LITERAL_BITS);
        }
        if (entry < 0) {
          out[to++] = (byte) (entry >> 16);
          held >>>= entry;
          count -= entry & LENGTH_MASK;
          continue;
        }
        if ((entry & END) != 0) {
          held >>>= entry;
          count -= entry & LENGTH_MASK;
          state = State.BLOCK;
          break;
        }
        requireValid(entry, "literal/length", to);
      }
      held >>>= entry;
      count -= entry & LENGTH_MASK;
      int extra = entry >> EXTRA_SHIFT & EXTRA_MASK;
      int length = (entry >>> 16) + ((int) held & ((1 << extra) - 1));
      held >>>= extra;
      count -= extra;
      entry = distant[(int) held & ((1 << DISTANCE_BITS) - 1)];
      if ((entry & SPECIAL) != 0) {
        if ((entry & LINK) != 0) {
          entry = linked(distant, entry, held, DISTANCE_BITS);
        }
        requireValid(entry, "distance", to);
      }
      held >>>= entry;
      count -= entry & LENGTH_MASK;
      extra = entry >> EXTRA_SHIFT & EXTRA_MASK;
      int distance = (entry >>> 16) + ((int) held & ((1 << extra) - 1));
      held >>>= extra;
      count -= extra;
      to = copy(out, to, distance, length);
    }
    input.advance(at);
    bits = held & ((1L << count) - 1);
    bitCount = count;
    filled = to;
  }

  /** Decodes one symbol, from bytes that may lie in two pieces of the input. */
  private void codedSlow() throws IOException {
    boolean enough = want(MATCH_BITS);
    truncated = false;
    int entry = literals.entries[(int) bits & (1 << LITERAL_BITS) - 1];
    if ((entry & LINK) != 0) {
      entry = linked(literals.entries, entry, bits, LITERAL_BITS);
    }
    if (!enough && lacks(entry & LENGTH_MASK)) {
      return;
    }
    if (entry < 0) {
      drop(entry & LENGTH_MASK);
      decoded[filled++] = (byte) (entry >> 16);
      return;
    }
    if ((entry & END) != 0) {
      drop(entry & LENGTH_MASK);
      state = State.BLOCK;
      return;
    }
    requireValid(entry, "literal/length", filled);
    int extra = entry >> EXTRA_SHIFT & EXTRA_MASK;
    if (!enough && lacks((entry & LENGTH_MASK) + extra)) {
      return;
    }
    drop(entry & LENGTH_MASK);
    int length = (entry >>> 16) + take(extra);
    entry = distances.entries[(int) bits & (1 << DISTANCE_BITS) - 1];
    if ((entry & LINK) != 0) {
      entry = linked(distances.entries, entry, bits, DISTANCE_BITS);
    }
    extra = entry >> EXTRA_SHIFT & EXTRA_MASK;
    if (!enough && lacks((entry & LENGTH_MASK) + extra)) {
      return;
    }
    requireValid(entry, "distance", filled);
    drop(entry & LENGTH_MASK);
    int distance = (entry >>> 16) + take(extra);
    filled = copy(decoded, filled, distance, length);
  }

  private boolean lacks(int wanted) {
    truncated = bitCount < wanted;
    return truncated;
  }

  private static int linked(int[] entries, int link, long held, int bits) {
    int more = (int) (held >>> bits) & (1 << (link >> EXTRA_SHIFT & EXTRA_MASK)) - 1;
    return entries[(link >>> 16) + more];
  }

  private void requireValid(int entry, String code, int to) throws CorruptBlockException {
    if ((entry & INVALID) != 0) {
      filled = to;
      throw corrupt("invalid " + code + " code");
    }
  }

  /** Repeats what lies a distance back; may write seven bytes more than the length. */
  private int copy(byte[] out, int to, int distance, int length) throws CorruptBlockException {
    int from = to - distance;
    if (from < 0) {
      filled = to;
      throw corrupt("distance reaches back before the first byte");
    }
    int end = to + length;
    if (distance >= Long.BYTES) {
      LONGS.set(out, to, (long) LONGS.get(out, from));
      for (int at = to + Long.BYTES; at < end; at += Long.BYTES) {
        LONGS.set(out, at, (long) LONGS.get(out, at - distance));
      }
    } else {
      long pattern = (long) LONGS.get(out, from) & ((1L << (distance * Byte.SIZE)) - 1);
      for (int shift = distance * Byte.SIZE; shift < Long.SIZE; shift <<= 1) {
        pattern |= pattern << shift;
      }
      int step = Long.BYTES - Long.BYTES % distance;
      for (int at = to; at < end; at += step) {
        LONGS.set(out, at, pattern);
      }
    }
    return end;
  }

  private void compareChecksum() throws IOException {
    if (!want(32)) {
      return;
    }
    int stored = Integer.reverseBytes((int) bits);
    drop(32);
    if (stored != (int) checksum.getValue()) {
      throw corrupt("incorrect data check");
    }
    state = State.ENDED;
  }

  private static int[] literalSymbols() {
    int[] symbols = new int[288];
    for (int i = 0; i < 256; i++) {
      symbols[i] = LITERAL | i << 16;
    }
    symbols[256] = END;
    int base = 3;
    for (int i = 0; i < 28; i++) {
      int extra = i < 8 ? 0 : i / 4 - 1;
      symbols[257 + i] = base << 16 | extra << EXTRA_SHIFT;
      base += 1 << extra;
    }
    symbols[285] = LONGEST_MATCH << 16;
    symbols[286] = INVALID;
    symbols[287] = INVALID;
    return symbols;
  }

  private static int[] distanceSymbols() {
    int[] symbols = new int[32];
    int base = 1;
    for (int i = 0; i < DISTANCES; i++) {
      int extra = i < 4 ? 0 : i / 2 - 1;
      symbols[i] = base << 16 | extra << EXTRA_SHIFT;
      base += 1 << extra;
    }
    symbols[30] = INVALID;
    symbols[31] = INVALID;
    return symbols;
  }

  private static int[] lengthCodeSymbols() {
    int[] symbols = new int[19];
    for (int i = 0; i < 19; i++) {
      symbols[i] = i << 16;
    }
    symbols[16] |= 2 << EXTRA_SHIFT;
    symbols[17] |= 3 << EXTRA_SHIFT;
    symbols[18] |= 7 << EXTRA_SHIFT;
    return symbols;
  }
}
