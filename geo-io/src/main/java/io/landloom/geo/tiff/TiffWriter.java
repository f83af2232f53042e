package io.landloom.geo.tiff;

import io.landloom.geo.image.Raster;
import io.landloom.geo.image.SampleType;
import io.landloom.geo.scene.Georeference;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.Deflater;

/**
 * Writes a GeoTIFF row by row to a local file, holding one row of blocks.
 *
 * <p>Little endian, bands interleaved by pixel; BigTIFF where the file could pass 4 GB. The file is
 * complete once {@link #close()} returned.
 */
public final class TiffWriter implements Closeable {
  private static final int DEFLATE_LEVEL = 6;
  private static final int UNSIGNED = 1;

  private final Path file;
  private final Options options;
  private final FileChannel channel;
  private final TiffIfdBuilder ifd;
  private final int blockWidth;
  private final int blockHeight;
  private final int across;
  private final long[] offsets;
  private final long[] byteCounts;
  private final byte[] blockRow;
  private final byte[] block;
  private final Deflater deflater = new Deflater(DEFLATE_LEVEL);
  private final LzwCompressor lzw = new LzwCompressor();
  private byte[] packed = new byte[0];
  private long position;
  private int blocks;
  private int rows;
  private boolean closed;

  /** How the samples are stored. */
  public enum Compression {
    /** As they are. */
    NONE,
    /** LZW. */
    LZW,
    /** Deflate in its zlib wrapping, level 6. */
    DEFLATE
  }

  /** What is stored before compression. */
  public enum Predictor {
    /** The samples. */
    NONE,
    /** Each sample's difference to the one before in its row: smaller for imagery. */
    HORIZONTAL
  }

  /** How the image is cut into blocks. */
  public sealed interface Layout {
    /**
     * Square tiles.
     *
     * @param size side in pixels, a multiple of 16
     */
    record Tiles(int size) implements Layout {
      /** Checks the size. */
      public Tiles {
        if (size < 16 || size % 16 != 0) {
          throw new IllegalArgumentException("tiles of " + size + ", must be a multiple of 16");
        }
      }
    }

    /**
     * Strips over the whole width.
     *
     * @param rows rows a strip
     */
    record Strips(int rows) implements Layout {
      /** Checks the rows. */
      public Strips {
        if (rows < 1) {
          throw new IllegalArgumentException("strips of " + rows + " rows");
        }
      }
    }
  }

  /**
   * What is written, and how.
   *
   * @param width pixels a row
   * @param height rows
   * @param bands samples a pixel, 1 to 16
   * @param type type of a sample
   * @param layout blocks
   * @param compression of the blocks
   * @param predictor of the blocks; only with a compression
   * @param palette up to 256 colours (0xRRGGBB) for one band of 8 bits
   * @param georeference place on the ground, with a CRS of {@code EPSG:n}
   */
  public record Options(
      int width,
      int height,
      int bands,
      SampleType type,
      Layout layout,
      Compression compression,
      Predictor predictor,
      Optional<int[]> palette,
      Optional<Georeference> georeference) {
    /** Checks that the options agree with each other. */
    public Options {
      if (width < 1 || height < 1 || bands < 1 || bands > 16) {
        throw new IllegalArgumentException(
            "image of " + width + " x " + height + " with " + bands + " bands");
      }
      if (palette.isPresent() && (bands != 1 || type != SampleType.UINT8)) {
        throw new IllegalArgumentException("palette for " + bands + " bands of " + type);
      }
      if (palette.isPresent() && palette.get().length > 256) {
        throw new IllegalArgumentException("palette of " + palette.get().length + " colours");
      }
      if (predictor == Predictor.HORIZONTAL && type.floating()) {
        throw new IllegalArgumentException("predictor HORIZONTAL for samples of " + type);
      }
      georeference.ifPresent(GeoKeys::model);
    }

    /** 8 bits, strips of 16 rows, nothing compressed. */
    public static Options of(int width, int height, int bands) {
      return new Options(
          width,
          height,
          bands,
          SampleType.UINT8,
          new Layout.Strips(16),
          Compression.NONE,
          Predictor.NONE,
          Optional.empty(),
          Optional.empty());
    }

    /** These options with another sample type. */
    public Options withType(SampleType type) {
      return new Options(
          width, height, bands, type, layout, compression, predictor, palette, georeference);
    }

    /** These options with another layout. */
    public Options withLayout(Layout layout) {
      return new Options(
          width, height, bands, type, layout, compression, predictor, palette, georeference);
    }

    /** These options with another compression. */
    public Options withCompression(Compression compression) {
      return new Options(
          width, height, bands, type, layout, compression, predictor, palette, georeference);
    }

    /** These options with another predictor. */
    public Options withPredictor(Predictor predictor) {
      return new Options(
          width, height, bands, type, layout, compression, predictor, palette, georeference);
    }

    /** These options with a palette of up to 256 colours (0xRRGGBB). */
    public Options withPalette(int[] palette) {
      return new Options(
          width,
          height,
          bands,
          type,
          layout,
          compression,
          predictor,
          Optional.of(palette.clone()),
          georeference);
    }

    /**
     * These options with a place on the ground.
     *
     * @throws IllegalArgumentException if its CRS is not {@code EPSG:n}, or neither projected nor
     *     geographic
     */
    public Options withGeoreference(Georeference georeference) {
      return new Options(
          width,
          height,
          bands,
          type,
          layout,
          compression,
          predictor,
          palette,
          Optional.of(georeference));
    }

    /** Bytes of one row. */
    long rowBytes() {
      return Math.multiplyExact((long) width * bands, type.bytes());
    }
  }

  private TiffWriter(Path file, Options options) throws IOException {
    this.file = file;
    this.options = options;
    if (options.layout() instanceof Layout.Tiles tiles) {
      this.blockWidth = tiles.size();
      this.blockHeight = tiles.size();
    } else {
      this.blockWidth = options.width();
      this.blockHeight = Math.min(((Layout.Strips) options.layout()).rows(), options.height());
    }
    this.across = quotient(options.width(), blockWidth);
    int down = quotient(options.height(), blockHeight);
    this.offsets = new long[Math.multiplyExact(across, down)];
    this.byteCounts = new long[offsets.length];
    this.blockRow = new byte[Math.toIntExact(options.rowBytes() * blockHeight)];
    this.block = new byte[Math.toIntExact((long) blockRowBytes() * blockHeight)];
    this.ifd = TiffIfdBuilder.forFileOf(bound((long) block.length) * offsets.length);
    this.channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    this.position = ifd.headerBytes();
  }

  /**
   * Starts a file, replacing one of that name.
   *
   * @throws IOException if it cannot be created
   */
  public static TiffWriter create(Path file, Options options) throws IOException {
    return new TiffWriter(file, options);
  }

  private static int quotient(int a, int b) {
    return Math.toIntExact(((long) a + b - 1) / b);
  }

  private static long bound(long bytes) {
    return LzwCompressor.bound(bytes) + 2L * Long.BYTES;
  }

  private int blockRowBytes() {
    return Math.toIntExact((long) blockWidth * options.bands() * options.type().bytes());
  }

  /**
   * Appends rows.
   *
   * @param raster of the options' width, bands and type
   * @throws IllegalArgumentException if it is of another kind or passes the height
   * @throws IOException if the file cannot be written
   */
  public void writeRows(Raster raster) throws IOException {
    if (raster.width() != options.width()
        || raster.bands() != options.bands()
        || raster.type() != options.type()
        || raster.height() > options.height() - rows) {
      throw new IllegalArgumentException(
          String.format(
              "%s: %s after %d rows of %d x %d x %d %s",
              file,
              raster,
              rows,
              options.width(),
              options.height(),
              options.bands(),
              options.type()));
    }
    int rowBytes = raster.rowBytes();
    for (int y = 0; y < raster.height(); y++) {
      int place = rows % blockHeight;
      System.arraycopy(raster.samples(), y * rowBytes, blockRow, place * rowBytes, rowBytes);
      rows++;
      if (place == blockHeight - 1 || rows == options.height()) {
        writeBlocks(place + 1);
      }
    }
  }

  private void writeBlocks(int filled) throws IOException {
    boolean tiles = options.layout() instanceof Layout.Tiles;
    int rowsToWrite = tiles ? blockHeight : filled;
    int rowBytes = Math.toIntExact(options.rowBytes());
    for (int column = 0; column < across; column++) {
      int from = column * blockRowBytes();
      int count = Math.min(blockRowBytes(), rowBytes - from);
      Arrays.fill(block, (byte) 0);
      for (int row = 0; row < filled; row++) {
        System.arraycopy(blockRow, row * rowBytes + from, block, row * blockRowBytes(), count);
      }
      writeBlock(rowsToWrite);
    }
  }

  private void writeBlock(int rowsToWrite) throws IOException {
    int count = rowsToWrite * blockRowBytes();
    if (predicts()) {
      for (int row = 0; row < rowsToWrite; row++) {
        difference(row * blockRowBytes());
      }
    }
    byte[] stored = block;
    int length = count;
    if (options.compression() == Compression.LZW) {
      stored = lzw.compress(block, count);
      length = lzw.length();
    } else if (options.compression() == Compression.DEFLATE) {
      length = deflate(count);
      stored = packed;
    }
    offsets[blocks] = position;
    byteCounts[blocks] = length;
    blocks++;
    append(ByteBuffer.wrap(stored, 0, length));
  }

  private boolean predicts() {
    return options.predictor() == Predictor.HORIZONTAL && options.compression() != Compression.NONE;
  }

  private void difference(int offset) {
    int sampleBytes = options.type().bytes();
    int step = options.bands() * sampleBytes;
    int last = offset + blockRowBytes();
    for (int at = last - sampleBytes; at >= offset + step; at -= sampleBytes) {
      int borrowed = 0;
      for (int part = at; part < at + sampleBytes; part++) {
        int value = (block[part] & 0xFF) - (block[part - step] & 0xFF) - borrowed;
        block[part] = (byte) value;
        borrowed = value < 0 ? 1 : 0;
      }
    }
  }

  private int deflate(int count) {
    int needed = Math.toIntExact(bound(count));
    if (packed.length < needed) {
      packed = new byte[needed];
    }
    deflater.reset();
    deflater.setInput(block, 0, count);
    deflater.finish();
    return deflater.deflate(packed);
  }

  private void append(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      position += channel.write(bytes, position);
    }
  }

  private void writeIfd() throws IOException {
    position += position % 2;
    byte[] directory = directory().build(position);
    long start = position;
    append(ByteBuffer.wrap(directory));
    ByteBuffer header = ifd.header(start);
    long at = 0;
    while (header.hasRemaining()) {
      at += channel.write(header, at);
    }
  }

  private TiffIfdBuilder directory() {
    long[] bits = new long[options.bands()];
    Arrays.fill(bits, 8L * options.type().bytes());
    ifd.longs(TiffTag.IMAGE_WIDTH, options.width());
    ifd.longs(TiffTag.IMAGE_LENGTH, options.height());
    ifd.shorts(TiffTag.BITS_PER_SAMPLE, bits);
    long[] formats = new long[options.bands()];
    Arrays.fill(formats, sampleFormat());
    if (formats[0] != UNSIGNED) {
      ifd.shorts(TiffTag.SAMPLE_FORMAT, formats);
    }
    ifd.shorts(TiffTag.COMPRESSION, compressionCode());
    ifd.shorts(TiffTag.PHOTOMETRIC, photometric());
    ifd.shorts(TiffTag.SAMPLES_PER_PIXEL, options.bands());
    ifd.shorts(TiffTag.PLANAR_CONFIGURATION, 1);
    if (predicts()) {
      ifd.shorts(TiffTag.PREDICTOR, 2);
    }
    if (options.layout() instanceof Layout.Tiles) {
      ifd.longs(TiffTag.TILE_WIDTH, blockWidth);
      ifd.longs(TiffTag.TILE_LENGTH, blockHeight);
      ifd.offsets(TiffTag.TILE_OFFSETS, offsets);
      ifd.offsets(TiffTag.TILE_BYTE_COUNTS, byteCounts);
    } else {
      ifd.longs(TiffTag.ROWS_PER_STRIP, blockHeight);
      ifd.offsets(TiffTag.STRIP_OFFSETS, offsets);
      ifd.offsets(TiffTag.STRIP_BYTE_COUNTS, byteCounts);
    }
    int extra = options.bands() - (photometric() == 2 ? 3 : 1);
    if (extra > 0) {
      ifd.shorts(TiffTag.EXTRA_SAMPLES, new long[extra]);
    }
    options.palette().ifPresent(palette -> ifd.shorts(TiffTag.COLOR_MAP, colorMap(palette)));
    options.georeference().ifPresent(place -> GeoKeys.write(place, ifd));
    return ifd;
  }

  private int sampleFormat() {
    return switch (options.type()) {
      case UINT8, UINT16, UINT32 -> UNSIGNED;
      case INT8, INT16, INT32 -> 2;
      case FLOAT32, FLOAT64 -> 3;
    };
  }

  private int compressionCode() {
    return switch (options.compression()) {
      case NONE -> 1;
      case LZW -> 5;
      case DEFLATE -> 8;
    };
  }

  private int photometric() {
    if (options.palette().isPresent()) {
      return 3;
    }
    return options.bands() < 3 ? 1 : 2;
  }

  private static long[] colorMap(int[] palette) {
    long[] map = new long[3 * 256];
    for (int i = 0; i < palette.length; i++) {
      map[i] = (palette[i] >> 16 & 0xFF) * 257L;
      map[256 + i] = (palette[i] >> 8 & 0xFF) * 257L;
      map[512 + i] = (palette[i] & 0xFF) * 257L;
    }
    return map;
  }

  /**
   * Writes the directory and closes the file.
   *
   * @throws IOException if rows are missing, or if the file cannot be written
   */
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try (channel) {
      if (rows != options.height()) {
        throw new IOException(
            file + ": " + rows + " of " + options.height() + " rows were written");
      }
      writeIfd();
    } finally {
      deflater.end();
    }
  }
}
