package io.landloom.geo.scene;

import io.landloom.geo.image.SampleType;
import java.io.Serializable;
import java.util.Optional;

/**
 * What is known of an image file without touching its pixels.
 *
 * @param format {@code TIFF}, {@code PNG} or {@code JPEG}
 * @param width pixels a row
 * @param height rows
 * @param bands samples a pixel; 1 for a palette image
 * @param type type of a sample
 * @param palette 0xRRGGBB by value for a palette image, else null
 * @param georeference place on the ground, null without a CRS and an affine transform to it
 * @param storage how the pixels are stored
 */
public record SceneHeader(
    String format,
    int width,
    int height,
    int bands,
    SampleType type,
    int[] palette,
    Georeference georeference,
    Storage storage)
    implements Serializable {

  /**
   * How pixels are stored, and what the file says of their meaning.
   *
   * @param compression {@code NONE}, {@code LZW}, {@code DEFLATE}, {@code PACKBITS}, {@code JPEG},
   *     {@code ZSTD} or {@code LZMA}
   * @param layout for example {@code tiles 256x256, pixel interleaved}
   * @param nodata value of samples without data, null where the file states none
   * @param mask whether the file holds a mask of the pixels with data
   * @param placement in words, how the file places its pixels on the ground: {@code affine}, {@code
   *     none}, or what keeps it from being a georeference
   * @param crs CRS the file names, {@code EPSG:n} or WKT, also where no affine transform leads to
   *     it; null without one
   */
  public record Storage(
      String compression, String layout, Double nodata, boolean mask, String placement, String crs)
      implements Serializable {

    /** Storage without nodata, mask or place. */
    public static Storage of(String compression, String layout) {
      return new Storage(compression, layout, null, false, "none", null);
    }
  }

  /** The colours of a palette image. */
  public Optional<int[]> colors() {
    return Optional.ofNullable(palette);
  }

  /** The place on the ground, where the file knows it. */
  public Optional<Georeference> place() {
    return Optional.ofNullable(georeference);
  }

  /** The value of samples without data, where the file states one. */
  public Optional<Double> nodata() {
    return Optional.ofNullable(storage.nodata());
  }
}
