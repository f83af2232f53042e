package io.landloom.jobs.tile;

import io.landloom.geo.patch.Footprint;
import io.landloom.geo.patch.PatchGrid;
import io.landloom.geo.patch.PatchWindow;
import io.landloom.geo.scene.Georeference;
import io.landloom.geo.scene.SceneId;
import io.landloom.geo.source.SceneFormatException;
import java.io.Serializable;
import java.util.Optional;

/**
 * A scene whose headers were read and agree.
 *
 * @param file its files
 * @param imageChecksum checksum of the image file
 * @param labelChecksum checksum of the label file, empty without one
 * @param width pixels a row
 * @param height rows
 * @param georeference place on the ground, null without one
 */
public record SceneEntry(
    SceneFile file,
    String imageChecksum,
    String labelChecksum,
    int width,
    int height,
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

  /**
   * The ground that a window covers; empty without a georeference.
   *
   * @throws RefusedSceneException if the CRS is unknown or the window lies outside its use
   */
  public Optional<Footprint> footprint(PatchWindow window) throws RefusedSceneException {
    if (georeference == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(Footprint.of(georeference, window));
    } catch (SceneFormatException e) {
      throw new RefusedSceneException(
          new Refusal(id(), Refusal.UNREADABLE, file.image() + ": " + e.getMessage()));
    }
  }
}
