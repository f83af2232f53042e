package io.landloom.geo.tiff;

/** What samples mean, of the meanings that can be read; all but YCbCr are given as stored. */
enum Photometric {
  /** Gray with 0 as white; the values are not turned around. */
  WHITE_IS_ZERO,
  BLACK_IS_ZERO,
  RGB,
  PALETTE,
  /** 1 where the image of the IFD before has data. */
  MASK,
  CMYK,
  YCBCR;

  /** The meaning of a TIFF code, null for one that cannot be read. */
  static Photometric ofCode(int code) {
    return code >= 0 && code < values().length ? values()[code] : null;
  }

  /** The name of a TIFF code that cannot be read. */
  static String nameOf(int code) {
    return switch (code) {
      case 8, 9, 10 -> "L*a*b* (" + code + ")";
      case 32803 -> "colour filter array (32803)";
      case 34892 -> "linear raw (34892)";
      default -> Integer.toString(code);
    };
  }
}
