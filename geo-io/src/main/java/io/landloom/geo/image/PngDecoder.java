package io.landloom.geo.image;

import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.source.SceneFormatException;
import java.io.Serializable;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Reads the PNGs that patches are stored as: 8 bits, not interlaced, every filter.
 *
 * <p>The image's size is checked against a limit and against the bytes there are before anything is
 * allocated; checksums are compared. Safe for several threads.
 */
public final class PngDecoder implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final long DEFAULT_PIXELS = 1L << 26;
  private static final int DEFLATE_RATIO = 1100;
  private static final int SIGNATURE = 8;
  private static final int AROUND_CHUNK = 12;
  private static final int IHDR = 0x49484452;
  private static final int IDAT = 0x49444154;
  private static final int IEND = 0x49454E44;
  private static final int PALETTE = 3;
  private static final int ANCILLARY = 0x20000000;

  private final long maximumPixels;

  /** A decoder for images of up to 2^26 pixels (8192 x 8192). */
  public PngDecoder() {
    this(DEFAULT_PIXELS);
  }

  /** A decoder for images of up to so many pixels. */
  public PngDecoder(long maximumPixels) {
    if (maximumPixels < 1) {
      throw new IllegalArgumentException("maximum of " + maximumPixels + " pixels");
    }
    this.maximumPixels = maximumPixels;
  }

  private record Head(int width, int height, int colorType, int bands) {}

  /**
   * Decodes gray (1 band), gray with alpha (2), RGB (3) or RGBA (4).
   *
   * @throws SceneFormatException if the bytes are damaged, too large, or another kind of PNG
   */
  public Raster decode(byte[] png) throws SceneFormatException {
    Head head = head(png);
    if (head.colorType() == PALETTE) {
      throw refusal(png, "is a palette image; decodeMask reads its indices");
    }
    return Raster.ofBytes(head.width(), head.height(), head.bands(), pixels(png, head));
  }

  /**
   * Decodes the indices of a palette image, or the values of a gray one.
   *
   * @throws SceneFormatException if the bytes are damaged, too large, or another kind of PNG
   */
  public ClassMask decodeMask(byte[] png) throws SceneFormatException {
    Head head = head(png);
    if (head.bands() != 1) {
      throw refusal(png, "has " + head.bands() + " bands, a mask has 1");
    }
    return new ClassMask(head.width(), head.height(), pixels(png, head));
  }

  private Head head(byte[] png) throws SceneFormatException {
    if (!PngEncoder.startsLikePng(png)) {
      throw refusal(png, "is not a PNG");
    }
    if (png.length < 33 || integer(png, 8) != 13 || integer(png, 12) != IHDR) {
      throw refusal(png, "has no IHDR chunk");
    }
    checkCrc(png, SIGNATURE, 13);
    int width = integer(png, 16);
    int height = integer(png, 20);
    if (png[24] != 8 || png[28] != 0) {
      throw refusal(
          png, "has " + png[24] + " bits and interlacing " + png[28] + ", only 8 and 0 are read");
    }
    int bands =
        switch (png[25]) {
          case 0, PALETTE -> 1;
          case 2 -> 3;
          case 4 -> 2;
          case 6 -> 4;
          default -> throw refusal(png, "has colour type " + png[25]);
        };
    if (width < 1 || height < 1 || (long) width * height > maximumPixels) {
      throw refusal(
          png, "has " + width + " x " + height + " pixels; 1 to " + maximumPixels + " are read");
    }
    long expected = Math.multiplyExact((long) width * bands + 1, (long) height);
    if (expected / DEFLATE_RATIO > png.length || expected > Integer.MAX_VALUE - 8) {
      throw refusal(png, "cannot hold " + width + " x " + height + " x " + bands + " samples");
    }
    return new Head(width, height, png[25], bands);
  }

  private byte[] pixels(byte[] png, Head head) throws SceneFormatException {
    Inflater inflater = new Inflater();
    try {
      return inflate(png, head, inflater);
    } catch (DataFormatException e) {
      throw new SceneFormatException(name(png), "is damaged: " + e.getMessage(), e);
    } finally {
      inflater.end();
    }
  }

  private byte[] inflate(byte[] png, Head head, Inflater inflater)
      throws DataFormatException, SceneFormatException {
    int rowBytes = head.width() * head.bands();
    byte[] filtered = new byte[(rowBytes + 1) * head.height()];
    int filled = 0;
    int position = SIGNATURE;
    for (int type = IHDR; type != IEND; ) {
      int length = chunkLength(png, position);
      type = integer(png, position + 4);
      checkCrc(png, position, length);
      if (type == IDAT) {
        inflater.setInput(png, position + 8, length);
        int step = 1;
        while (filled < filtered.length && step > 0) {
          step = inflater.inflate(filtered, filled, filtered.length - filled);
          filled += step;
        }
      } else if ((type & ANCILLARY) == 0 && position > SIGNATURE && !known(type)) {
        throw refusal(png, String.format("has an unknown critical chunk 0x%08X", type));
      }
      position += length + AROUND_CHUNK;
    }
    if (filled < filtered.length) {
      throw refusal(png, "is truncated: " + filled + " of " + filtered.length + " bytes of pixels");
    }
    return unfilter(png, head, filtered);
  }

  private static boolean known(int type) {
    return type == 0x504C5445 || type == IEND;
  }

  private static int chunkLength(byte[] png, int position) throws SceneFormatException {
    long rest = (long) png.length - position - AROUND_CHUNK;
    if (rest < 0) {
      throw refusal(png, "is truncated: ends before its IEND chunk");
    }
    int length = integer(png, position);
    if (length < 0 || length > rest) {
      throw refusal(
          png, "is truncated: chunk of " + length + " bytes with " + rest + " bytes left");
    }
    return length;
  }

  private static void checkCrc(byte[] png, int position, int length) throws SceneFormatException {
    CRC32 crc = new CRC32();
    crc.update(png, position + 4, length + 4);
    if ((int) crc.getValue() != integer(png, position + 8 + length)) {
      throw refusal(png, "is damaged: checksum of the chunk at " + position);
    }
  }

  private static byte[] unfilter(byte[] png, Head head, byte[] filtered)
      throws SceneFormatException {
    int bands = head.bands();
    int rowBytes = head.width() * bands;
    byte[] samples = new byte[rowBytes * head.height()];
    byte[] above = new byte[rowBytes];
    for (int y = 0; y < head.height(); y++) {
      int from = y * (rowBytes + 1);
      int to = y * rowBytes;
      System.arraycopy(filtered, from + 1, samples, to, rowBytes);
      switch (filtered[from]) {
        case 0 -> {}
        case 1 -> addLeft(samples, to, rowBytes, bands);
        case 2 -> addAbove(samples, to, rowBytes, above);
        case 3 -> addAverage(samples, to, rowBytes, bands, above);
        case 4 -> addPaeth(samples, to, rowBytes, bands, above);
        default -> throw refusal(png, "is damaged: filter " + filtered[from] + " in row " + y);
      }
      System.arraycopy(samples, to, above, 0, rowBytes);
    }
    return samples;
  }

  private static void addLeft(byte[] samples, int from, int rowBytes, int bands) {
    for (int i = from + bands; i < from + rowBytes; i++) {
      samples[i] = (byte) (samples[i] + samples[i - bands]);
    }
  }

  private static void addAbove(byte[] samples, int from, int rowBytes, byte[] above) {
    for (int i = 0; i < rowBytes; i++) {
      samples[from + i] = (byte) (samples[from + i] + above[i]);
    }
  }

  private static void addAverage(byte[] samples, int from, int rowBytes, int bands, byte[] above) {
    for (int i = 0; i < rowBytes; i++) {
      int left = i < bands ? 0 : samples[from + i - bands] & 0xFF;
      samples[from + i] = (byte) (samples[from + i] + (left + (above[i] & 0xFF)) / 2);
    }
  }

  private static void addPaeth(byte[] samples, int from, int rowBytes, int bands, byte[] above) {
    for (int i = 0; i < rowBytes; i++) {
      int left = i < bands ? 0 : samples[from + i - bands] & 0xFF;
      int corner = i < bands ? 0 : above[i - bands] & 0xFF;
      int up = above[i] & 0xFF;
      int byLeft = Math.abs(up - corner);
      int byUp = Math.abs(left - corner);
      int byCorner = Math.abs(left + up - 2 * corner);
      int nearest = byLeft <= byUp && byLeft <= byCorner ? left : byUp <= byCorner ? up : corner;
      samples[from + i] = (byte) (samples[from + i] + nearest);
    }
  }

  private static String name(byte[] png) {
    return "PNG of " + png.length + " bytes";
  }

  private static SceneFormatException refusal(byte[] png, String problem) {
    return new SceneFormatException(name(png), problem);
  }

  private static int integer(byte[] bytes, int at) {
    return (bytes[at] & 0xFF) << 24
        | (bytes[at + 1] & 0xFF) << 16
        | (bytes[at + 2] & 0xFF) << 8
        | (bytes[at + 3] & 0xFF);
  }
}
