package io.landloom.jobs.tile;

import io.landloom.geo.image.SampleType;
import io.landloom.jobs.table.PixelFormat;
import java.io.Serializable;

/**
 * What the pixels of a scene's patches are.
 *
 * @param bands samples a pixel
 * @param type type of a sample
 */
public record PixelKind(int bands, SampleType type) implements Serializable {
  /** Whether a PNG holds them as they are: gray or RGB of 8 bits. */
  boolean fitsPng() {
    return type == SampleType.UINT8 && PixelFormat.fitting(bands) == PixelFormat.PNG;
  }

  /** Bytes of a pixel. */
  public int bytes() {
    return bands * type.bytes();
  }

  @Override
  public String toString() {
    return bands + (bands == 1 ? " band of " : " bands of ") + type.dtype();
  }
}
