package io.landloom.geo.tiff;

import io.landloom.geo.image.Raster;
import io.landloom.geo.image.SampleType;
import io.landloom.geo.image.Validity;
import java.util.Arrays;
import java.util.Optional;

/** Finds out which pixels of rows hold data; made only where some hold none. */
final class DataPixels {
  private final Raster rows;
  private byte[] data;

  DataPixels(Raster rows) {
    this.rows = rows;
  }

  /** Which pixels hold data, empty where all do. */
  Optional<Validity> validity() {
    return data == null
        ? Optional.empty()
        : Optional.of(new Validity(rows.width(), rows.height(), data));
  }

  private byte[] data() {
    if (data == null) {
      data = new byte[rows.width() * rows.height()];
      Arrays.fill(data, (byte) 1);
    }
    return data;
  }

  /** Clears the pixels all of whose samples are nodata or not numbers. */
  void clearNodata(Double nodata) {
    SampleType type = rows.type();
    if (nodata == null && !type.floating()) {
      return;
    }
    double value = nodata == null ? Double.NaN : Nodata.asStored(nodata, type);
    byte[] samples = rows.samples();
    int bands = rows.bands();
    int pixels = rows.width() * rows.height();
    for (int pixel = 0; pixel < pixels; pixel++) {
      int sample = pixel * bands;
      int end = sample + bands;
      while (sample < end && isNodata(type.value(samples, sample), value)) {
        sample++;
      }
      if (sample == end) {
        data()[pixel] = 0;
      }
    }
  }

  private static boolean isNodata(double sample, double nodata) {
    return sample == nodata || Double.isNaN(sample);
  }

  /** Clears the pixels of sparse blocks, also where only one band's block is sparse. */
  void clearSparse(TiffLayout layout, int y) {
    if (!layout.sparse()) {
      return;
    }
    for (int row = y; row < y + rows.height(); row++) {
      for (int plane = 0; plane < layout.planes; plane++) {
        for (int column = 0; column < layout.across; column++) {
          if (layout.sparse(layout.block(plane, row / layout.blockHeight, column))) {
            int from = (row - y) * rows.width() + column * layout.blockWidth;
            int end = (row - y) * rows.width() + rows.width();
            Arrays.fill(data(), from, Math.min(from + layout.blockWidth, end), (byte) 0);
          }
        }
      }
    }
  }

  /** Clears the pixels that a mask leaves out: those with 0 in all of its bands. */
  void clearMasked(Raster mask) {
    byte[] samples = mask.samples();
    int bands = mask.bands();
    int pixels = rows.width() * rows.height();
    for (int pixel = 0; pixel < pixels; pixel++) {
      int sample = pixel * bands;
      int end = sample + bands;
      while (sample < end && samples[sample] == 0) {
        sample++;
      }
      if (sample == end) {
        data()[pixel] = 0;
      }
    }
  }
}
