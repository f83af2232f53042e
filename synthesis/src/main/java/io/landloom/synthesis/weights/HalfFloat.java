package io.landloom.synthesis.weights;

/** IEEE 754 binary16, rounded to nearest even. */
public final class HalfFloat {
  private HalfFloat() {}

  /** The nearest half; values beyond 65504 become infinite. */
  public static short of(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    int magnitude = bits & 0x7FFFFFFF;
    if (magnitude > 0x7F800000) {
      return (short) (sign | 0x7E00);
    }
    if (magnitude >= 0x477FF000) {
      return (short) (sign | 0x7C00);
    }
    if (magnitude >= 0x38800000) {
      int rounded = magnitude + 0xFFF + (magnitude >>> 13 & 1);
      return (short) (sign | (rounded - 0x38000000) >>> 13);
    }
    // below 2^-14 a half counts in steps of 2^-24
    return (short) (sign | (int) Math.rint(Math.abs((double) value) * 0x1.0p24));
  }

  /** The value of a half, exactly. */
  public static float toFloat(short half) {
    int exponent = half >>> 10 & 0x1F;
    int fraction = half & 0x3FF;
    float magnitude;
    if (exponent == 0) {
      magnitude = fraction * 0x1.0p-24f;
    } else if (exponent == 0x1F) {
      magnitude = fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
    } else {
      magnitude = Float.intBitsToFloat((exponent + 112) << 23 | fraction << 13);
    }
    return half < 0 ? -magnitude : magnitude;
  }
}
