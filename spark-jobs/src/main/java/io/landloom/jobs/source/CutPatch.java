package io.landloom.jobs.source;

import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.ClassCounts;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.patch.Footprint;
import io.landloom.geo.patch.PatchWindow;
import io.landloom.geo.scene.Georeference;
import io.landloom.jobs.tile.RefusedSceneException;
import io.landloom.jobs.tile.SceneEntry;
import io.landloom.jobs.tile.TileRule;
import java.util.Optional;

/** One patch of a row that was read; what its columns ask for is cut, once, when they do. */
final class CutPatch {
  private final RowOfPatches pixels;
  private final int column;
  private final PatchWindow window;
  private Optional<ClassMask> mask;
  private Optional<ClassCounts> counts;
  private Optional<Footprint> footprint;

  /**
   * What was read for a row of patches.
   *
   * @param scene the scene
   * @param rule how it is cut
   * @param row row of patches
   * @param image pixels over the scene's whole width, null if no column asks for them
   * @param mask class indices likewise; empty without a label
   */
  record RowOfPatches(
      SceneEntry scene, TileRule rule, int row, Raster image, Optional<ClassMask> mask) {}

  CutPatch(RowOfPatches pixels, int column) {
    this.pixels = pixels;
    this.column = column;
    this.window = scene().grid(rule().size(), rule().stride()).window(pixels.row(), column);
  }

  SceneEntry scene() {
    return pixels.scene();
  }

  TileRule rule() {
    return pixels.rule();
  }

  int row() {
    return pixels.row();
  }

  int column() {
    return column;
  }

  PatchWindow window() {
    return window;
  }

  Raster image() {
    return pixels.image().crop(window.x(), 0, window.width(), window.height());
  }

  Optional<ClassMask> mask() {
    if (mask == null) {
      mask = pixels.mask().map(m -> m.crop(window.x(), 0, window.width(), window.height()));
    }
    return mask;
  }

  Optional<ClassCounts> counts() {
    if (counts == null) {
      counts = mask().map(m -> m.counts(rule().scheme()));
    }
    return counts;
  }

  /** The place of the patch on the ground. */
  Optional<Georeference> place() {
    return Optional.ofNullable(scene().georeference())
        .map(place -> place.shifted(window.x(), window.y()));
  }

  Optional<Footprint> footprint() throws RefusedSceneException {
    if (footprint == null) {
      footprint = scene().footprint(window);
    }
    return footprint;
  }
}
