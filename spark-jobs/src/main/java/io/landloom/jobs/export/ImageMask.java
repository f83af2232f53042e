package io.landloom.jobs.export;

import io.landloom.geo.image.PngEncoder;
import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.scene.Georeference;
import io.landloom.geo.source.SceneFormatException;
import io.landloom.jobs.run.JsonLine;
import io.landloom.jobs.table.PixelDecoder;
import java.util.Arrays;
import java.util.Optional;

/**
 * An image and its mask, as they are stored.
 *
 * @param sceneId scene of the mask
 * @param row row of the mask's patch
 * @param column column of the mask's patch
 * @param copy number of the synthetic image, {@link #REAL} for a patch
 * @param split train, val or test
 * @param image the image as it is stored
 * @param imageShape what its row says of it
 * @param mask the mask as it is stored
 * @param maskShape what its row says of it
 * @param classPixels pixels by class, in the scheme's order
 * @param crs CRS of the patch, null without one and for a synthetic image
 * @param transform pixel corner to CRS, in GDAL's order; null as {@code crs}
 */
record ImageMask(
    String sceneId,
    int row,
    int column,
    int copy,
    String split,
    byte[] image,
    PixelDecoder.Shape imageShape,
    byte[] mask,
    PixelDecoder.Shape maskShape,
    long[] classPixels,
    String crs,
    double[] transform) {
  static final int REAL = -1;

  private static final PixelDecoder PIXELS = new PixelDecoder();
  private static final PngEncoder PNG = new PngEncoder();

  /** The name of its files, without an extension. */
  String name() {
    return SafeName.of(sceneId, row, column, copy);
  }

  /** Whether it is a patch. */
  boolean isReal() {
    return copy == REAL;
  }

  /** Whether the image is stored as a PNG. */
  boolean isPng() {
    return imageShape.format().equals("png");
  }

  /** The image's pixels. */
  Raster pixels() throws SceneFormatException {
    return PIXELS.image(image, imageShape);
  }

  /** The mask's pixels, with the exported indices. */
  ClassMask classes(ClassMapping mapping) throws SceneFormatException {
    return mapping.apply(PIXELS.mask(mask, maskShape), name());
  }

  /** The mask as a palette PNG; the stored one, undecoded, where all indices stay. */
  byte[] palettePng(ClassMapping mapping) throws SceneFormatException {
    return mapping.isSame() && maskShape.format().equals("png")
        ? mask
        : PNG.encodeMask(classes(mapping), mapping.palette());
  }

  /** The mask as a gray PNG. */
  byte[] grayPng(ClassMapping mapping) throws SceneFormatException {
    return PNG.encodeGrayMask(classes(mapping));
  }

  /** The place on the ground; none for a synthetic image, which shows no place. */
  Optional<Georeference> place() {
    return crs == null || transform == null || !crs.startsWith("EPSG:")
        ? Optional.empty()
        : Optional.of(new Georeference(crs, transform));
  }

  /** Where it comes from. */
  JsonLine origin() {
    return new JsonLine()
        .text("scope", isReal() ? "real" : "synthetic")
        .text("scene_id", sceneId)
        .number("row", row)
        .number("col", column)
        .number("copy", isReal() ? null : copy)
        .text("split", split)
        .numbers("class_pixels", Arrays.stream(classPixels).boxed().toList());
  }
}
