package io.landloom.synthesis.weights;

/** How a weights file stores a number. */
public enum Precision {
  /** IEEE 754 single precision. */
  F32(4),
  /** IEEE 754 half precision. */
  F16(2);

  private final int bytes;

  Precision(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes an element. */
  public int bytes() {
    return bytes;
  }

  /** The value as it comes back after storing. */
  float round(float value) {
    return this == F32 ? value : HalfFloat.toFloat(HalfFloat.of(value));
  }
}
