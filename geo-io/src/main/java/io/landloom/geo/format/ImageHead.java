package io.landloom.geo.format;

import io.landloom.geo.image.SampleType;
import io.landloom.geo.scene.SceneHeader;
import io.landloom.geo.source.ByteSource;
import io.landloom.geo.source.SceneFormatException;
import io.landloom.geo.tiff.TiffLimits;
import java.io.IOException;

/**
 * What a PNG or JPEG says of itself before its pixels, read without decoding anything.
 *
 * @param header the header
 */
record ImageHead(SceneHeader header) {
  /** Bytes of pixels that may be decoded: such files are held whole. */
  private static final long WHOLE_IMAGE = 1L << 28;

  /** Of the heap: the image, a copy of the rows asked for, and the same for other tasks. */
  private static final int SHARE_OF_HEAP = 8;

  private static final int MOST_SEGMENTS = 65_536;
  private static final int MOST_HEAD_BYTES = 1 << 24;

  /** Bytes in which the header of most files lies. */
  private static final int WINDOW = 4096;

  private static final String PIXEL_INTERLEAVED = "whole image, pixel interleaved";

  /**
   * A part of a file.
   *
   * @param start first byte
   * @param length bytes
   */
  record Segment(long start, long length) {}

  /** Walks the chunks of a PNG up to its pixels. */
  static ImageHead ofPng(ByteSource source, TiffLimits limits) throws IOException {
    ReadAhead file = new ReadAhead(source, WINDOW);
    PngChunks chunks = new PngChunks(file);
    byte[] first = new byte[0];
    int[] palette = null;
    PngChunks.Chunk chunk = chunks.next();
    while (chunk != null && chunk.type() != PngChunks.IDAT) {
      if (chunk.start() > MOST_HEAD_BYTES) {
        throw new SceneFormatException(
            source.name(),
            String.format(
                "PNG without pixels in its first %d bytes, at %d; strip its metadata",
                MOST_HEAD_BYTES, chunk.start()));
      }
      if (chunk.type() == PngChunks.IHDR && chunk.length() == 13) {
        first = file.bytes(chunk.data(), 13);
      } else if (chunk.type() == PngChunks.PLTE && palette == null) {
        palette = palette(file, chunk);
      }
      chunk = chunks.next();
    }
    return new ImageHead(pngHeader(source, limits, first, palette));
  }

  private static int[] palette(ReadAhead file, PngChunks.Chunk chunk) throws IOException {
    long length = chunk.length();
    if (length < 3 || length > 768 || length % 3 != 0) {
      throw new SceneFormatException(file.source().name(), "PNG palette of " + length + " bytes");
    }
    byte[] colors = file.bytes(chunk.data(), (int) length);
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

  /** Bytes of pixels that may be held in a heap of so many bytes. */
  static long mostBytes(long heap) {
    return Math.min(WHOLE_IMAGE, heap / SHARE_OF_HEAP);
  }

  private static SceneHeader bounded(ByteSource source, TiffLimits limits, SceneHeader header)
      throws SceneFormatException {
    if (header.width() < 1 || header.height() < 1) {
      throw new SceneFormatException(
          source.name(), header.format() + " of " + header.width() + " x " + header.height());
    }
    long pixels = (long) header.width() * header.height();
    int pixelBytes = header.bands() * header.type().bytes();
    long heap = Runtime.getRuntime().maxMemory();
    long most = Math.min(limits.blockBytes(), mostBytes(heap));
    if (pixels > limits.pixels() || pixels > most / pixelBytes) {
      throw new SceneFormatException(
          source.name(),
          String.format(
              "%s of %d x %d pixels of %d bytes; it must fit %d pixels and, as it is held whole, %d"
                  + " bytes in a heap of %d; convert it to TIFF%s",
              header.format(),
              header.width(),
              header.height(),
              pixelBytes,
              limits.pixels(),
              most,
              heap,
              most < WHOLE_IMAGE ? " or give more memory" : ""));
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
    ReadAhead file = new ReadAhead(source, WINDOW);
    long position = 2;
    for (int segments = 0; segments <= MOST_SEGMENTS && position <= MOST_HEAD_BYTES; ) {
      byte[] head = file.bytes(position, 4);
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
        return new ImageHead(frame(source, limits, marker, file.bytes(position + 4, 6)));
      }
      if (marker == 0xD9 || marker == 0xDA) {
        throw new SceneFormatException(source.name(), "JPEG without a frame header");
      }
      position += 2 + ((head[2] & 0xFF) << 8 | (head[3] & 0xFF));
      segments++;
    }
    throw new SceneFormatException(
        source.name(),
        String.format(
            "JPEG without a frame header in its first %d segments or %d bytes, at %d; strip its"
                + " metadata",
            MOST_SEGMENTS, MOST_HEAD_BYTES, position));
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

  static int integer(byte[] bytes, int at) {
    return (bytes[at] & 0xFF) << 24
        | (bytes[at + 1] & 0xFF) << 16
        | (bytes[at + 2] & 0xFF) << 8
        | (bytes[at + 3] & 0xFF);
  }
}
