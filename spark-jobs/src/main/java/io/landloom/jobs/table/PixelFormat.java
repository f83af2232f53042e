package io.landloom.jobs.table;

import java.util.Locale;

/** How the pixels of a column are stored. */
public enum PixelFormat {
  /** A PNG file: 8 bits, 1 or 3 bands, or a palette with the class indices of a mask. */
  PNG,
  /** The samples alone: rows from the top, bands interleaved by pixel, little endian. */
  RAW;

  /** The format that holds images of 8 bits as they are, {@link #PNG} wherever it can. */
  public static PixelFormat fitting(int bands) {
    return bands == 1 || bands == 3 ? PNG : RAW;
  }

  /** The name in tables and configuration, which is also a file's extension. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The format with a name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static PixelFormat named(String text) {
    return switch (text) {
      case "png" -> PNG;
      case "raw" -> RAW;
      default -> throw new IllegalArgumentException("pixels stored as '" + text + "'");
    };
  }
}
