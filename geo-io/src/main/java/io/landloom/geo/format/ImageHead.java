package io.landloom.geo.format;

import io.landloom.geo.image.SampleType;
import io.landloom.geo.scene.SceneHeader;
import io.landloom.geo.source.ByteSource;
import io.landloom.geo.source.SceneFormatException;
import io.landloom.geo.tiff.TiffLimits;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a PNG or JPEG says of itself before its pixels, read without decoding anything.
 *
 * @param header the header
 * @param segments the parts of the file that are needed to decode the pixels, in order
 */
record ImageHead(SceneHeader header, List<Segment> segments) {
  /** Bytes of pixels that may be decoded: such files are held whole, and for a moment twice. */
  private static final long WHOLE_IMAGE = 1L << 28;

  private static final String PIXEL_INTERLEAVED = "whole image, pixel interleaved";
  private static final int IHDR = 0x49484452;
  private static final int PLTE = 0x504C5445;
  private static final int IDAT = 0x49444154;
  private static final int IEND = 0x49454E44;
  private static final int SIGNATURE = 8;
  private static final int AROUND_CHUNK = 12;

  /**
   * A part of a file.
   *
   * @param start first byte
   * @param length bytes
   */
  record Segment(long start, long length) {}

  /** Walks the chunks of a PNG; those that only describe it are left out of the segments. */
  static ImageHead ofPng(ByteSource source, TiffLimits limits) throws IOException {
    List<Segment> segments = new ArrayList<>();
    segments.add(new Segment(0, SIGNATURE));
    byte[] first = null;
    int[] palette = null;
    boolean pixels = false;
    long position = SIGNATURE;
    int type = 0;
    while (type != IEND) {
      byte[] head = bytes(source, position, 8);
      long length = integer(head, 0) & 0xFFFFFFFFL;
      type = integer(head, 4);
      if (length > source.length() - position - AROUND_CHUNK) {
        throw new SceneFormatException(
            source.name(),
            "PNG chunk of " + length + " bytes at " + position + " reaches past the file's end");
      }
      if ((type == IHDR) != (first == null)) {
        throw new SceneFormatException(source.name(), "PNG without a single, leading IHDR chunk");
      }
      if (type == IHDR) {
        first = length == 13 ? bytes(source, position + 8, 13) : new byte[0];
      } else if (type == PLTE && palette == null && !pixels) {
        palette = palette(source, position + 8, length);
      }
      pixels |= type == IDAT;
      if (type == IHDR || type == PLTE || type == IDAT || type == IEND) {
        add(segments, position, length + AROUND_CHUNK);
      }
      position += length + AROUND_CHUNK;
    }
    return new ImageHead(pngHeader(source, limits, first, palette), segments);
  }

  private static void add(List<Segment> segments, long start, long length) {
    Segment last = segments.get(segments.size() - 1);
    if (last.start() + last.length() == start) {
      segments.set(segments.size() - 1, new Segment(last.start(), last.length() + length));
    } else {
      segments.add(new Segment(start, length));
    }
  }

  private static int[] palette(ByteSource source, long position, long length) throws IOException {
    if (length < 3 || length > 768 || length % 3 != 0) {
      throw new SceneFormatException(source.name(), "PNG palette of " + length + " bytes");
    }
    byte[] colors = bytes(source, position, (int) length);
    int[] palette = new int[256];
    for (int i = 0; i < colors.length; i += 3) {
      palette[i / 3] =
          (colors[i] & 0xFF) << 16 | (colors[i + 1] & 0xFF) << 8 | (colors[i + 2] & 0xFF);
    }
    return palette;
  }

  private static SceneHeader pngHeader(
      ByteSource source, TiffLimits limits, byte[] head, int[] palette) throws IOException {
    if (head.length != 13) {
      throw new SceneFormatException(source.name(), "PNG with an IHDR chunk that is not 13 bytes");
    }
    int width = integer(head, 0);
    int height = integer(head, 4);
    int depth = head[8];
    int bands =
        switch (head[9]) {
          case 0, 3 -> 1;
          case 2 -> 3;
          case 4 -> 2;
          case 6 -> 4;
          default -> throw new SceneFormatException(source.name(), "PNG colour type " + head[9]);
        };
    if (depth < 1 || depth > 16 || Integer.bitCount(depth) != 1) {
      throw new SceneFormatException(source.name(), "PNG of " + depth + " bits a sample");
    }
    if (head[9] == 3 && palette == null) {
      throw new SceneFormatException(source.name(), "palette PNG without a PLTE chunk");
    }
    SampleType type = depth == 16 ? SampleType.UINT16 : SampleType.UINT8;
    int[] colors = head[9] == 3 ? palette : null;
    SceneHeader.Storage storage = SceneHeader.Storage.of("DEFLATE", PIXEL_INTERLEAVED);
    return bounded(
        source, limits, new SceneHeader("PNG", width, height, bands, type, colors, null, storage));
  }

  private static SceneHeader bounded(ByteSource source, TiffLimits limits, SceneHeader header)
      throws SceneFormatException {
    if (header.width() < 1 || header.height() < 1) {
      throw new SceneFormatException(
          source.name(), header.format() + " of " + header.width() + " x " + header.height());
    }
    long pixels = (long) header.width() * header.height();
    int pixelBytes = header.bands() * header.type().bytes();
    long most = Math.min(limits.blockBytes(), WHOLE_IMAGE);
    if (pixels > limits.pixels() || pixels > most / pixelBytes) {
      throw new SceneFormatException(
          source.name(),
          String.format(
              "%s of %d x %d pixels; it must fit %d pixels and %d bytes",
              header.format(), header.width(), header.height(), limits.pixels(), most));
    }
    // one byte of Deflate, or one bit of a Huffman code a block of 64 samples
    if (pixels / 8 / limits.deflateRatio() > source.length()) {
      throw new SceneFormatException(
          source.name(),
          String.format(
              "%s of %d x %d pixels in %d bytes",
              header.format(), header.width(), header.height(), source.length()));
    }
    return header;
  }

  /** Walks the markers of a JPEG up to its frame header. */
  static ImageHead ofJpeg(ByteSource source, TiffLimits limits) throws IOException {
    long position = 2;
    while (true) {
      byte[] head = bytes(source, position, 4);
      int marker = head[1] & 0xFF;
      if (head[0] != (byte) 0xFF) {
        throw new SceneFormatException(source.name(), "JPEG without a marker at " + position);
      }
      if (marker == 0xFF) {
        position++;
        continue;
      }
      boolean frame = marker >= 0xC0 && marker <= 0xCF;
      if (frame && marker != 0xC4 && marker != 0xC8 && marker != 0xCC) {
        SceneHeader header = frame(source, limits, marker, bytes(source, position + 4, 6));
        return new ImageHead(header, List.of(new Segment(0, source.length())));
      }
      if (marker == 0xD9 || marker == 0xDA) {
        throw new SceneFormatException(source.name(), "JPEG without a frame header");
      }
      position += 2 + ((head[2] & 0xFF) << 8 | (head[3] & 0xFF));
    }
  }

  private static SceneHeader frame(ByteSource source, TiffLimits limits, int marker, byte[] frame)
      throws IOException {
    if (marker > 0xC2) {
      throw new SceneFormatException(
          source.name(), String.format("JPEG frame of kind 0x%X is not supported", marker));
    }
    if (frame[0] != 8) {
      throw new SceneFormatException(
          source.name(), "JPEG of " + frame[0] + " bits is not supported, only 8 are");
    }
    int bands = frame[5];
    if (bands != 1 && bands != 3) {
      throw new SceneFormatException(
          source.name(), "JPEG of " + bands + " components is not supported, only 1 and 3 are");
    }
    int height = integer(frame, 1) >>> 16;
    int width = integer(frame, 1) & 0xFFFF;
    SceneHeader.Storage storage = SceneHeader.Storage.of("JPEG", PIXEL_INTERLEAVED);
    return bounded(
        source,
        limits,
        new SceneHeader("JPEG", width, height, bands, SampleType.UINT8, null, null, storage));
  }

  private static byte[] bytes(ByteSource source, long position, int count) throws IOException {
    if (position < 0 || position > source.length() - count) {
      throw new SceneFormatException(
          source.name(), "ends at " + source.length() + ", before its header does");
    }
    byte[] bytes = new byte[count];
    source.read(position, bytes, 0, count);
    return bytes;
  }

  private static int integer(byte[] bytes, int at) {
    return (bytes[at] & 0xFF) << 24
        | (bytes[at + 1] & 0xFF) << 16
        | (bytes[at + 2] & 0xFF) << 8
        | (bytes[at + 3] & 0xFF);
  }
}
