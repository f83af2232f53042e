package io.landloom.geo.tiff;

import io.landloom.geo.source.ByteSource;
import io.landloom.geo.source.SceneFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The header of a TIFF and its IFDs in file order, parsed within limits. */
final class IfdChain {
  private static final int HEADER = 16;
  private static final int WINDOW = 16 * 1024;
  private static final int REDUCED = 1;
  private static final int MASK = 4;
  private static final int OLD_REDUCED = 2;

  private final ByteSource source;
  private final TiffLimits limits;
  private final SourceWindow window;
  private final ByteOrder order;
  private final Variant variant;
  private final List<Ifd> ifds = new ArrayList<>();
  private long ifdBytes;

  /** The two sizes of TIFF: 32-bit and 64-bit offsets. */
  private enum Variant {
    CLASSIC(4, 2, 12),
    BIG(8, 8, 20);

    private final int offsetBytes;
    private final int countBytes;
    private final int entryBytes;

    Variant(int offsetBytes, int countBytes, int entryBytes) {
      this.offsetBytes = offsetBytes;
      this.countBytes = countBytes;
      this.entryBytes = entryBytes;
    }
  }

  private IfdChain(ByteSource source, TiffLimits limits) throws IOException {
    this.source = source;
    this.limits = limits;
    this.window = new SourceWindow(source, WINDOW);
    window.horizon(HEADER); // the first IFD may be far away
    byte[] mark = new byte[2];
    check(0, 8, "header");
    window.read(0, mark, 0, 2);
    if (mark[0] != mark[1] || (mark[0] != 'I' && mark[0] != 'M')) {
      throw new SceneFormatException(source.name(), "not a TIFF: byte order mark missing");
    }
    this.order = mark[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    this.variant = variant();
    window.horizon(source.length());
  }

  /** Parses header and IFDs. */
  static IfdChain parse(ByteSource source, TiffLimits limits) throws IOException {
    IfdChain chain = new IfdChain(source, limits);
    chain.walk();
    return chain;
  }

  private Variant variant() throws IOException {
    int magic = read(2, 2, "header").getShort() & 0xFFFF;
    if (magic == 42) {
      return Variant.CLASSIC;
    }
    if (magic != 43) {
      throw new SceneFormatException(file(), "not a TIFF: version " + magic + ", not 42 or 43");
    }
    ByteBuffer big = read(4, 4, "header");
    int offsetSize = big.getShort();
    int zero = big.getShort();
    if (offsetSize != 8 || zero != 0) {
      throw new SceneFormatException(
          file(), "BigTIFF header with offset size " + offsetSize + " and filler " + zero);
    }
    return Variant.BIG;
  }

  private void walk() throws IOException {
    Set<Long> visited = new HashSet<>();
    long position = pointer(variant.offsetBytes, "header: first IFD");
    while (position != 0) {
      if (!visited.add(position)) {
        throw new SceneFormatException(
            file(),
            "IFD " + (ifds.size() - 1) + ": next IFD at " + position + " was already visited");
      }
      if (ifds.size() == limits.ifds()) {
        throw new SceneFormatException(file(), "more than " + limits.ifds() + " IFDs");
      }
      position = parseIfd(position);
    }
    if (ifds.isEmpty()) {
      throw new SceneFormatException(file(), "no IFD: first offset is 0");
    }
  }

  private long parseIfd(long position) throws IOException {
    String place = "IFD " + ifds.size();
    ByteBuffer head = read(position, variant.countBytes, place + ": entry count");
    long count = variant == Variant.BIG ? head.getLong() : head.getShort() & 0xFFFF;
    if (count < 1 || count > limits.entries()) {
      throw new SceneFormatException(
          file(),
          String.format(
              "%s: %s entries, outside 1..%d",
              place, Long.toUnsignedString(count), limits.entries()));
    }
    long first = position + variant.countBytes;
    long length = Math.multiplyExact(count, variant.entryBytes);
    ByteBuffer buffer = read(first, length, place + ": entries");
    Map<TiffTag, Ifd.Entry> entries = new EnumMap<>(TiffTag.class);
    for (int i = 0; i < count; i++) {
      int at = i * variant.entryBytes;
      TiffTag tag = TiffTag.ofCode(buffer.getShort(at) & 0xFFFF);
      if (tag != null && entries.put(tag, entry(buffer, at, first + at)) != null) {
        throw new SceneFormatException(file(), place + ": " + tag + " appears twice");
      }
    }
    ifds.add(new Ifd(this, ifds.size(), entries));
    return pointer(first + length, place + ": offset of the next IFD");
  }

  private Ifd.Entry entry(ByteBuffer buffer, int at, long position) {
    int type = buffer.getShort(at + 2) & 0xFFFF;
    return variant == Variant.BIG
        ? new Ifd.Entry(type, buffer.getLong(at + 4), position + 12)
        : new Ifd.Entry(type, buffer.getInt(at + 4) & 0xFFFFFFFFL, position + 8);
  }

  String file() {
    return source.name();
  }

  TiffLimits limits() {
    return limits;
  }

  ByteOrder order() {
    return order;
  }

  /** Bytes of values that fit the entry itself. */
  int inlineBytes() {
    return variant.offsetBytes;
  }

  /** Reads an offset of this file's size. */
  long pointer(long position, String what) throws IOException {
    ByteBuffer buffer = read(position, variant.offsetBytes, what);
    return variant == Variant.BIG ? buffer.getLong() : buffer.getInt() & 0xFFFFFFFFL;
  }

  /** Reads a range, after checking that it lies in the file and in the budget for IFDs. */
  ByteBuffer read(long position, long length, String what) throws IOException {
    check(position, length, what);
    ifdBytes += length;
    if (ifdBytes > limits.ifdBytes()) {
      throw new SceneFormatException(
          file(), what + ": IFDs and tags exceed " + limits.ifdBytes() + " bytes");
    }
    byte[] bytes = new byte[Math.toIntExact(length)];
    window.read(position, bytes, 0, bytes.length);
    return ByteBuffer.wrap(bytes).order(order);
  }

  private void check(long position, long length, String what) throws SceneFormatException {
    if (position < 0 || length > source.length() || position > source.length() - length) {
      throw new SceneFormatException(
          file(),
          String.format(
              "%s: %d bytes at %s reach past the file's end at %d",
              what, length, Long.toUnsignedString(position), source.length()));
    }
  }

  /** The first IFD that is neither a reduced-resolution copy nor a mask. */
  Ifd image() throws IOException {
    for (Ifd ifd : ifds) {
      if (isImage(ifd)) {
        return ifd;
      }
    }
    throw new SceneFormatException(
        file(), "none of " + ifds.size() + " IFDs holds a full-resolution image");
  }

  /** The full-resolution mask that follows an image, before any other image; null without one. */
  Ifd maskOf(Ifd image) throws IOException {
    for (Ifd ifd : ifds.subList(image.index() + 1, ifds.size())) {
      if (isImage(ifd)) {
        return null;
      }
      if ((ifd.number(TiffTag.NEW_SUBFILE_TYPE, 0) & (REDUCED | MASK)) == MASK) {
        return ifd;
      }
    }
    return null;
  }

  private static boolean isImage(Ifd ifd) throws IOException {
    long kind = ifd.number(TiffTag.NEW_SUBFILE_TYPE, 0);
    long oldKind = ifd.number(TiffTag.SUBFILE_TYPE, 1);
    return (kind & (REDUCED | MASK)) == 0 && oldKind != OLD_REDUCED;
  }
}
