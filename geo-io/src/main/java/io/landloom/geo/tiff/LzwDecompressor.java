package io.landloom.geo.tiff;

import java.io.IOException;

/** LZW with codes from the most significant bit and early width change (TIFF 6.0, section 13). */
final class LzwDecompressor implements Decompressor {
  private static final int CLEAR = 256;
  private static final int END = 257;
  private static final int FIRST_FREE = 258;
  private static final int TABLE = 4096;

  private final BlockInput input;
  private final short[] prefixes = new short[TABLE];
  private final byte[] suffixes = new byte[TABLE];
  private final byte[] firsts = new byte[TABLE];
  private final short[] lengths = new short[TABLE];
  private final byte[] pending = new byte[TABLE];
  private int pendingFrom;
  private int pendingTo;
  private int next = FIRST_FREE;
  private int width = 9;
  private int previous = -1;
  private int bits;
  private int bitCount;
  private boolean ended;

  LzwDecompressor(BlockInput input) throws IOException {
    this.input = input;
    for (int code = 0; code < 256; code++) {
      suffixes[code] = (byte) code;
      firsts[code] = (byte) code;
      lengths[code] = 1;
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
      int code = code();
      if (code < 0 || code == END) {
        ended = true;
      } else if (code == CLEAR) {
        next = FIRST_FREE;
        width = 9;
        previous = -1;
      } else {
        learn(code);
        if (code < CLEAR) {
          target[at++] = (byte) code;
        } else {
          at += emit(code, target, at, end);
        }
      }
    }
    return at - offset;
  }

  private int drain(byte[] target, int offset, int count) {
    int step = Math.min(count, pendingTo - pendingFrom);
    System.arraycopy(pending, pendingFrom, target, offset, step);
    pendingFrom += step;
    return step;
  }

  private int code() throws IOException {
    int wanted = width;
    int held = bitCount;
    int window = bits;
    while (held < wanted) {
      int value = input.read();
      if (value < 0) {
        return -1;
      }
      window = window << 8 | value;
      held += 8;
    }
    bits = window;
    bitCount = held - wanted;
    return window >>> bitCount & ((1 << wanted) - 1);
  }

  /** Enters the string that this code completes: the one before, and this one's first byte. */
  private void learn(int code) throws CorruptBlockException {
    int known = previous < 0 ? CLEAR : next;
    if (code >= known && (previous < 0 || code > next || next == TABLE)) {
      throw new CorruptBlockException("LZW: code " + code + " where " + known + " are known");
    }
    if (previous >= 0 && next < TABLE) {
      prefixes[next] = (short) previous;
      firsts[next] = firsts[previous];
      suffixes[next] = code == next ? firsts[previous] : firsts[code];
      lengths[next] = (short) (lengths[previous] + 1);
      next++;
      if (next == (1 << width) - 1 && width < 12) {
        width++;
      }
    }
    previous = code;
  }

  private int emit(int code, byte[] target, int at, int end) {
    int length = lengths[code];
    if (length <= end - at) {
      write(code, target, at, length);
      return length;
    }
    write(code, pending, 0, length);
    pendingFrom = 0;
    pendingTo = length;
    return drain(target, at, end - at);
  }

  private void write(int code, byte[] target, int at, int length) {
    int current = code;
    for (int place = at + length - 1; place > at; place--) {
      target[place] = suffixes[current];
      current = prefixes[current];
    }
    target[at] = firsts[code];
  }
}
