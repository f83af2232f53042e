package io.landloom.geo.tiff;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Builds TIFFs byte by byte, valid or not. */
public final class TiffBytes {
  private final ByteOrder order;
  private final boolean big;
  private final List<Tag> tags = new ArrayList<>();
  private byte[] blocks = new byte[0];
  private long next;
  private int shift;

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

  /** Adds an ASCII tag with its closing NUL. */
  TiffBytes text(int code, String text) {
    double[] values = new double[text.length() + 1];
    for (int i = 0; i < text.length(); i++) {
      values[i] = text.charAt(i);
    }
    return tag(code, 2, values);
  }

  /** This file with a second IFD, whose blocks lie behind this one's. */
  byte[] followedBy(TiffBytes second) {
    byte[] first = next(0).build();
    int shift = first.length + first.length % 2;
    second.longs(273, second.blockStart() + shift);
    byte[] other = second.shifted(shift);
    byte[] joined = Arrays.copyOf(next(shift + second.ifdStart()).build(), shift + other.length);
    System.arraycopy(other, 0, joined, shift, other.length);
    return joined;
  }

  /** The file with all places of values moved, as it must be to stand at that place of another. */
  private byte[] shifted(int places) {
    shift = places;
    byte[] file = build();
    shift = 0;
    return file;
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
        offset(file, extra + shift);
        file.put(extra, bytes, 0, bytes.limit());
        extra += bytes.limit();
      } else {
        file.put(bytes);
      }
      file.position(place + inline);
    }
    offset(file, next);
    return Arrays.copyOf(file.array(), extra);
  }

  private ByteBuffer offset(ByteBuffer file, long value) {
    return big ? file.putLong(value) : file.putInt((int) value);
  }

  private ByteBuffer bytes(Tag tag) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * tag.values().length).order(order);
    for (double value : tag.values()) {
      switch (tag.type()) {
        case 1, 2 -> bytes.put((byte) value);
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
    return patch(file, code, 0, value);
  }

  /** Replaces a number of a SHORT or LONG tag of a classic TIFF's first IFD. */
  static byte[] patch(byte[] file, int code, int index, long value) {
    byte[] patched = file.clone();
    ByteBuffer buffer = buffer(patched);
    int at = value(buffer, code, index);
    if (buffer.getShort(place(buffer, code) + 2) == 3) {
      buffer.putShort(at, (short) value);
    } else {
      buffer.putInt(at, (int) value);
    }
    return patched;
  }

  /** The first number of a SHORT or LONG tag of a classic TIFF's first IFD. */
  static long number(byte[] file, int code) {
    return number(file, code, 0);
  }

  /** A number of a SHORT or LONG tag of a classic TIFF's first IFD. */
  static long number(byte[] file, int code, int index) {
    ByteBuffer buffer = buffer(file);
    int at = value(buffer, code, index);
    return buffer.getShort(place(buffer, code) + 2) == 3
        ? buffer.getShort(at) & 0xFFFF
        : buffer.getInt(at) & 0xFFFFFFFFL;
  }

  /** The count of values of a tag of a classic TIFF's first IFD. */
  static int count(byte[] file, int code) {
    ByteBuffer buffer = buffer(file);
    return buffer.getInt(place(buffer, code) + 4);
  }

  private static ByteBuffer buffer(byte[] file) {
    return ByteBuffer.wrap(file)
        .order(file[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
  }

  private static int value(ByteBuffer buffer, int code, int index) {
    int place = place(buffer, code);
    int bytes = buffer.getShort(place + 2) == 3 ? 2 : 4;
    boolean inline = buffer.getInt(place + 4) * bytes <= 4;
    return (inline ? place + 8 : buffer.getInt(place + 8)) + index * bytes;
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
