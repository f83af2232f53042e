package io.landloom.geo.tiff;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.TreeMap;

/** Lays out a little-endian file header and one IFD, classic or BigTIFF. */
final class TiffIfdBuilder {
  private static final long CLASSIC_LIMIT = 0xFFFFFFFFL - (64L << 20);
  private static final int SHORT = 3;
  private static final int LONG = 4;
  private static final int DOUBLE = 12;
  private static final int LONG8 = 16;

  private final boolean big;
  private final TreeMap<Integer, Entry> entries = new TreeMap<>();

  private record Entry(int type, int count, byte[] values) {}

  private TiffIfdBuilder(boolean big) {
    this.big = big;
  }

  /** For a file that may grow to so many bytes of blocks. */
  static TiffIfdBuilder forFileOf(long bytes) {
    return new TiffIfdBuilder(bytes > CLASSIC_LIMIT);
  }

  int headerBytes() {
    return big ? 16 : 8;
  }

  /** The file header, pointing to the IFD. */
  ByteBuffer header(long start) {
    ByteBuffer header = little(headerBytes()).put((byte) 'I').put((byte) 'I');
    if (big) {
      header.putShort((short) 43).putShort((short) 8).putShort((short) 0).putLong(start);
    } else {
      header.putShort((short) 42).putInt((int) start);
    }
    return header.flip();
  }

  void shorts(TiffTag tag, long... values) {
    put(tag, SHORT, values);
  }

  void longs(TiffTag tag, long... values) {
    put(tag, LONG, values);
  }

  /** Numbers as wide as the file's offsets. */
  void offsets(TiffTag tag, long... values) {
    put(tag, big ? LONG8 : LONG, values);
  }

  void doubles(TiffTag tag, double... values) {
    ByteBuffer buffer = little(Double.BYTES * values.length);
    for (double value : values) {
      buffer.putDouble(value);
    }
    entries.put(tag.code(), new Entry(DOUBLE, values.length, buffer.array()));
  }

  private void put(TiffTag tag, int type, long[] values) {
    int bytes = type == SHORT ? 2 : type == LONG ? 4 : 8;
    ByteBuffer buffer = little(Math.multiplyExact(bytes, values.length));
    for (long value : values) {
      switch (type) {
        case SHORT -> buffer.putShort((short) value);
        case LONG -> buffer.putInt((int) value);
        default -> buffer.putLong(value);
      }
    }
    entries.put(tag.code(), new Entry(type, values.length, buffer.array()));
  }

  /** The bytes of the IFD and of its values, to be placed at a position. */
  byte[] build(long position) {
    int inline = big ? 8 : 4;
    int size = big ? 8 + 20 * entries.size() + 8 : 2 + 12 * entries.size() + 4;
    int total = size;
    for (Entry entry : entries.values()) {
      total += entry.values().length > inline ? even(entry.values().length) : 0;
    }
    ByteBuffer buffer = little(total);
    offset(buffer, entries.size(), big ? 8 : 2);
    int extra = size;
    for (Map.Entry<Integer, Entry> tagged : entries.entrySet()) {
      Entry entry = tagged.getValue();
      buffer.putShort(tagged.getKey().shortValue()).putShort((short) entry.type());
      offset(buffer, entry.count(), inline);
      if (entry.values().length > inline) {
        offset(buffer, position + extra, inline);
        System.arraycopy(entry.values(), 0, buffer.array(), extra, entry.values().length);
        extra += even(entry.values().length);
      } else {
        System.arraycopy(
            entry.values(), 0, buffer.array(), buffer.position(), entry.values().length);
        buffer.position(buffer.position() + inline);
      }
    }
    offset(buffer, 0, inline);
    return buffer.array();
  }

  private static void offset(ByteBuffer buffer, long value, int bytes) {
    switch (bytes) {
      case 2 -> buffer.putShort((short) value);
      case 4 -> buffer.putInt((int) value);
      default -> buffer.putLong(value);
    }
  }

  private static int even(int bytes) {
    return bytes + bytes % 2;
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
