package io.landloom.geo.tiff;

import io.landloom.geo.image.SampleType;
import java.nio.ByteOrder;

/** Makes the decoded row of a block what it was: little-endian samples, differences summed up. */
final class RowRestorer {
  private final boolean swap;
  private final boolean sum;
  private final int samples;
  private final SampleType type;

  RowRestorer(TiffLayout layout, ByteOrder order) {
    this.type = layout.type;
    this.swap = type == SampleType.UINT16 && order == ByteOrder.BIG_ENDIAN;
    this.sum = layout.predicted;
    this.samples = layout.blockSamples();
  }

  /** Restores rows of a block that lie one behind the other. */
  void restore(byte[] rows, int offset, int rowBytes, int count) {
    if (swap) {
      swap(rows, offset, rowBytes * count);
    }
    if (!sum) {
      return;
    }
    for (int row = 0; row < count; row++) {
      if (type == SampleType.UINT8) {
        sumBytes(rows, offset + row * rowBytes, rowBytes);
      } else {
        sumShorts(rows, offset + row * rowBytes, rowBytes);
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
    for (int at = offset + samples; at < offset + length; at++) {
      row[at] = (byte) (row[at] + row[at - samples]);
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
