package io.landloom.jobs.report;

import java.util.Arrays;
import java.util.Base64;

/** A PNG file and the size it states. */
public final class Picture {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  private static final int HEADER_END = 24;

  private final byte[] png;

  private Picture(byte[] png) {
    this.png = png;
  }

  /**
   * A picture of the bytes of a PNG file.
   *
   * @throws IllegalArgumentException if the bytes do not begin as a PNG file does
   */
  public static Picture ofPng(byte[] png) {
    if (png.length < HEADER_END
        || !Arrays.equals(png, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length)) {
      throw new IllegalArgumentException(
          "picture of " + png.length + " bytes that do not begin as a PNG file does");
    }
    return new Picture(png.clone());
  }

  /** Pixels a row. */
  public int width() {
    return bigEndian(16);
  }

  /** Number of rows. */
  public int height() {
    return bigEndian(20);
  }

  private int bigEndian(int offset) {
    int value = 0;
    for (int i = offset; i < offset + 4; i++) {
      value = (value << 8) | (png[i] & 0xFF);
    }
    return value;
  }

  String dataUri() {
    return "data:image/png;base64," + Base64.getEncoder().encodeToString(png);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Picture that && Arrays.equals(png, that.png);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(png);
  }

  @Override
  public String toString() {
    return "Picture " + width() + " x " + height();
  }
}
