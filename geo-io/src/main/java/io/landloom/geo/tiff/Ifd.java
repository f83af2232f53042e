package io.landloom.geo.tiff;

import io.landloom.geo.source.SceneFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** One image file directory: its entries, and their values read on demand within the limits. */
final class Ifd {
  private static final int[] TYPE_BYTES = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};

  private final IfdChain chain;
  private final int index;
  private final Map<TiffTag, Entry> entries;

  /**
   * One entry as stored.
   *
   * @param type TIFF field type
   * @param count number of values
   * @param inline place of the value field in the file
   */
  record Entry(int type, long count, long inline) {}

  Ifd(IfdChain chain, int index, Map<TiffTag, Entry> entries) {
    this.chain = chain;
    this.index = index;
    this.entries = entries;
  }

  String file() {
    return chain.file();
  }

  int index() {
    return index;
  }

  boolean has(TiffTag tag) {
    return entries.containsKey(tag);
  }

  /** A refusal that names file, IFD and tag. */
  SceneFormatException refusal(TiffTag tag, String problem) {
    return new SceneFormatException(file(), "IFD " + index + ": " + tag + " " + problem);
  }

  /** A refusal that names file and IFD. */
  SceneFormatException refusal(String problem) {
    return new SceneFormatException(file(), "IFD " + index + ": " + problem);
  }

  /** The values of an unsigned integer tag; empty if it is absent. */
  long[] numbers(TiffTag tag) throws IOException {
    Entry entry = entries.get(tag);
    if (entry == null) {
      return new long[0];
    }
    int bytes =
        switch (entry.type()) {
          case 1, 3, 4, 13, 16, 18 -> TYPE_BYTES[entry.type()];
          default -> throw refusal(tag, "has type " + entry.type() + ", not an unsigned integer");
        };
    ByteBuffer buffer = values(tag, entry, bytes);
    long[] values = new long[(int) entry.count()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (bytes) {
            case 1 -> buffer.get() & 0xFF;
            case 2 -> buffer.getShort() & 0xFFFF;
            case 4 -> buffer.getInt() & 0xFFFFFFFFL;
            default -> buffer.getLong();
          };
      if (values[i] < 0) {
        throw refusal(tag, "value " + i + " is " + Long.toUnsignedString(values[i]));
      }
    }
    return values;
  }

  /** The values of a floating-point tag; empty if it is absent. */
  double[] doubles(TiffTag tag) throws IOException {
    Entry entry = entries.get(tag);
    if (entry == null) {
      return new double[0];
    }
    if (entry.type() != 12) {
      throw refusal(tag, "has type " + entry.type() + ", not DOUBLE (12)");
    }
    ByteBuffer buffer = values(tag, entry, 8);
    double[] values = new double[(int) entry.count()];
    buffer.asDoubleBuffer().get(values);
    return values;
  }

  /** The number of values of a tag, unread; 0 if it is absent. */
  long count(TiffTag tag) {
    Entry entry = entries.get(tag);
    return entry == null ? 0 : entry.count();
  }

  /** The bytes of a tag of type BYTE or UNDEFINED; empty if it is absent. */
  byte[] bytes(TiffTag tag) throws IOException {
    return octets(tag, "bytes", 1, 7);
  }

  /** The text of a tag up to its first NUL, without blanks around it; empty if it is absent. */
  String text(TiffTag tag) throws IOException {
    String text = new String(octets(tag, "ASCII (2)", 2, 2), StandardCharsets.ISO_8859_1);
    int end = text.indexOf(0);
    return (end < 0 ? text : text.substring(0, end)).strip();
  }

  private byte[] octets(TiffTag tag, String what, int type, int otherType) throws IOException {
    Entry entry = entries.get(tag);
    if (entry == null) {
      return new byte[0];
    }
    if (entry.type() != type && entry.type() != otherType) {
      throw refusal(tag, "has type " + entry.type() + ", not " + what);
    }
    return values(tag, entry, 1).array();
  }

  /** The only value of a tag. */
  long number(TiffTag tag) throws IOException {
    long[] values = numbers(tag);
    if (values.length == 0) {
      throw refusal(tag, "is missing");
    }
    if (values.length != 1) {
      throw refusal(tag, "has " + values.length + " values, not 1");
    }
    return values[0];
  }

  /** The only value of a tag, or its default where the tag is absent. */
  long number(TiffTag tag, long otherwise) throws IOException {
    return has(tag) ? number(tag) : otherwise;
  }

  /**
   * The only value of a tag that counts kinds of things; what no kind can have becomes 2^31 - 1.
   */
  int code(TiffTag tag, int otherwise) throws IOException {
    return (int) Math.min(number(tag, otherwise), Integer.MAX_VALUE);
  }

  /** The only value of a tag, of 1 to 2^31 - 1. */
  int size(TiffTag tag) throws IOException {
    long value = number(tag);
    if (value < 1 || value > Integer.MAX_VALUE) {
      throw refusal(tag, "is " + value + ", outside 1.." + Integer.MAX_VALUE);
    }
    return (int) value;
  }

  private ByteBuffer values(TiffTag tag, Entry entry, int bytes) throws IOException {
    if (entry.count() < 1 || entry.count() > chain.limits().tagBytes() / bytes) {
      throw refusal(
          tag,
          String.format(
              "has %s values of %d bytes; between 1 value and %d bytes are allowed",
              Long.toUnsignedString(entry.count()), bytes, chain.limits().tagBytes()));
    }
    long length = Math.multiplyExact(entry.count(), bytes);
    String what = "IFD " + index + ": " + tag;
    boolean inline = length <= chain.inlineBytes();
    long position = inline ? entry.inline() : chain.pointer(entry.inline(), what);
    return chain.read(position, length, what);
  }
}
