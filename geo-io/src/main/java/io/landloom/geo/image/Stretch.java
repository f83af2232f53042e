package io.landloom.geo.image;

import java.io.Serializable;

/**
 * A stated linear stretch of samples of any type to 8 bits: minimum to 0, maximum to 255, rounded
 * half up, clamped at both ends; what is not a number becomes 0, and so does a pixel without data
 * where a {@link Validity} says which those are.
 *
 * @param minimum value that becomes 0
 * @param maximum value that becomes 255
 */
public record Stretch(double minimum, double maximum) implements Serializable {
  private static final int TOP = 255;

  /** Checks that both ends are finite and in order. */
  public Stretch {
    boolean finite = Double.isFinite(minimum) && Double.isFinite(maximum - minimum);
    if (!finite || minimum >= maximum) {
      throw new IllegalArgumentException(
          "stretch from " + minimum + " to " + maximum + ": it needs a minimum below its maximum");
    }
  }

  /** The 8 bits that a value becomes. */
  public int level(double value) {
    if (!(value > minimum)) {
      return 0;
    }
    return value >= maximum
        ? TOP
        : (int) Math.floor((value - minimum) / (maximum - minimum) * TOP + 0.5);
  }

  /** The raster in 8 bits. */
  public Raster apply(Raster raster) {
    SampleType type = raster.type();
    byte[] from = raster.samples();
    byte[] to = new byte[from.length / type.bytes()];
    if (type.bytes() == 1) {
      byte[] table = table(type);
      for (int i = 0; i < to.length; i++) {
        to[i] = table[from[i] & 0xFF];
      }
    } else if (type.bytes() == 2 && to.length > 1 << 16) {
      byte[] table = table(type);
      for (int i = 0; i < to.length; i++) {
        to[i] = table[(from[2 * i] & 0xFF) | (from[2 * i + 1] & 0xFF) << 8];
      }
    } else {
      for (int i = 0; i < to.length; i++) {
        to[i] = (byte) level(type.value(from, i));
      }
    }
    return Raster.ofBytes(raster.width(), raster.height(), raster.bands(), to);
  }

  /** The raster in 8 bits, with 0 in all bands of the pixels without data. */
  public Raster apply(Raster raster, Validity validity) {
    if (validity.width() != raster.width() || validity.height() != raster.height()) {
      throw new IllegalArgumentException(validity + " does not fit " + raster);
    }
    Raster stretched = apply(raster);
    byte[] samples = stretched.samples();
    byte[] data = validity.data();
    int bands = raster.bands();
    for (int pixel = 0; pixel < data.length; pixel++) {
      if (data[pixel] == 0) {
        for (int band = 0; band < bands; band++) {
          samples[pixel * bands + band] = 0;
        }
      }
    }
    return stretched;
  }

  /** The 8 bits of every sample of one or two bytes, by its bits. */
  private byte[] table(SampleType type) {
    byte[] table = new byte[1 << (8 * type.bytes())];
    byte[] sample = new byte[2];
    for (int bits = 0; bits < table.length; bits++) {
      sample[0] = (byte) bits;
      sample[1] = (byte) (bits >> 8);
      table[bits] = (byte) level(type.value(sample, 0));
    }
    return table;
  }
}
