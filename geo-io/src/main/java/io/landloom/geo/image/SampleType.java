package io.landloom.geo.image;

/** Type of one sample of a raster. */
public enum SampleType {
  /** Unsigned 8-bit integer. */
  UINT8(1),
  /** Unsigned 16-bit integer. */
  UINT16(2);

  private final int bytes;

  SampleType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes a sample. */
  public int bytes() {
    return bytes;
  }
}
