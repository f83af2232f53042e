package io.landloom.geo.tiff;

import io.landloom.geo.image.SampleType;
import io.landloom.geo.source.SceneFormatException;
import java.io.IOException;
import java.util.Arrays;

/** Where the pixels of an image lie in its file, checked against the file's length and limits. */
final class TiffLayout {
  private static final int MOST_BANDS = 16;
  private static final String NOT_SUPPORTED = ": not supported";

  private final Ifd ifd;
  private final TiffLimits limits;
  final int width;
  final int height;
  final int bands;
  final SampleType type;
  final Compression compression;
  final boolean predicted;
  final int planes;
  final boolean tiled;
  final int blockWidth;
  final int blockHeight;
  final int across;
  final int down;
  private long[] offsets;
  private long[] byteCounts;

  private TiffLayout(Ifd ifd, TiffLimits limits) throws IOException {
    this.ifd = ifd;
    this.limits = limits;
    this.width = ifd.size(TiffTag.IMAGE_WIDTH);
    this.height = ifd.size(TiffTag.IMAGE_LENGTH);
    if ((long) width * height > limits.pixels()) {
      throw ifd.refusal(
          String.format("%d x %d pixels, more than %d", width, height, limits.pixels()));
    }
    this.bands = bands();
    this.type = type();
    this.compression = compression();
    this.predicted = predicted();
    this.planes = separatePlanes() ? bands : 1;
    this.tiled = ifd.has(TiffTag.TILE_WIDTH) || ifd.has(TiffTag.TILE_OFFSETS);
    this.blockWidth = tiled ? ifd.size(TiffTag.TILE_WIDTH) : width;
    this.blockHeight = tiled ? ifd.size(TiffTag.TILE_LENGTH) : rowsPerStrip();
    this.across = (int) ceilingQuotient(width, blockWidth);
    this.down = (int) ceilingQuotient(height, blockHeight);
  }

  /** Reads and checks the layout of an image. */
  static TiffLayout of(Ifd ifd, TiffLimits limits, long fileLength) throws IOException {
    TiffLayout layout = new TiffLayout(ifd, limits);
    layout.refuseUnsupported();
    layout.checkSizes();
    layout.locateBlocks(fileLength);
    return layout;
  }

  private static long ceilingQuotient(long a, long b) {
    return (a + b - 1) / b;
  }

  private int bands() throws IOException {
    long count = ifd.number(TiffTag.SAMPLES_PER_PIXEL, 1);
    if (count < 1 || count > MOST_BANDS) {
      throw ifd.refusal(TiffTag.SAMPLES_PER_PIXEL, "is " + count + ", outside 1.." + MOST_BANDS);
    }
    return (int) count;
  }

  private SampleType type() throws IOException {
    long[] bits = ifd.numbers(TiffTag.BITS_PER_SAMPLE);
    if (bits.length == 0) {
      throw ifd.refusal(TiffTag.BITS_PER_SAMPLE, "is missing, which means 1 bit: not supported");
    }
    same(TiffTag.BITS_PER_SAMPLE, bits);
    long[] formats = ifd.numbers(TiffTag.SAMPLE_FORMAT);
    if (formats.length > 0) {
      same(TiffTag.SAMPLE_FORMAT, formats);
      if (formats[0] != 1 && formats[0] != 4) {
        throw ifd.refusal(TiffTag.SAMPLE_FORMAT, "is " + formatName(formats[0]) + NOT_SUPPORTED);
      }
    }
    if (bits[0] != 8 && bits[0] != 16) {
      throw ifd.refusal(TiffTag.BITS_PER_SAMPLE, "is " + bits[0] + ", only 8 and 16 are supported");
    }
    return bits[0] == 8 ? SampleType.UINT8 : SampleType.UINT16;
  }

  private static String formatName(long format) {
    return switch ((int) format) {
      case 2 -> "signed integer (2)";
      case 3 -> "floating point (3)";
      case 5 -> "complex integer (5)";
      case 6 -> "complex floating point (6)";
      default -> Long.toString(format);
    };
  }

  private void same(TiffTag tag, long[] values) throws SceneFormatException {
    if (values.length != 1 && values.length != bands) {
      throw ifd.refusal(tag, "has " + values.length + " values for " + bands + " bands");
    }
    for (long value : values) {
      if (value != values[0]) {
        throw ifd.refusal(tag, "differs between bands: " + Arrays.toString(values));
      }
    }
  }

  private Compression compression() throws IOException {
    long code = ifd.number(TiffTag.COMPRESSION, 1);
    Compression known = Compression.ofCode(code);
    if (known == null) {
      throw ifd.refusal(TiffTag.COMPRESSION, Compression.nameOf(code) + " is not supported");
    }
    return known;
  }

  private boolean predicted() throws IOException {
    long predictor = ifd.number(TiffTag.PREDICTOR, 1);
    if (predictor != 1 && predictor != 2) {
      throw ifd.refusal(TiffTag.PREDICTOR, predictor + " is not supported, only 1 and 2 are");
    }
    boolean applies = compression == Compression.LZW || compression == Compression.DEFLATE;
    return predictor == 2 && applies;
  }

  private boolean separatePlanes() throws IOException {
    long configuration = ifd.number(TiffTag.PLANAR_CONFIGURATION, 1);
    if (configuration != 1 && configuration != 2) {
      throw ifd.refusal(TiffTag.PLANAR_CONFIGURATION, "is " + configuration + ", neither 1 nor 2");
    }
    return configuration == 2;
  }

  private int rowsPerStrip() throws IOException {
    long rows = ifd.number(TiffTag.ROWS_PER_STRIP, height);
    if (rows < 1) {
      throw ifd.refusal(TiffTag.ROWS_PER_STRIP, "is " + rows);
    }
    return (int) Math.min(rows, height);
  }

  private void refuseUnsupported() throws IOException {
    long orientation = ifd.number(TiffTag.ORIENTATION, 1);
    if (orientation != 1) {
      throw ifd.refusal(TiffTag.ORIENTATION, orientation + " is not supported, only 1 is");
    }
    long fillOrder = ifd.number(TiffTag.FILL_ORDER, 1);
    if (fillOrder != 1) {
      throw ifd.refusal(TiffTag.FILL_ORDER, fillOrder + " is not supported, only 1 is");
    }
    long photometric = photometric();
    switch ((int) photometric) {
      case 0, 1, 2, 3, 5 -> {}
      case 6 -> throw ifd.refusal(TiffTag.PHOTOMETRIC, "YCbCr (6) is not supported");
      case 8, 9, 10 ->
          throw ifd.refusal(TiffTag.PHOTOMETRIC, "L*a*b* (" + photometric + ") is not supported");
      default -> throw ifd.refusal(TiffTag.PHOTOMETRIC, photometric + " is not supported");
    }
  }

  private long photometric() throws IOException {
    return ifd.number(TiffTag.PHOTOMETRIC, bands < 3 ? 1 : 2);
  }

  /** The colours of a palette image as 0xRRGGBB, null for any other. */
  int[] palette() throws IOException {
    if (photometric() != 3) {
      return null;
    }
    if (bands != 1 || type != SampleType.UINT8) {
      throw ifd.refusal(
          TiffTag.PHOTOMETRIC, "palette (3) with " + bands + " bands of " + type + NOT_SUPPORTED);
    }
    long[] map = ifd.numbers(TiffTag.COLOR_MAP);
    if (map.length != 3 * 256) {
      throw ifd.refusal(TiffTag.COLOR_MAP, "has " + map.length + " values, not 768");
    }
    // some writers store 8-bit colours although the field holds 16 bits
    int shift = Arrays.stream(map).max().orElse(0) < 256 ? 0 : 8;
    int[] palette = new int[256];
    for (int i = 0; i < 256; i++) {
      palette[i] =
          (int)
              ((map[i] >> shift & 0xFF) << 16
                  | (map[256 + i] >> shift & 0xFF) << 8
                  | (map[512 + i] >> shift & 0xFF));
    }
    return palette;
  }

  private void checkSizes() throws SceneFormatException {
    long pixelBytes = Math.multiplyExact(bands, type.bytes());
    bounded("a row of pixels", Math.multiplyExact(pixelBytes, width));
    long blockRow = Math.multiplyExact(blockPixelBytes(), (long) blockWidth);
    bounded("a row of a " + blockName(), blockRow);
    if (blockRow > limits.blockBytes() / blockHeight) {
      throw ifd.refusal(
          String.format(
              "a %s of %d x %d pixels exceeds %d bytes",
              blockName(), blockWidth, blockHeight, limits.blockBytes()));
    }
  }

  private void bounded(String what, long bytes) throws SceneFormatException {
    if (bytes > limits.blockBytes()) {
      throw ifd.refusal(what + " of " + bytes + " bytes, more than " + limits.blockBytes());
    }
  }

  private void locateBlocks(long fileLength) throws IOException {
    offsets = blockNumbers(TiffTag.TILE_OFFSETS, TiffTag.STRIP_OFFSETS);
    byteCounts = blockNumbers(TiffTag.TILE_BYTE_COUNTS, TiffTag.STRIP_BYTE_COUNTS);
    int ratio = compression.ratio(limits);
    for (int block = 0; block < offsets.length; block++) {
      long offset = offsets[block];
      long stored = byteCounts[block];
      long decoded = decodedBytes(block);
      if (stored == 0) {
        throw refusal(block, "is sparse (offset " + offset + ", no bytes)" + NOT_SUPPORTED);
      }
      if (stored > fileLength || offset > fileLength - stored) {
        throw refusal(
            block,
            String.format(
                "of %d bytes at %d reaches past the file's end at %d", stored, offset, fileLength));
      }
      if (decoded / ratio > stored || (ratio == 1 && decoded > stored)) {
        throw refusal(
            block,
            String.format(
                "stores %d bytes for %d; %s yields at most %d a byte",
                stored, decoded, compression, ratio));
      }
    }
  }

  /** The table of all blocks; some writers give tiles in the tags of strips. */
  private long[] blockNumbers(TiffTag ofTiles, TiffTag ofStrips) throws IOException {
    TiffTag tag = tiled && (ifd.has(ofTiles) || !ifd.has(ofStrips)) ? ofTiles : ofStrips;
    long expected = Math.multiplyExact((long) across * down, planes);
    long[] values = ifd.numbers(tag);
    if (values.length == 0) {
      throw ifd.refusal(tag, "is missing");
    }
    if (values.length != expected) {
      throw ifd.refusal(
          tag, "has " + values.length + " values for " + expected + " " + blockName() + "s");
    }
    return values;
  }

  private String blockName() {
    return tiled ? "tile" : "strip";
  }

  /** How the pixels lie in the file, in words. */
  String description() {
    String blocks =
        tiled
            ? "tiles " + blockWidth + "x" + blockHeight
            : blockHeight == 1 ? "strips of 1 row" : "strips of " + blockHeight + " rows";
    return blocks + (planes == 1 ? ", pixel interleaved" : ", band interleaved");
  }

  /** A refusal that names file, IFD and block. */
  SceneFormatException refusal(int block, String problem) {
    return ifd.refusal(blockName() + " " + block + " " + problem);
  }

  /** A refusal that names file and IFD. */
  SceneFormatException refusal(String problem) {
    return ifd.refusal(problem);
  }

  /** Place of a block in the tables. */
  int block(int plane, int row, int column) {
    return (plane * down + row) * across + column;
  }

  long offset(int block) {
    return offsets[block];
  }

  long byteCount(int block) {
    return byteCounts[block];
  }

  /** Samples that one block holds of a pixel. */
  int blockSamples() {
    return planes == 1 ? bands : 1;
  }

  /** Bytes that one block holds of a pixel. */
  int blockPixelBytes() {
    return blockSamples() * type.bytes();
  }

  /** Bytes of one row of a decoded block. */
  int blockRowBytes() {
    return blockPixelBytes() * blockWidth;
  }

  /** Rows of the image in a row of blocks. */
  int imageRows(int blockRow) {
    return Math.min(blockHeight, height - blockRow * blockHeight);
  }

  /** Bytes that a block must decode to: all rows of the image in it, each over its full width. */
  long decodedBytes(int block) {
    return (long) blockRowBytes() * imageRows(block / across % down);
  }

  /** Bytes that a tile at the image's lower edge may hold beyond its rows of the image. */
  long paddingBytes(int block) {
    return (long) blockRowBytes() * blockHeight - decodedBytes(block);
  }

  /** Bytes of one row of the image. */
  int rowBytes() {
    return width * bands * type.bytes();
  }

  /** Whether a decoded block row is a row of the image as it is. */
  boolean wholeRows() {
    return planes == 1 && blockWidth == width;
  }
}
