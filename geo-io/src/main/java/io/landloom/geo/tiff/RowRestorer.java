package io.landloom.geo.tiff;

import io.landloom.geo.image.SampleType;
import java.nio.ByteOrder;

/** Makes the decoded row of a block what it was: little-endian samples, predictions undone. */
final class RowRestorer {
  private final boolean swap;
  private final Predictor predictor;
  private final int samples;
  private final SampleType type;
  private byte[] shuffled = new byte[0];

  RowRestorer(TiffLayout layout, ByteOrder order) {
    this.type = layout.type;
    this.predictor = layout.predictor;
    // the planes of predictor 3 are in order whatever the file's byte order
    this.swap =
        type.bytes() > 1 && order == ByteOrder.BIG_ENDIAN && predictor != Predictor.FLOATING_POINT;
    this.samples = layout.blockSamples();
  }

  /** Whether rows are as wanted before they are restored. */
  boolean restoresNothing() {
    return !swap && predictor == Predictor.NONE;
  }

  /** Restores rows of a block that lie one behind the other. */
  void restore(byte[] rows, int offset, int rowBytes, int count) {
    if (swap && type.bytes() == 2) {
      swap(rows, offset, rowBytes * count);
    } else if (swap) {
      swapWide(rows, offset, rowBytes * count);
    }
    if (predictor == Predictor.NONE) {
      return;
    }
    for (int row = 0; row < count; row++) {
      undo(rows, offset + row * rowBytes, rowBytes);
    }
  }

  private void undo(byte[] rows, int offset, int rowBytes) {
    if (predictor == Predictor.FLOATING_POINT) {
      sumBytes(rows, offset, rowBytes);
      joinPlanes(rows, offset, rowBytes);
      return;
    }
    switch (type.bytes()) {
      case 1 -> sumBytes(rows, offset, rowBytes);
      case 2 -> sumShorts(rows, offset, rowBytes);
      default -> sumWide(rows, offset, rowBytes);
    }
  }

  /** A row of predictor 3 holds the highest bytes of all samples, then the next lower ones. */
  private void joinPlanes(byte[] row, int offset, int length) {
    if (shuffled.length < length) {
      shuffled = new byte[length];
    }
    System.arraycopy(row, offset, shuffled, 0, length);
    int sampleBytes = type.bytes();
    int plane = length / sampleBytes;
    for (int part = 0; part < sampleBytes; part++) {
      int to = offset + sampleBytes - 1 - part;
      for (int from = part * plane; from < (part + 1) * plane; from++, to += sampleBytes) {
        row[to] = shuffled[from];
      }
    }
  }

  private void swapWide(byte[] rows, int offset, int length) {
    int sampleBytes = type.bytes();
    for (int at = offset; at < offset + length; at += sampleBytes) {
      for (int low = at, high = at + sampleBytes - 1; low < high; low++, high--) {
        byte kept = rows[low];
        rows[low] = rows[high];
        rows[high] = kept;
      }
    }
  }

  /** Sums samples of 4 or 8 bytes, byte by byte with a carry. */
  private void sumWide(byte[] row, int offset, int length) {
    int sampleBytes = type.bytes();
    int step = samples * sampleBytes;
    for (int at = offset + step; at < offset + length; at += sampleBytes) {
      int sum = 0;
      for (int part = at; part < at + sampleBytes; part++) {
        sum = (sum >> 8) + (row[part] & 0xFF) + (row[part - step] & 0xFF);
        row[part] = (byte) sum;
      }
    }
  }

  private static void swap(byte[] rows, int offset, int length) {
    for (int at = offset; at < offset + length; at += 2) {
      byte high = rows[at];
      rows[at] = rows[at + 1];
      rows[at + 1] = high;
    }
  }

  private void sumBytes(byte[] row, int offset, int length) {
    if (samples == 3) {
      sumColors(row, offset, length);
      return;
    }
    for (int at = offset + samples; at < offset + length; at++) {
      row[at] = (byte) (row[at] + row[at - samples]);
    }
  }

  /** Three sums in registers: reading back what was just written would be waited for. */
  private static void sumColors(byte[] row, int offset, int length) {
    byte red = 0;
    byte green = 0;
    byte blue = 0;
    int at = offset;
    for (; at + 3 <= offset + length; at += 3) {
      red = (byte) (red + row[at]);
      green = (byte) (green + row[at + 1]);
      blue = (byte) (blue + row[at + 2]);
      row[at] = red;
      row[at + 1] = green;
      row[at + 2] = blue;
    }
    // predictor 3 sums rows of bytes that need not be a whole number of pixels
    if (at < offset + length) {
      row[at] = (byte) (red + row[at]);
    }
    if (at + 1 < offset + length) {
      row[at + 1] = (byte) (green + row[at + 1]);
    }
  }

  private void sumShorts(byte[] row, int offset, int length) {
    int step = 2 * samples;
    for (int at = offset + step; at < offset + length; at += 2) {
      int value = little(row, at) + little(row, at - step);
      row[at] = (byte) value;
      row[at + 1] = (byte) (value >> 8);
    }
  }

  private static int little(byte[] row, int at) {
    return (row[at] & 0xFF) | (row[at + 1] & 0xFF) << 8;
  }
}
