package io.landloom.geo.tiff;

import io.landloom.geo.image.SampleType;

/** Formats of samples as TIFF numbers them, and which sizes of each can be read. */
enum SampleFormat {
  UNSIGNED("unsigned integers", "1, 2, 4, 8, 16 and 32"),
  SIGNED("signed integers", "8, 16 and 32"),
  FLOAT("floating-point numbers", "32 and 64");

  private final String title;
  private final String sizes;

  SampleFormat(String title, String sizes) {
    this.title = title;
    this.sizes = sizes;
  }

  /** The format of a TIFF code, null for one that cannot be read; undefined counts as unsigned. */
  static SampleFormat ofCode(int code) {
    return switch (code) {
      case 1, 4 -> UNSIGNED;
      case 2 -> SIGNED;
      case 3 -> FLOAT;
      default -> null;
    };
  }

  /** The name of a TIFF code that cannot be read. */
  static String nameOf(int code) {
    return switch (code) {
      case 5 -> "complex integer (5)";
      case 6 -> "complex floating point (6)";
      default -> Integer.toString(code);
    };
  }

  /** The type of samples of so many bits, null where they cannot be read; bits below 8 unpack. */
  SampleType type(int bits) {
    return switch (this) {
      case UNSIGNED ->
          switch (bits) {
            case 1, 2, 4, 8 -> SampleType.UINT8;
            case 16 -> SampleType.UINT16;
            case 32 -> SampleType.UINT32;
            default -> null;
          };
      case SIGNED ->
          switch (bits) {
            case 8 -> SampleType.INT8;
            case 16 -> SampleType.INT16;
            case 32 -> SampleType.INT32;
            default -> null;
          };
      case FLOAT ->
          switch (bits) {
            case 32 -> SampleType.FLOAT32;
            case 64 -> SampleType.FLOAT64;
            default -> null;
          };
    };
  }

  /** What is wrong with a number of bits that cannot be read. */
  String refusal(int bits) {
    return "is " + bits + " for " + title + ", only " + sizes + " are supported";
  }
}
