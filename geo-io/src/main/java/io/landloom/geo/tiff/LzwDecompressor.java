package io.landloom.geo.tiff;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * LZW with codes from the most significant bit and early width change (TIFF 6.0, section 13).
 *
 * <p>Most strings of imagery are short. One of up to 7 bytes is an entry by itself: its bytes from
 * the lowest on, and its length in the highest. Longer ones are kept in chunks of 8 bytes from the
 * string's start, and written with one store a chunk: there is the last chunk, which may be part of
 * one, and the code of the string without it.
 */
final class LzwDecompressor implements Decompressor {
  private static final int CLEAR = 256;
  private static final int END = 257;
  private static final int FIRST_FREE = 258;
  private static final int TABLE = 4096;
  private static final int CHUNK = 8;
  private static final int SHORT = 7;
  private static final int LENGTH_SHIFT = 56;
  private static final VarHandle CHUNKS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle STORED =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final BlockInput input;

  /** A short string with its length, or the first byte of a long one. */
  private final long[] entries = new long[TABLE];

  private final long[] chunks = new long[TABLE];
  private final short[] befores = new short[TABLE];
  private final short[] lengths = new short[TABLE];
  private final byte[] pending = new byte[TABLE + CHUNK];
  private int pendingFrom;
  private int pendingTo;
  private int next = FIRST_FREE;
  private int width = 9;
  private int previous = -1;
  private long bits;
  private int bitCount;
  private boolean ended;

  LzwDecompressor(BlockInput input) throws IOException {
    this.input = input;
    for (int code = 0; code < 256; code++) {
      entries[code] = 1L << LENGTH_SHIFT | code;
    }
    refuseOldStyle();
  }

  private void refuseOldStyle() throws IOException {
    if (input.fill() && input.limit() - input.position() > 1) {
      byte[] piece = input.piece();
      int at = input.position();
      if (piece[at] == 0 && (piece[at + 1] & 1) == 1) {
        throw new CorruptBlockException(
            "LZW: old style with codes from the least significant bit is not supported");
      }
    }
  }

  @Override
  public int read(byte[] target, int offset, int count) throws IOException {
    int end = offset + count;
    int at = offset + drain(target, offset, count);
    while (at < end && !ended) {
      at = shortStrings(target, at, end);
      if (bitCount < width) {
        refill();
      }
      int code = (int) (bits >>> (Long.SIZE - width));
      if (bitCount < width || code == END) {
        ended = true;
        break;
      }
      bits <<= width;
      bitCount -= width;
      if (code == CLEAR) {
        next = FIRST_FREE;
        width = 9;
        previous = -1;
      } else {
        learn(code);
        at += emit(code, target, at, end);
      }
    }
    return at - offset;
  }

  /**
   * Decodes codes of short strings behind short strings, which are most; stops at any other.
   *
   * @return place behind the last string
   */
  private int shortStrings(byte[] target, int from, int end) {
    byte[] piece = input.piece();
    int last = input.limit() - CHUNK;
    int position = input.position();
    long window = bits;
    int held = bitCount;
    int free = next;
    int code = previous;
    long before = code < 0 ? 0 : entries[code];
    int at = from;
    while (end - at >= CHUNK) {
      if (held < width) {
        if (position > last) {
          break;
        }
        window |= (long) STORED.get(piece, position) >>> held;
        int taken = (Long.SIZE - 1 - held) >>> 3;
        position += taken;
        held += 8 * taken;
      }
      int found = (int) (window >>> (Long.SIZE - width));
      int beforeLength = (int) (before >>> LENGTH_SHIFT);
      long entry = entries[found];
      int length = (int) (entry >>> LENGTH_SHIFT);
      // 0 is a long string, no string, or a code that is none
      boolean known = found < free && length > 0 && free < TABLE;
      if (!known || beforeLength == 0 || beforeLength == SHORT) {
        break;
      }
      window <<= width;
      held -= width;
      entries[free++] = before + (1L << LENGTH_SHIFT) + ((entry & 0xFF) << (8 * beforeLength));
      CHUNKS.set(target, at, entry);
      at += length;
      before = entry;
      code = found;
      if (free == (1 << width) - 1 && width < 12) {
        width++;
      }
    }
    input.advance(position);
    bits = window;
    bitCount = held;
    next = free;
    previous = code;
    return at;
  }

  private int drain(byte[] target, int offset, int count) {
    int step = Math.min(count, pendingTo - pendingFrom);
    System.arraycopy(pending, pendingFrom, target, offset, step);
    pendingFrom += step;
    return step;
  }

  /**
   * Brings 57 bits or more, as far as the block has them; the next bit is the highest.
   *
   * <p>Eight bytes are added at once, and of a byte that does not fit wholly a part: the same bits
   * are added again by the next refill.
   */
  private void refill() throws IOException {
    int position = input.position();
    if (input.limit() - position >= CHUNK) {
      bits |= (long) STORED.get(input.piece(), position) >>> bitCount;
      int taken = (Long.SIZE - 1 - bitCount) >>> 3;
      input.advance(position + taken);
      bitCount += 8 * taken;
      return;
    }
    while (bitCount <= Long.SIZE - 8) {
      int value = input.read();
      if (value < 0) {
        return;
      }
      bits |= (long) value << (Long.SIZE - 8 - bitCount);
      bitCount += 8;
    }
  }

  /** Enters the string that this code completes: the one before, and this one's first byte. */
  private void learn(int code) throws CorruptBlockException {
    int before = previous;
    int known = before < 0 ? CLEAR : next;
    if (code >= known && (before < 0 || code > next || next == TABLE)) {
      throw new CorruptBlockException("LZW: code " + code + " where " + known + " are known");
    }
    if (before >= 0 && next < TABLE) {
      enter(before, entries[code == next ? before : code] & 0xFF);
      if (next == (1 << width) - 1 && width < 12) {
        width++;
      }
    }
    previous = code;
  }

  private void enter(int before, long last) {
    int free = next++;
    int length = length(before);
    if (length < SHORT) {
      entries[free] = entries[before] + (1L << LENGTH_SHIFT) + (last << (8 * length));
      return;
    }
    int held = length % CHUNK;
    // a full chunk starts the next one
    long chunk = length == SHORT ? entries[before] & ~(0xFFL << LENGTH_SHIFT) : chunks[before];
    chunks[free] = held == 0 ? last : chunk | last << (8 * held);
    befores[free] = held == 0 ? (short) before : befores[before];
    lengths[free] = (short) (length + 1);
    entries[free] = entries[before] & 0xFF;
  }

  private int length(int code) {
    int length = (int) (entries[code] >>> LENGTH_SHIFT);
    return length == 0 ? lengths[code] : length;
  }

  private int emit(int code, byte[] target, int at, int end) {
    int length = length(code);
    if (length + CHUNK <= end - at) {
      write(code, target, at, length);
      return length;
    }
    write(code, pending, 0, length);
    pendingFrom = 0;
    pendingTo = length;
    return drain(target, at, end - at);
  }

  /** Writes a string, chunk by chunk from its end, and up to 7 bytes behind it. */
  private void write(int code, byte[] target, int at, int length) {
    if (length <= SHORT) {
      CHUNKS.set(target, at, entries[code]);
      return;
    }
    int current = code;
    for (int place = (length - 1) / CHUNK * CHUNK; place >= 0; place -= CHUNK) {
      CHUNKS.set(target, at + place, chunks[current]);
      current = befores[current];
    }
  }
}
