package io.landloom.geo.tiff;

import io.landloom.geo.image.SampleType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.regex.Pattern;

/** The value that means "no data" (GDAL's tag 42113), in every sample of a pixel. */
final class Nodata {
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]{1,5})?");
  private static final int LONGEST = 64;

  private Nodata() {}

  /** The value of an IFD, null without one. */
  static Double of(Ifd ifd) throws IOException {
    if (!ifd.has(TiffTag.GDAL_NODATA)) {
      return null;
    }
    String text = ifd.text(TiffTag.GDAL_NODATA).toLowerCase(Locale.ROOT);
    if (text.length() <= LONGEST) {
      if (NUMBER.matcher(text).matches()) {
        return finite(Double.parseDouble(text));
      }
      switch (text) {
        case "nan", "+nan", "-nan" -> {
          return Double.NaN;
        }
        case "inf", "+inf" -> {
          return Double.POSITIVE_INFINITY;
        }
        case "-inf" -> {
          return Double.NEGATIVE_INFINITY;
        }
        default -> {}
      }
    }
    throw ifd.refusal(TiffTag.GDAL_NODATA, "is '" + printable(text) + "', not a number");
  }

  /** Of a number as written: with 15 digits, GDAL rounds the largest up to what no double holds. */
  private static double finite(double value) {
    return Double.isInfinite(value) ? Math.copySign(Double.MAX_VALUE, value) : value;
  }

  private static String printable(String text) {
    String start = text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text;
    return start.replaceAll("[^ -~]", "?");
  }

  /** The bytes of a sample with a nodata value, little endian; zeros where it has no such value. */
  static byte[] sample(Double nodata, SampleType type) {
    ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    if (nodata != null) {
      double value = nodata;
      switch (type) {
        case FLOAT32 -> bytes.putFloat(single(value));
        case FLOAT64 -> bytes.putDouble(value);
        default -> bytes.putLong((long) value);
      }
    }
    byte[] sample = new byte[type.bytes()];
    bytes.get(0, sample);
    boolean same = nodata != null && (type.floating() || type.value(sample, 0) == nodata);
    return same ? sample : new byte[type.bytes()];
  }

  /** The value that samples of a type have where the file means nodata. */
  static double asStored(double nodata, SampleType type) {
    return type == SampleType.FLOAT32 ? single(nodata) : nodata;
  }

  private static float single(double value) {
    float single = (float) value;
    return Float.isInfinite(single) && !Double.isInfinite(value)
        ? Math.copySign(Float.MAX_VALUE, single)
        : single;
  }
}
