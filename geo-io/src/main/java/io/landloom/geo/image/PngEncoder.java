package io.landloom.geo.image;

import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.landcover.LandCoverScheme;
import java.io.ByteArrayOutputStream;
import java.io.Serializable;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Writes rasters and masks as PNG (ISO/IEC 15948), made for speed; the same input gives the same
 * bytes.
 *
 * <p>Safe for several threads.
 */
public final class PngEncoder implements Serializable {
  private static final int BUFFER = 1 << 16;
  private static final long serialVersionUID = 1L;
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  private static final int PALETTE = 3;
  private static final long TOP_BITS = 0x8080808080808080L;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final Options imageOptions;
  private final Options maskOptions;

  /** The row filter, the same for all rows. */
  public enum Filter {
    /** Samples as they are. */
    NONE(0),
    /** Difference to the pixel on the left. */
    SUB(1),
    /** Difference to the pixel above. */
    UP(2);

    private final int code;

    Filter(int code) {
      this.code = code;
    }
  }

  /** How Deflate looks for redundancy. */
  public enum Strategy {
    /** Repetitions and entropy. */
    DEFAULT(Deflater.DEFAULT_STRATEGY),
    /** Fewer repetitions, more entropy. */
    FILTERED(Deflater.FILTERED),
    /** Entropy only: faster, and larger where pixels repeat. */
    HUFFMAN_ONLY(Deflater.HUFFMAN_ONLY);

    private final int code;

    Strategy(int code) {
      this.code = code;
    }
  }

  /**
   * How pixels are compressed.
   *
   * @param filter of every row
   * @param strategy of Deflate
   * @param level of Deflate, 0 (stored) to 9; means nothing to {@link Strategy#HUFFMAN_ONLY}
   */
  public record Options(Filter filter, Strategy strategy, int level) implements Serializable {
    /** Checks the level. */
    public Options {
      if (level < 0 || level > 9) {
        throw new IllegalArgumentException("Deflate level " + level + " is outside 0..9");
      }
    }

    /**
     * For imagery: Up filter, Huffman codes only.
     *
     * <p>The fastest, and on imagery that was never JPEG no larger than with repetitions.
     */
    public static Options forImages() {
      return new Options(Filter.UP, Strategy.HUFFMAN_ONLY, 6);
    }

    /** For imagery where bytes count more than time: Up filter, repetitions, level 3. */
    public static Options forImagesThatRepeat() {
      return new Options(Filter.UP, Strategy.DEFAULT, 3);
    }

    /**
     * For masks, with their long runs: no filter, repetitions, level 1.
     *
     * <p>Level 6 takes half of the bytes off for four times the work; beside an image neither
     * shows.
     */
    public static Options forMasks() {
      return new Options(Filter.NONE, Strategy.DEFAULT, 1);
    }
  }

  /** An encoder with {@link Options#forImages()} and {@link Options#forMasks()}. */
  public PngEncoder() {
    this(Options.forImages(), Options.forMasks());
  }

  /** An encoder with options of its own for images and for masks. */
  public PngEncoder(Options imageOptions, Options maskOptions) {
    this.imageOptions = imageOptions;
    this.maskOptions = maskOptions;
  }

  /**
   * Encodes a raster of 8-bit gray (1 band), RGB (3) or RGBA (4).
   *
   * @throws IllegalArgumentException if the raster is of another kind
   */
  public byte[] encode(Raster raster) {
    int colorType =
        switch (raster.bands()) {
          case 1 -> 0;
          case 3 -> 2;
          case 4 -> 6;
          default -> throw new IllegalArgumentException(raster + ": PNG takes 1, 3 or 4 bands");
        };
    if (raster.type() != SampleType.UINT8) {
      throw new IllegalArgumentException(raster + ": only 8-bit samples are written as PNG");
    }
    return encode(raster, colorType, new int[0], imageOptions);
  }

  /**
   * Encodes a mask as an 8-bit palette image with the scheme's colours.
   *
   * @param mask class indices, stored as they are
   * @param scheme gives every index its colour; indices without a class are black
   */
  public byte[] encodeMask(ClassMask mask, LandCoverScheme scheme) {
    return encodeMask(mask, scheme.palette());
  }

  /**
   * Encodes a mask as an 8-bit palette image.
   *
   * @param mask class indices, stored as they are
   * @param palette 256 colours (0xRRGGBB) by index
   * @throws IllegalArgumentException if the palette has another size
   */
  public byte[] encodeMask(ClassMask mask, int[] palette) {
    if (palette.length != 256) {
      throw new IllegalArgumentException("palette of " + palette.length + " colours, not 256");
    }
    return encode(plane(mask), PALETTE, palette, maskOptions);
  }

  /** Encodes a mask as an 8-bit gray image, for readers that turn palettes into colours. */
  public byte[] encodeGrayMask(ClassMask mask) {
    return encode(plane(mask), 0, new int[0], maskOptions);
  }

  private static Raster plane(ClassMask mask) {
    return Raster.ofBytes(mask.width(), mask.height(), 1, mask.indices());
  }

  private static byte[] encode(Raster raster, int colorType, int[] palette, Options options) {
    ByteArrayOutputStream target = new ByteArrayOutputStream(raster.samples().length / 2 + 1024);
    target.writeBytes(SIGNATURE);
    byte[] header = new byte[13];
    integer(header, 0, raster.width());
    integer(header, 4, raster.height());
    header[8] = 8;
    header[9] = (byte) colorType;
    chunk(target, "IHDR", header, header.length);
    if (palette.length > 0) {
      chunk(target, "PLTE", colors(palette), 3 * palette.length);
    }
    byte[] filtered = filter(raster, options.filter());
    if (options.strategy() == Strategy.HUFFMAN_ONLY) {
      byte[] packed = new byte[HuffmanDeflate.bound(filtered.length)];
      chunk(
          target, "IDAT", packed, new HuffmanDeflate().write(filtered, filtered.length, packed, 0));
    } else {
      byte[] packed = deflate(filtered, options);
      chunk(target, "IDAT", packed, packed.length);
    }
    chunk(target, "IEND", new byte[0], 0);
    return target.toByteArray();
  }

  private static byte[] colors(int[] palette) {
    byte[] colors = new byte[3 * palette.length];
    for (int i = 0; i < palette.length; i++) {
      colors[3 * i] = (byte) (palette[i] >> 16);
      colors[3 * i + 1] = (byte) (palette[i] >> 8);
      colors[3 * i + 2] = (byte) palette[i];
    }
    return colors;
  }

  private static byte[] filter(Raster raster, Filter filter) {
    int rowBytes = raster.rowBytes();
    byte[] samples = raster.samples();
    byte[] target = new byte[Math.addExact(samples.length, raster.height())];
    int to = 0;
    for (int y = 0; y < raster.height(); y++) {
      target[to++] = (byte) filter.code;
      int from = y * rowBytes;
      // what a sample of the first pixel, or of the first row, is subtracted from is 0
      int alone =
          switch (filter) {
            case NONE -> rowBytes;
            case SUB -> raster.bands();
            case UP -> y == 0 ? rowBytes : 0;
          };
      System.arraycopy(samples, from, target, to, alone);
      int distance = filter == Filter.SUB ? raster.bands() : rowBytes;
      subtract(samples, from + alone, distance, rowBytes - alone, target, to + alone);
      to += rowBytes;
    }
    return target;
  }

  /**
   * Differences of bytes to those so many places before; eight at a time, without their borrows.
   */
  private static void subtract(
      byte[] samples, int from, int distance, int count, byte[] target, int to) {
    int i = 0;
    for (; i + 8 <= count; i += 8) {
      long a = (long) LONGS.get(samples, from + i);
      long b = (long) LONGS.get(samples, from + i - distance);
      long difference = ((a | TOP_BITS) - (b & ~TOP_BITS)) ^ ((a ^ ~b) & TOP_BITS);
      LONGS.set(target, to + i, difference);
    }
    for (; i < count; i++) {
      target[to + i] = (byte) (samples[from + i] - samples[from + i - distance]);
    }
  }

  private static byte[] deflate(byte[] source, Options options) {
    ByteArrayOutputStream target = new ByteArrayOutputStream(source.length / 2 + 1024);
    Deflater deflater = new Deflater(options.level());
    try {
      deflater.setStrategy(options.strategy().code);
      deflater.setInput(source);
      deflater.finish();
      byte[] buffer = new byte[BUFFER];
      while (!deflater.finished()) {
        target.write(buffer, 0, deflater.deflate(buffer));
      }
    } finally {
      deflater.end();
    }
    return target.toByteArray();
  }

  private static void chunk(ByteArrayOutputStream target, String type, byte[] content, int length) {
    byte[] head = new byte[8];
    integer(head, 0, length);
    System.arraycopy(type.getBytes(StandardCharsets.US_ASCII), 0, head, 4, 4);
    CRC32 crc = new CRC32();
    crc.update(head, 4, 4);
    crc.update(content, 0, length);
    byte[] tail = new byte[4];
    integer(tail, 0, (int) crc.getValue());
    target.writeBytes(head);
    target.write(content, 0, length);
    target.writeBytes(tail);
  }

  private static void integer(byte[] target, int at, int value) {
    target[at] = (byte) (value >> 24);
    target[at + 1] = (byte) (value >> 16);
    target[at + 2] = (byte) (value >> 8);
    target[at + 3] = (byte) value;
  }

  /** Whether a byte string starts like a PNG. */
  static boolean startsLikePng(byte[] bytes) {
    return bytes.length >= SIGNATURE.length
        && Arrays.equals(bytes, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length);
  }
}
