package io.landloom.geo.tiff;

import java.util.Arrays;

/** LZW with codes from the most significant bit and early width change (TIFF 6.0, section 13). */
final class LzwCompressor {
  private static final int CLEAR = 256;
  private static final int END = 257;
  private static final int FIRST_FREE = 258;
  private static final int LAST_FREE = 4094;
  private static final int SLOTS = 1 << 14;
  private static final int HASH = 0x9E3779B1;

  private final int[] keys = new int[SLOTS];
  private final short[] codes = new short[SLOTS];
  private byte[] target = new byte[0];
  private int length;
  private int next;
  private int width;
  private int bits;
  private int bitCount;

  /** Most bytes that so many bytes can become. */
  static long bound(long bytes) {
    return bytes + bytes / 2 + bytes / 512 + 16;
  }

  /**
   * Compresses a block; returns an array that the next call overwrites, and its {@link #length}.
   */
  byte[] compress(byte[] source, int count) {
    int needed = Math.toIntExact(bound(count));
    if (target.length < needed) {
      target = new byte[needed];
    }
    length = 0;
    bits = 0;
    bitCount = 0;
    width = 9;
    clear();
    int prefix = source[0] & 0xFF;
    for (int i = 1; i < count; i++) {
      int suffix = source[i] & 0xFF;
      int key = prefix << 8 | suffix;
      int slot = slot(key);
      if (keys[slot] == key) {
        prefix = codes[slot];
      } else {
        emit(prefix);
        keys[slot] = key;
        codes[slot] = (short) next;
        grow();
        prefix = suffix;
      }
    }
    emit(prefix);
    grow();
    emit(END);
    if (bitCount > 0) {
      target[length++] = (byte) (bits << (8 - bitCount));
    }
    return target;
  }

  /** Bytes of the block compressed last. */
  int length() {
    return length;
  }

  private int slot(int key) {
    int slot = (key * HASH) >>> 18;
    while (keys[slot] >= 0 && keys[slot] != key) {
      slot = (slot + 1) & (SLOTS - 1);
    }
    return slot;
  }

  private void clear() {
    emit(CLEAR);
    Arrays.fill(keys, -1);
    next = FIRST_FREE;
    width = 9;
  }

  private void grow() {
    next++;
    if (next == LAST_FREE) {
      clear();
    } else if (next == 1 << width) {
      width++;
    }
  }

  private void emit(int code) {
    bits = bits << width | code;
    bitCount += width;
    while (bitCount >= 8) {
      bitCount -= 8;
      target[length++] = (byte) (bits >>> bitCount);
    }
  }
}
