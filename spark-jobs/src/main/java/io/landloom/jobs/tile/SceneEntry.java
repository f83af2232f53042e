package io.landloom.jobs.tile;

import io.landloom.geo.patch.PatchGrid;
import io.landloom.geo.scene.Georeference;
import io.landloom.geo.scene.SceneId;
import java.io.Serializable;

/**
 * A scene whose headers were read and agree.
 *
 * @param file its files
 * @param imageChecksum checksum of the image file
 * @param labelChecksum checksum of the label file, empty without one
 * @param width pixels a row
 * @param height rows
 * @param pixels what the pixels of its patches are
 * @param georeference place on the ground, null without one
 */
public record SceneEntry(
    SceneFile file,
    String imageChecksum,
    String labelChecksum,
    int width,
    int height,
    PixelKind pixels,
    Georeference georeference)
    implements Serializable {
  /** The scene. */
  public SceneId id() {
    return file.id();
  }

  /** The scene's patches. */
  public PatchGrid grid(int size, int stride) {
    return new PatchGrid(width, height, size, stride);
  }

  /** Bytes of image and mask of a patch, before they are encoded. */
  public long patchBytes(int size) {
    int mask = file.label() == null ? 0 : 1;
    return (long) size * size * (pixels.bytes() + mask);
  }
}
