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
 * @param georeference place on the ground, null without one
 */
public record SceneHeader(
    String format,
    int width,
    int height,
    int bands,
    SampleType type,
    int[] palette,
    Georeference georeference)
    implements Serializable {

  /** The colours of a palette image. */
  public Optional<int[]> colors() {
    return Optional.ofNullable(palette);
  }

  /** The place on the ground, where the file knows it. */
  public Optional<Georeference> place() {
    return Optional.ofNullable(georeference);
  }
}
