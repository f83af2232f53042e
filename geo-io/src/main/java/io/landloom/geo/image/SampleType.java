package io.landloom.geo.image;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Locale;

/** Type of one sample of a raster; samples of several bytes are little endian. */
public enum SampleType {
  /** Unsigned 8-bit integer. */
  UINT8(1),
  /** Signed 8-bit integer. */
  INT8(1),
  /** Unsigned 16-bit integer. */
  UINT16(2),
  /** Signed 16-bit integer. */
  INT16(2),
  /** Unsigned 32-bit integer. */
  UINT32(4),
  /** Signed 32-bit integer. */
  INT32(4),
  /** IEEE 754 single precision. */
  FLOAT32(4),
  /** IEEE 754 double precision. */
  FLOAT64(8);

  private static final VarHandle SHORTS = view(short[].class);
  private static final VarHandle INTS = view(int[].class);
  private static final VarHandle FLOATS = view(float[].class);
  private static final VarHandle DOUBLES = view(double[].class);

  private final int bytes;

  SampleType(int bytes) {
    this.bytes = bytes;
  }

  private static VarHandle view(Class<?> array) {
    return MethodHandles.byteArrayViewVarHandle(array, ByteOrder.LITTLE_ENDIAN);
  }

  /** Bytes a sample. */
  public int bytes() {
    return bytes;
  }

  /** The name NumPy has for it, for example {@code uint8}. */
  public String dtype() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether samples are floating-point numbers. */
  public boolean floating() {
    return this == FLOAT32 || this == FLOAT64;
  }

  /**
   * The value of a sample, which a double holds exactly.
   *
   * @param samples samples of this type
   * @param index number of the sample, from 0
   */
  public double value(byte[] samples, int index) {
    int at = index * bytes;
    return switch (this) {
      case UINT8 -> samples[at] & 0xFF;
      case INT8 -> samples[at];
      case UINT16 -> (short) SHORTS.get(samples, at) & 0xFFFF;
      case INT16 -> (short) SHORTS.get(samples, at);
      case UINT32 -> (int) INTS.get(samples, at) & 0xFFFFFFFFL;
      case INT32 -> (int) INTS.get(samples, at);
      case FLOAT32 -> (float) FLOATS.get(samples, at);
      case FLOAT64 -> (double) DOUBLES.get(samples, at);
    };
  }
}
