package io.landloom.geo.tiff;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Builds TIFFs byte by byte, valid or not. */
public final class TiffBytes {
  private final ByteOrder order;
  private final boolean big;
  private final List<Tag> tags = new ArrayList<>();
  private byte[] blocks = new byte[0];
  private long next;

  private record Tag(int code, int type, long count, double[] values) {}

  private TiffBytes(ByteOrder order, boolean big) {
    this.order = order;
    this.big = big;
  }

  static TiffBytes classic(ByteOrder order) {
    return new TiffBytes(order, false);
  }

  static TiffBytes bigTiff(ByteOrder order) {
    return new TiffBytes(order, true);
  }

  /** One strip of gray pixels, which lie at byte {@link #blockStart()}. */
  public static TiffBytes gray(ByteOrder order, int width, int height, byte[] pixels) {
    return classic(order).image(width, height, 8, pixels);
  }

  TiffBytes image(int width, int height, int bits, byte[] strip) {
    blocks = strip;
    shorts(256, width).shorts(257, height).shorts(258, bits).shorts(259, 1).shorts(262, 1);
    return longs(273, blockStart()).longs(279, strip.length);
  }

  TiffBytes blocks(byte[] bytes) {
    blocks = bytes;
    return this;
  }

  int blockStart() {
    return big ? 16 : 8;
  }

  TiffBytes shorts(int code, double... values) {
    return tag(code, 3, values);
  }

  TiffBytes longs(int code, double... values) {
    return tag(code, 4, values);
  }

  TiffBytes doubles(int code, double... values) {
    return tag(code, 12, values);
  }

  /** Adds a tag, or replaces the one of that code. */
  TiffBytes tag(int code, int type, double... values) {
    return claim(code, type, values.length, values);
  }

  /** Adds a tag that claims another number of values than it has. */
  TiffBytes claim(int code, int type, long count, double... values) {
    tags.removeIf(tag -> tag.code() == code);
    tags.add(new Tag(code, type, count, values));
    return this;
  }

  TiffBytes without(int code) {
    tags.removeIf(tag -> tag.code() == code);
    return this;
  }

  /** Where the only IFD says that the next one is. */
  TiffBytes next(long position) {
    next = position;
    return this;
  }

  int ifdStart() {
    return blockStart() + blocks.length + blocks.length % 2;
  }

  public byte[] build() {
    tags.sort((a, b) -> Integer.compare(a.code(), b.code()));
    int start = ifdStart();
    int inline = big ? 8 : 4;
    int size = big ? 16 + 20 * tags.size() : 6 + 12 * tags.size();
    int values = tags.stream().mapToInt(t -> 8 * t.values().length).sum();
    ByteBuffer file = ByteBuffer.allocate(start + size + values).order(order);
    byte mark = (byte) (order == ByteOrder.LITTLE_ENDIAN ? 'I' : 'M');
    file.put(mark).put(mark).putShort((short) (big ? 43 : 42));
    if (big) {
      file.putShort((short) 8).putShort((short) 0);
    }
    offset(file, start).put(blocks).position(start);
    if (big) {
      file.putLong(tags.size());
    } else {
      file.putShort((short) tags.size());
    }
    int extra = start + size;
    for (Tag tag : tags) {
      file.putShort((short) tag.code()).putShort((short) tag.type());
      offset(file, tag.count());
      ByteBuffer bytes = bytes(tag);
      int place = file.position();
      if (bytes.limit() > inline) {
        offset(file, extra);
        file.put(extra, bytes, 0, bytes.limit());
        extra += bytes.limit();
      } else {
        file.put(bytes);
      }
      file.position(place + inline);
    }
    offset(file, next);
    return java.util.Arrays.copyOf(file.array(), extra);
  }

  private ByteBuffer offset(ByteBuffer file, long value) {
    return big ? file.putLong(value) : file.putInt((int) value);
  }

  private ByteBuffer bytes(Tag tag) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * tag.values().length).order(order);
    for (double value : tag.values()) {
      switch (tag.type()) {
        case 1 -> bytes.put((byte) value);
        case 3 -> bytes.putShort((short) (long) value);
        case 4 -> bytes.putInt((int) (long) value);
        case 12 -> bytes.putDouble(value);
        default -> bytes.putLong((long) value);
      }
    }
    return bytes.flip();
  }

  /** Replaces the first number of a SHORT or LONG tag of a classic TIFF's first IFD. */
  static byte[] patch(byte[] file, int code, long value) {
    byte[] patched = file.clone();
    ByteOrder order = file[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    ByteBuffer buffer = ByteBuffer.wrap(patched).order(order);
    int place = place(buffer, code);
    if (buffer.getShort(place + 2) == 3) {
      buffer.putShort(place + 8, (short) value);
    } else {
      buffer.putInt(place + 8, (int) value);
    }
    return patched;
  }

  /** The first number of an inline SHORT or LONG tag of a classic TIFF's first IFD. */
  static long number(byte[] file, int code) {
    ByteOrder order = file[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    ByteBuffer buffer = ByteBuffer.wrap(file).order(order);
    int place = place(buffer, code);
    return buffer.getShort(place + 2) == 3
        ? buffer.getShort(place + 8) & 0xFFFF
        : buffer.getInt(place + 8) & 0xFFFFFFFFL;
  }

  private static int place(ByteBuffer buffer, int code) {
    int ifd = buffer.getInt(4);
    for (int i = 0; i < buffer.getShort(ifd); i++) {
      if ((buffer.getShort(ifd + 2 + 12 * i) & 0xFFFF) == code) {
        return ifd + 2 + 12 * i;
      }
    }
    throw new IllegalArgumentException("no tag " + code);
  }
}
