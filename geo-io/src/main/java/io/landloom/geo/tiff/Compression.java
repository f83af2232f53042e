package io.landloom.geo.tiff;

import java.io.IOException;
import java.util.Map;

/** The block compressions that can be read, and the names of those that cannot. */
enum Compression {
  NONE,
  LZW,
  DEFLATE,
  PACKBITS;

  private static final int PACKBITS_RATIO = 64;
  private static final Map<Integer, String> UNSUPPORTED =
      Map.ofEntries(
          Map.entry(2, "CCITT RLE"),
          Map.entry(3, "CCITT T.4"),
          Map.entry(4, "CCITT T.6"),
          Map.entry(6, "old-style JPEG"),
          Map.entry(7, "JPEG"),
          Map.entry(34712, "JPEG 2000"),
          Map.entry(34887, "LERC"),
          Map.entry(34925, "LZMA"),
          Map.entry(50000, "Zstd"),
          Map.entry(50001, "WebP"),
          Map.entry(50002, "JPEG XL"));

  /** The compression of a TIFF code, null for one that cannot be read. */
  static Compression ofCode(long code) {
    return switch ((int) code) {
      case 1 -> NONE;
      case 5 -> LZW;
      case 8, 32946 -> DEFLATE;
      case 32773 -> PACKBITS;
      default -> null;
    };
  }

  /** The name of a TIFF code that cannot be read. */
  static String nameOf(long code) {
    return UNSUPPORTED.getOrDefault((int) code, "unknown") + " (" + code + ")";
  }

  /** Most bytes that one stored byte can stand for. */
  int ratio(TiffLimits limits) {
    return switch (this) {
      case NONE -> 1;
      case LZW -> limits.lzwRatio();
      case DEFLATE -> limits.deflateRatio();
      case PACKBITS -> PACKBITS_RATIO;
    };
  }

  /** A decompressor over the stored bytes of one block. */
  Decompressor open(BlockInput input) throws IOException {
    return switch (this) {
      case NONE -> new StoredDecompressor(input);
      case LZW -> new LzwDecompressor(input);
      case DEFLATE -> new DeflateDecompressor(input);
      case PACKBITS -> new PackBitsDecompressor(input);
    };
  }
}
