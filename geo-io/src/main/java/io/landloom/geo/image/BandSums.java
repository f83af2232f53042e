package io.landloom.geo.image;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;

/** Sums of all samples of each band; exact for integers, without those that are not numbers. */
public final class BandSums {
  private final SampleType type;
  private final BigInteger[] whole;
  private final double[] real;

  /** Sums of so many bands, all 0. */
  public BandSums(SampleType type, int bands) {
    this.type = type;
    this.whole = new BigInteger[bands];
    this.real = new double[bands];
    Arrays.fill(whole, BigInteger.ZERO);
  }

  /** Adds the samples of a raster of this type and these bands. */
  public void add(Raster raster) {
    if (raster.type() != type || raster.bands() != real.length) {
      throw new IllegalArgumentException(
          raster + " among sums of " + real.length + " bands of " + type);
    }
    for (int band = 0; band < real.length; band++) {
      if (type.floating()) {
        real[band] += sum(raster, band);
      } else {
        // fewer than 2^31 samples of less than 2^32 each
        whole[band] = whole[band].add(BigInteger.valueOf(wholeSum(raster, band)));
      }
    }
  }

  private double sum(Raster raster, int band) {
    byte[] samples = raster.samples();
    int count = samples.length / type.bytes();
    double sum = 0;
    for (int sample = band; sample < count; sample += real.length) {
      double value = type.value(samples, sample);
      sum += Double.isNaN(value) ? 0 : value;
    }
    return sum;
  }

  private long wholeSum(Raster raster, int band) {
    byte[] samples = raster.samples();
    int count = samples.length / type.bytes();
    long sum = 0;
    for (int sample = band; sample < count; sample += real.length) {
      sum += (long) type.value(samples, sample);
    }
    return sum;
  }

  /** The sums: a BigInteger a band for integers, a Double a band for floats. */
  public List<Number> sums() {
    return type.floating()
        ? Arrays.stream(real).<Number>mapToObj(Double::valueOf).toList()
        : List.<Number>of(whole);
  }
}
