package io.landloom.geo.tiff;

import java.io.IOException;
import java.util.Map;

/** The block compressions that can be read, and the names of those that cannot. */
enum Compression {
  NONE,
  LZW,
  DEFLATE,
  PACKBITS,
  JPEG,
  ZSTD,
  LZMA;

  private static final int PACKBITS_RATIO = 64;
  // one bit a block of 64 samples, 18 such blocks standing for 3 * 1024 samples
  private static final int JPEG_RATIO = 1_400;
  // a block of 128 KiB that repeats one byte takes four
  private static final int ZSTD_RATIO = 1 << 15;
  // a match of 273 bytes takes 14 decisions of log2(2048 / 2017) bits
  private static final int LZMA_RATIO = 7_100;
  private static final Map<Integer, String> UNSUPPORTED =
      Map.ofEntries(
          Map.entry(2, "CCITT RLE"),
          Map.entry(3, "CCITT T.4"),
          Map.entry(4, "CCITT T.6"),
          Map.entry(6, "old-style JPEG"),
          Map.entry(32766, "NeXT"),
          Map.entry(32809, "ThunderScan"),
          Map.entry(34712, "JPEG 2000"),
          Map.entry(34887, "LERC"),
          Map.entry(50001, "WebP"),
          Map.entry(50002, "JPEG XL"));

  /** The compression of a TIFF code, null for one that cannot be read. */
  static Compression ofCode(int code) {
    return switch (code) {
      case 1 -> NONE;
      case 5 -> LZW;
      case 8, 32946 -> DEFLATE;
      case 32773 -> PACKBITS;
      case 7 -> JPEG;
      case 50000 -> ZSTD;
      case 34925 -> LZMA;
      default -> null;
    };
  }

  /** The name of a TIFF code that cannot be read. */
  static String nameOf(int code) {
    return UNSUPPORTED.getOrDefault(code, "unknown") + " (" + code + ")";
  }

  /** Most bytes that one stored byte can stand for. */
  int ratio(TiffLimits limits) {
    return switch (this) {
      case NONE -> 1;
      case LZW -> limits.lzwRatio();
      case DEFLATE -> limits.deflateRatio();
      case PACKBITS -> PACKBITS_RATIO;
      case JPEG -> JPEG_RATIO;
      case ZSTD -> ZSTD_RATIO;
      case LZMA -> LZMA_RATIO;
    };
  }

  /** Whether a predictor may stand before it; others ignore the tag, as libtiff does. */
  boolean predictable() {
    return switch (this) {
      case LZW, DEFLATE, ZSTD, LZMA -> true;
      case NONE, PACKBITS, JPEG -> false;
    };
  }

  /** A decompressor over the stored bytes of one block. */
  Decompressor open(BlockInput input, TiffLayout layout, int block) throws IOException {
    return switch (this) {
      case NONE -> new StoredDecompressor(input);
      case LZW -> new LzwDecompressor(input);
      case DEFLATE -> new DeflateDecompressor(input);
      case PACKBITS -> new PackBitsDecompressor(input);
      case JPEG -> new JpegDecompressor(input, layout.jpegFrame(block), layout.jpegTables);
      case ZSTD -> new ZstdDecompressor(input);
      case LZMA -> new LzmaDecompressor(input);
    };
  }
}
