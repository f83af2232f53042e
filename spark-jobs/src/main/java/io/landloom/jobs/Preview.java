package io.landloom.jobs;

import io.landloom.geo.image.PngEncoder;
import io.landloom.geo.image.Raster;
import io.landloom.geo.image.SampleType;
import io.landloom.geo.image.Stretch;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.report.Picture;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.table.PixelDecoder;
import io.landloom.jobs.table.PixelFormat;
import java.io.IOException;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/** Pictures of stored images and masks for the report, whatever they are stored as. */
final class Preview {
  private static final PixelDecoder PIXELS = new PixelDecoder();

  private Preview() {}

  /** The columns of some names, with those that describe an image. */
  static Column[] columns(String... names) {
    return Stream.concat(
            Stream.of(names), Stream.of("width", "height", "bands", "dtype", "image_format"))
        .map(functions::col)
        .toArray(Column[]::new);
  }

  /** A row's image; what no PNG holds is shown by its first bands, from its least to its most. */
  static Picture image(Row row) {
    byte[] bytes = bytes(row, "image");
    String format = row.getAs("image_format");
    if (format.equals(PixelFormat.PNG.text())) {
      return Picture.ofPng(bytes);
    }
    try {
      PixelDecoder.Shape shape =
          new PixelDecoder.Shape(
              format,
              row.getAs("dtype"),
              row.<Integer>getAs("width"),
              row.<Integer>getAs("height"),
              row.<Integer>getAs("bands"));
      return Picture.ofPng(new PngEncoder().encode(shown(PIXELS.image(bytes, shape))));
    } catch (IOException e) {
      throw damaged(row, e);
    }
  }

  /** A row's mask in the colours of the scheme. */
  static Picture mask(Row row, LandCoverScheme scheme) {
    byte[] bytes = bytes(row, "mask");
    String format = row.getAs("mask_format");
    if (format.equals(PixelFormat.PNG.text())) {
      return Picture.ofPng(bytes);
    }
    try {
      ClassMask mask =
          PIXELS.mask(
              bytes,
              PixelDecoder.Shape.ofMask(
                  format, row.<Integer>getAs("width"), row.<Integer>getAs("height")));
      return Picture.ofPng(new PngEncoder().encodeMask(mask, scheme));
    } catch (IOException e) {
      throw damaged(row, e);
    }
  }

  private static Raster shown(Raster image) {
    Raster bands = image.bands() >= 3 ? image.bands(0, 1, 2) : image.bands(0);
    if (bands.type() == SampleType.UINT8) {
      return bands;
    }
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < bands.samples().length / bands.type().bytes(); i++) {
      double value = bands.type().value(bands.samples(), i);
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    return new Stretch(least, Math.max(most, least + 1)).apply(bands);
  }

  private static byte[] bytes(Row row, String column) {
    return row.getStruct(row.fieldIndex(column)).getAs("bytes");
  }

  private static JobException damaged(Row row, IOException cause) {
    return new JobException(
        JobException.Kind.DATA,
        "patch of " + row.getAs("condition") + ": " + cause.getMessage() + "; run verify",
        cause);
  }
}
