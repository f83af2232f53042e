package io.landloom.jobs.export;

import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.tiff.TiffWriter;
import io.landloom.geo.tiff.TiffWriter.Compression;
import io.landloom.geo.tiff.TiffWriter.Options;
import io.landloom.geo.tiff.TiffWriter.Predictor;
import io.landloom.jobs.run.StagedFiles.BucketFiles;
import java.io.IOException;

/** Writes images and masks as GeoTIFF: Deflate, with the patch's place where it has one. */
final class GeoTiffs {
  private GeoTiffs() {}

  /** Writes an image, of any number of bands and any sample type. */
  static void image(BucketFiles files, String name, ImageMask pair) throws IOException {
    Raster image = pair.pixels();
    Options options =
        Options.of(image.width(), image.height(), image.bands())
            .withType(image.type())
            .withCompression(Compression.DEFLATE)
            .withPredictor(Predictor.HORIZONTAL);
    write(files, name, image, options, pair);
  }

  /** Writes a mask in the colours of its classes. */
  static void mask(BucketFiles files, String name, ImageMask pair, ClassMapping mapping)
      throws IOException {
    ClassMask mask = pair.classes(mapping);
    Options options =
        Options.of(mask.width(), mask.height(), 1)
            .withCompression(Compression.DEFLATE)
            .withPalette(mapping.palette());
    Raster indices = Raster.ofBytes(mask.width(), mask.height(), 1, mask.indices());
    write(files, name, indices, options, pair);
  }

  private static void write(
      BucketFiles files, String name, Raster raster, Options options, ImageMask pair)
      throws IOException {
    Options placed = pair.place().map(options::withGeoreference).orElse(options);
    files.write(
        name,
        file -> {
          try (TiffWriter writer = TiffWriter.create(file, placed)) {
            writer.writeRows(raster);
          }
        });
  }
}
