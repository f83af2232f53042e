package io.landloom.geo.image;

import java.util.Arrays;

/**
 * Pixels in memory: rows from the top, bands interleaved by pixel.
 *
 * <p>The array is not copied: a raster owns the array it is given. Samples of several bytes are
 * little endian.
 */
public final class Raster {
  private final int width;
  private final int height;
  private final int bands;
  private final SampleType type;
  private final byte[] samples;

  /**
   * A raster over an array.
   *
   * @param width pixels a row
   * @param height rows
   * @param bands samples a pixel
   * @param type type of a sample
   * @param samples {@code height * width * bands} samples
   * @throws IllegalArgumentException if the sizes do not agree
   */
  public Raster(int width, int height, int bands, SampleType type, byte[] samples) {
    long expected =
        Math.multiplyExact(Math.multiplyExact((long) width * height, bands), type.bytes());
    if (width < 1 || height < 1 || bands < 1 || expected != samples.length) {
      throw new IllegalArgumentException(
          String.format(
              "raster of %d x %d x %d %s over %d bytes",
              width, height, bands, type, samples.length));
    }
    this.width = width;
    this.height = height;
    this.bands = bands;
    this.type = type;
    this.samples = samples;
  }

  /** A raster of 8-bit samples. */
  public static Raster ofBytes(int width, int height, int bands, byte[] samples) {
    return new Raster(width, height, bands, SampleType.UINT8, samples);
  }

  /** Pixels a row. */
  public int width() {
    return width;
  }

  /** Number of rows. */
  public int height() {
    return height;
  }

  /** Samples a pixel. */
  public int bands() {
    return bands;
  }

  /** Type of a sample. */
  public SampleType type() {
    return type;
  }

  /** The samples (height, width, bands); not a copy. */
  public byte[] samples() {
    return samples;
  }

  /** Bytes of one row. */
  public int rowBytes() {
    return width * bands * type.bytes();
  }

  /**
   * The colours that palette indices stand for.
   *
   * @param palette 0xRRGGBB by index
   * @return a raster of three 8-bit bands
   * @throws IllegalStateException if this is not one 8-bit band
   */
  public Raster colored(int[] palette) {
    if (bands != 1 || type != SampleType.UINT8) {
      throw new IllegalStateException(this + " holds no palette indices");
    }
    byte[] rgb = new byte[3 * samples.length];
    for (int i = 0, to = 0; i < samples.length; i++) {
      int color = palette[samples[i] & 0xFF];
      rgb[to++] = (byte) (color >> 16);
      rgb[to++] = (byte) (color >> 8);
      rgb[to++] = (byte) color;
    }
    return ofBytes(width, height, 3, rgb);
  }

  /** The first three of the 8-bit bands; itself where there are no more. */
  public Raster colors() {
    if (bands < 3 || type != SampleType.UINT8) {
      throw new IllegalStateException(this + " holds no colours");
    }
    if (bands == 3) {
      return this;
    }
    byte[] rgb = new byte[3 * width * height];
    for (int from = 0, to = 0; to < rgb.length; from += bands, to += 3) {
      System.arraycopy(samples, from, rgb, to, 3);
    }
    return ofBytes(width, height, 3, rgb);
  }

  /**
   * Some of the bands.
   *
   * @param chosen numbers of the bands, from 0, in the order wanted
   * @throws IllegalArgumentException if there is no such band, or none is chosen
   */
  public Raster bands(int... chosen) {
    for (int band : chosen) {
      if (band < 0 || band >= bands) {
        throw new IllegalArgumentException("band " + band + " of " + this);
      }
    }
    int bytes = type.bytes();
    byte[] target = new byte[Math.multiplyExact(width * height * bytes, chosen.length)];
    int to = 0;
    for (int from = 0; from < samples.length; from += bands * bytes) {
      for (int band : chosen) {
        for (int i = 0; i < bytes; i++) {
          target[to++] = samples[from + band * bytes + i];
        }
      }
    }
    return new Raster(width, height, chosen.length, type, target);
  }

  /**
   * A copy of a rectangle.
   *
   * @param x left column
   * @param y upper row
   * @throws IllegalArgumentException if it does not lie inside
   */
  public Raster crop(int x, int y, int columns, int rows) {
    if (x < 0 || y < 0 || columns > width - x || rows > height - y) {
      throw new IllegalArgumentException(
          String.format(
              "crop of %d x %d at %d, %d of a raster of %d x %d",
              columns, rows, x, y, width, height));
    }
    int pixelBytes = bands * type.bytes();
    byte[] target = new byte[columns * pixelBytes * rows];
    for (int row = 0; row < rows; row++) {
      int from = (y + row) * rowBytes() + x * pixelBytes;
      System.arraycopy(samples, from, target, row * columns * pixelBytes, columns * pixelBytes);
    }
    return new Raster(columns, rows, bands, type, target);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Raster that
        && width == that.width
        && height == that.height
        && bands == that.bands
        && type == that.type
        && Arrays.equals(samples, that.samples);
  }

  @Override
  public int hashCode() {
    return 31 * width + Arrays.hashCode(samples);
  }

  @Override
  public String toString() {
    return "Raster " + width + " x " + height + " x " + bands + " " + type;
  }
}
