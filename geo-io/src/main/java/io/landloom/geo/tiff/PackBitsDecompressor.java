package io.landloom.geo.tiff;

import java.io.IOException;
import java.util.Arrays;

/** PackBits: runs and literals of up to 128 bytes (TIFF 6.0, section 9). */
final class PackBitsDecompressor implements Decompressor {
  private final BlockInput input;
  private int literals;
  private int repeats;
  private byte repeated;

  PackBitsDecompressor(BlockInput input) {
    this.input = input;
  }

  @Override
  public int read(byte[] target, int offset, int count) throws IOException {
    int at = offset;
    int end = offset + count;
    while (at < end) {
      if (literals > 0) {
        int step = Math.min(literals, end - at);
        int copied = input.read(target, at, step);
        at += copied;
        literals -= copied;
        if (copied < step) {
          break;
        }
      } else if (repeats > 0) {
        int step = Math.min(repeats, end - at);
        Arrays.fill(target, at, at + step, repeated);
        at += step;
        repeats -= step;
      } else if (!next()) {
        break;
      }
    }
    return at - offset;
  }

  /** Reads the header of the next run; false at the block's end. */
  private boolean next() throws IOException {
    int header = input.read();
    if (header < 0) {
      return false;
    }
    if (header < 128) {
      literals = header + 1;
    } else if (header > 128) {
      int value = input.read();
      if (value < 0) {
        return false;
      }
      repeats = 257 - header;
      repeated = (byte) value;
    }
    return true;
  }
}
