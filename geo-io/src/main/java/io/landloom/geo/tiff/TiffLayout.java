package io.landloom.geo.tiff;

import io.landloom.geo.image.SampleType;
import io.landloom.geo.source.SceneFormatException;
import java.io.IOException;
import java.util.Arrays;

/** Where the pixels of an image lie in its file, checked against the file's length and limits. */
final class TiffLayout {
  private static final int MOST_BANDS = 16;
  // a JPEG is decoded whole
  private static final long MOST_JPEG_BYTES = 160L << 20;
  // rows are the least that is held, however few bytes they are made from
  private static final long MOST_ROW_BYTES = 64L << 20;
  // an entry of two numbers must not stand for more pixels than a large tile has
  private static final long MOST_SPARSE_BYTES = 1L << 24;
  private static final String NOT_SUPPORTED = ": not supported";

  private final Ifd ifd;
  private final TiffLimits limits;
  final int width;
  final int height;
  final int bands;
  final SampleType type;
  final int bits;
  final Compression compression;
  final Predictor predictor;
  final byte[] jpegTables;
  final Photometric photometric;
  final int planes;
  final boolean tiled;
  final int blockWidth;
  final int blockHeight;
  final int across;
  final int down;
  private long[] offsets;
  private long[] byteCounts;
  private boolean sparse;

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
    this.bits = bits();
    this.type = type();
    this.compression = compression();
    this.predictor = predictor();
    this.photometric = photometric();
    this.jpegTables =
        compression == Compression.JPEG ? ifd.bytes(TiffTag.JPEG_TABLES) : new byte[0];
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

  private int bits() throws IOException {
    long[] values = ifd.numbers(TiffTag.BITS_PER_SAMPLE);
    same(TiffTag.BITS_PER_SAMPLE, values);
    return values.length == 0 ? 1 : (int) Math.min(values[0], Integer.MAX_VALUE);
  }

  private SampleType type() throws IOException {
    long[] formats = ifd.numbers(TiffTag.SAMPLE_FORMAT);
    same(TiffTag.SAMPLE_FORMAT, formats);
    int code = formats.length == 0 ? 1 : (int) Math.min(formats[0], Integer.MAX_VALUE);
    SampleFormat format = SampleFormat.ofCode(code);
    if (format == null) {
      throw ifd.refusal(TiffTag.SAMPLE_FORMAT, "is " + SampleFormat.nameOf(code) + NOT_SUPPORTED);
    }
    SampleType known = format.type(bits);
    if (known == null) {
      throw ifd.refusal(TiffTag.BITS_PER_SAMPLE, format.refusal(bits));
    }
    return known;
  }

  private void same(TiffTag tag, long[] values) throws SceneFormatException {
    if (values.length > 1 && values.length != bands) {
      throw ifd.refusal(tag, "has " + values.length + " values for " + bands + " bands");
    }
    for (long value : values) {
      if (value != values[0]) {
        throw ifd.refusal(tag, "differs between bands: " + Arrays.toString(values));
      }
    }
  }

  private Compression compression() throws IOException {
    int code = ifd.code(TiffTag.COMPRESSION, 1);
    Compression known = Compression.ofCode(code);
    if (known == null) {
      throw ifd.refusal(TiffTag.COMPRESSION, Compression.nameOf(code) + " is not supported");
    }
    return known;
  }

  private Predictor predictor() throws IOException {
    int code = compression.predictable() ? ifd.code(TiffTag.PREDICTOR, 1) : 1;
    if (code < 1 || code > 3) {
      throw ifd.refusal(TiffTag.PREDICTOR, code + " is not supported, only 1, 2 and 3 are");
    }
    Predictor known = Predictor.values()[code - 1];
    boolean fits =
        switch (known) {
          case NONE -> true;
          case HORIZONTAL -> bits >= 8;
          case FLOATING_POINT -> type.floating();
        };
    if (!fits) {
      throw ifd.refusal(
          TiffTag.PREDICTOR, code + " with " + bits + " bits of " + type.dtype() + NOT_SUPPORTED);
    }
    return known;
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
    if (bits < 8 && bands > 1) {
      throw ifd.refusal(
          TiffTag.BITS_PER_SAMPLE, "is " + bits + " for " + bands + " bands" + NOT_SUPPORTED);
    }
    if (compression == Compression.JPEG && (type != SampleType.UINT8 || bits != 8)) {
      throw ifd.refusal(
          TiffTag.COMPRESSION,
          "JPEG (7) with " + bits + " bits of " + type.dtype() + NOT_SUPPORTED);
    }
    boolean yCbCr = photometric == Photometric.YCBCR;
    if (yCbCr && (compression != Compression.JPEG || bands != 3 || planes != 1)) {
      throw ifd.refusal(
          TiffTag.PHOTOMETRIC,
          String.format(
              "YCbCr (6) of %d bands with %s: only 3 interleaved bands of JPEG are supported",
              bands, compression));
    }
  }

  private Photometric photometric() throws IOException {
    int code = ifd.code(TiffTag.PHOTOMETRIC, bands < 3 ? 1 : 2);
    Photometric known = Photometric.ofCode(code);
    if (known == null) {
      throw ifd.refusal(TiffTag.PHOTOMETRIC, Photometric.nameOf(code) + " is not supported");
    }
    return known;
  }

  /** The colours of a palette image as 0xRRGGBB, null for any other. */
  int[] palette() throws IOException {
    if (photometric != Photometric.PALETTE) {
      return null;
    }
    if (bands != 1 || type != SampleType.UINT8) {
      throw ifd.refusal(
          TiffTag.PHOTOMETRIC, "palette (3) with " + bands + " bands of " + type + NOT_SUPPORTED);
    }
    int colors = 1 << bits;
    long[] map = ifd.numbers(TiffTag.COLOR_MAP);
    if (map.length != 3 * colors) {
      throw ifd.refusal(TiffTag.COLOR_MAP, "has " + map.length + " values, not " + 3 * colors);
    }
    // some writers store 8-bit colours although the field holds 16 bits
    int shift = Arrays.stream(map).max().orElse(0) < 256 ? 0 : 8;
    int[] palette = new int[256];
    for (int i = 0; i < colors; i++) {
      palette[i] =
          (int)
              ((map[i] >> shift & 0xFF) << 16
                  | (map[colors + i] >> shift & 0xFF) << 8
                  | (map[2 * colors + i] >> shift & 0xFF));
    }
    return palette;
  }

  private void checkSizes() throws SceneFormatException {
    long pixelBytes = Math.multiplyExact(bands, type.bytes());
    bounded("a row of pixels", Math.multiplyExact(pixelBytes, width));
    long blockRow = Math.multiplyExact((long) blockSamples() * type.bytes(), blockWidth);
    bounded("a row of a " + blockName(), blockRow);
    long most =
        compression == Compression.JPEG
            ? Math.min(MOST_JPEG_BYTES, limits.blockBytes())
            : limits.blockBytes();
    if (blockRow > most / blockHeight) {
      throw ifd.refusal(
          String.format(
              "a %s of %d x %d pixels exceeds %d bytes",
              blockName(), blockWidth, blockHeight, most));
    }
  }

  private void bounded(String what, long bytes) throws SceneFormatException {
    long most = Math.min(MOST_ROW_BYTES, limits.blockBytes());
    if (bytes > most) {
      throw ifd.refusal(what + " of " + bytes + " bytes, more than " + most);
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
        checkSparse(block, offset, decoded);
        continue;
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

  /** A block is sparse only where both of its numbers are 0: one alone is damage. */
  private void checkSparse(int block, long offset, long decoded) throws SceneFormatException {
    if (offset != 0) {
      throw refusal(block, "has no bytes at " + offset + "; a sparse one has offset 0 too");
    }
    if (decoded > MOST_SPARSE_BYTES) {
      throw refusal(
          block, "is sparse and stands for " + decoded + " bytes, more than " + MOST_SPARSE_BYTES);
    }
    sparse = true;
  }

  /** The table of all blocks; some writers give tiles in the tags of strips. */
  private long[] blockNumbers(TiffTag ofTiles, TiffTag ofStrips) throws IOException {
    TiffTag tag = tiled && (ifd.has(ofTiles) || !ifd.has(ofStrips)) ? ofTiles : ofStrips;
    long expected = Math.multiplyExact((long) across * down, planes);
    if (!ifd.has(tag)) {
      throw ifd.refusal(tag, "is missing");
    }
    // before they are read: a few bytes may stand for a table of many numbers
    if (ifd.count(tag) != expected) {
      throw ifd.refusal(
          tag,
          String.format(
              "has %s values for %d %ss",
              Long.toUnsignedString(ifd.count(tag)), expected, blockName()));
    }
    return ifd.numbers(tag);
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

  /** Bytes of one row of a decoded block; samples of less than 8 bits are packed. */
  int blockRowBytes() {
    return bits < 8 ? (blockWidth * bits + 7) / 8 : restoredRowBytes();
  }

  /** Bytes of one row of a decoded block, a whole sample a sample. */
  int restoredRowBytes() {
    return blockSamples() * type.bytes() * blockWidth;
  }

  /** Whether any block is sparse: stored nowhere, all of it without data. */
  boolean sparse() {
    return sparse;
  }

  /** Whether a block is sparse. */
  boolean sparse(int block) {
    return byteCounts[block] == 0;
  }

  /** What the JPEG of a block must be. */
  JpegFrame jpegFrame(int block) {
    return new JpegFrame(
        blockWidth,
        imageRows(block / across % down),
        blockHeight,
        blockSamples(),
        photometric == Photometric.YCBCR);
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
    return planes == 1 && blockWidth == width && bits >= 8;
  }
}
