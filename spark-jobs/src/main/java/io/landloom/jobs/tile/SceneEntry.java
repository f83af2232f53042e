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
 * @param imageChecksum checksum of the image file, empty where none was made
 * @param labelChecksum checksum of the label file, empty without one and where none was made
 * @param width pixels a row
 * @param height rows
 * @param blockRows rows between places where decoding can begin, in image or label, the larger
 * @param pixels what the pixels of its patches are
 * @param complete whether every pixel of the image is known to hold data before any is read
 * @param georeference place on the ground, null without one
 */
public record SceneEntry(
    SceneFile file,
    String imageChecksum,
    String labelChecksum,
    int width,
    int height,
    int blockRows,
    PixelKind pixels,
    boolean complete,
    Georeference georeference)
    implements Serializable {
  private static final int LEAST_PIECES = 4;

  /** The same with the checksums of its files. */
  SceneEntry with(String checksumOfImage, String checksumOfLabel) {
    return new SceneEntry(
        file,
        checksumOfImage,
        checksumOfLabel,
        width,
        height,
        blockRows,
        pixels,
        complete,
        georeference);
  }

  /** The scene. */
  public SceneId id() {
    return file.id();
  }

  /** The scene's patches. */
  public PatchGrid grid(int size, int stride) {
    return new PatchGrid(width, height, size, stride);
  }

  /**
   * Rows of patches that should stay in one bucket, so that buckets which share the scene do not
   * decode the same pixels again and again. A scene that decodes only from its top is worth
   * decoding a few times for the sake of parallel tasks.
   */
  int rowsTogether(int stride) {
    int quarter = (height + LEAST_PIECES - 1) / LEAST_PIECES;
    return (Math.min(blockRows, quarter) + stride - 1) / stride;
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

  /**
   * Checks that the patches at the scene's corners have footprints, so that a scene that is not
   * where its CRS is used is refused as a whole, and before any patch is cut.
   */
  void checkFootprints(TileRule rule) throws RefusedSceneException {
    PatchGrid grid = grid(rule.size(), rule.stride());
    if (georeference == null || grid.patches() == 0) {
      return;
    }
    for (int row : new int[] {0, grid.rows() - 1}) {
      for (int column : new int[] {0, grid.columns() - 1}) {
        footprint(grid.window(row, column));
      }
    }
  }

  /** Bytes of image and mask of a patch, before they are encoded. */
  public long patchBytes(int size) {
    int mask = file.label() == null ? 0 : 1;
    return (long) size * size * (pixels.bytes() + mask);
  }
}
