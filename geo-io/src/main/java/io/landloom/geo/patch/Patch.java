package io.landloom.geo.patch;

import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.ClassMask;
import java.util.Optional;

/**
 * A window of a scene with its pixels.
 *
 * @param id the key
 * @param window where it was cut
 * @param image the pixels
 * @param mask the class indices; empty for an unlabelled scene
 */
public record Patch(PatchId id, PatchWindow window, Raster image, Optional<ClassMask> mask) {
  /** Checks that image and mask have the window's size. */
  public Patch {
    if (image.width() != window.width() || image.height() != window.height()) {
      throw new IllegalArgumentException(id + ": image of another size than " + window);
    }
    mask.ifPresent(
        m -> {
          if (m.width() != window.width() || m.height() != window.height()) {
            throw new IllegalArgumentException(id + ": mask of another size than " + window);
          }
        });
  }
}
