package io.landloom.jobs.tile;

import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.landcover.LabelDecoder;
import io.landloom.geo.patch.Patch;
import io.landloom.geo.patch.PatchGrid;
import io.landloom.geo.patch.PatchId;
import io.landloom.geo.patch.PatchWindow;
import io.landloom.geo.scene.SceneHeader;
import io.landloom.geo.source.SceneFormatException;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/** Cuts one scene into patches, a row of patches at a time. */
final class PatchCutter implements Closeable {
  private final SceneEntry scene;
  private final TileRule rule;
  private final PatchGrid grid;
  private final SceneFiles files;
  private final LabelDecoder decoder;

  private PatchCutter(SceneEntry scene, TileRule rule, SceneFiles files, LabelDecoder decoder) {
    this.scene = scene;
    this.rule = rule;
    this.grid = scene.grid(rule.size(), rule.stride());
    this.files = files;
    this.decoder = decoder;
  }

  static PatchCutter open(SceneEntry scene, TileRule rule, Configuration configuration)
      throws IOException, RefusedSceneException {
    SceneFiles files = SceneFiles.open(scene.file(), rule, configuration);
    return new PatchCutter(scene, rule, files, files.labelled() ? files.decoder(rule) : null);
  }

  /** The patches of a row, from the left. */
  List<Patch> row(int row) throws IOException, RefusedSceneException {
    int y = row * rule.stride();
    Raster image;
    Optional<ClassMask> mask;
    try {
      image = files.image().rows(y, rule.size());
      SceneHeader header = files.image().header();
      image = header.colors().isPresent() ? image.colored(header.palette()) : image;
      mask = files.labelled() ? Optional.of(labels(y)) : Optional.empty();
    } catch (SceneFormatException e) {
      throw new RefusedSceneException(new Refusal(scene.id(), Refusal.UNREADABLE, e.getMessage()));
    }
    List<Patch> patches = new ArrayList<>(grid.columns());
    for (int column = 0; column < grid.columns(); column++) {
      PatchWindow window = grid.window(row, column);
      patches.add(
          new Patch(
              new PatchId(scene.id(), row, column),
              window,
              image.crop(window.x(), 0, rule.size(), rule.size()),
              mask.map(m -> m.crop(window.x(), 0, rule.size(), rule.size()))));
    }
    return patches;
  }

  private ClassMask labels(int y) throws IOException, RefusedSceneException {
    Raster source = files.label().rows(y, rule.size());
    if (decoder.decodesColors()) {
      SceneHeader header = files.label().header();
      source = header.colors().isPresent() ? source.colored(header.palette()) : source.colors();
    }
    byte[] indices = new byte[source.width() * source.height()];
    LabelDecoder.OffPalette offPalette = new LabelDecoder.OffPalette(decoder);
    decoder.decode(source.samples(), 0, indices, 0, indices.length, offPalette);
    if (offPalette.pixels() > 0 && !rule.unknownOffPalette()) {
      throw new RefusedSceneException(
          new Refusal(
              scene.id(),
              Refusal.OFF_PALETTE,
              String.format(
                  "%s: %d pixels of rows %d..%d hold values that scheme %s does not know: %s;"
                      + " set labels.offPalette=unknown to take them as unknown",
                  scene.file().label(),
                  offPalette.pixels(),
                  y,
                  y + rule.size() - 1,
                  rule.scheme().name(),
                  offPalette.describe())));
    }
    return new ClassMask(source.width(), source.height(), indices);
  }

  @Override
  public void close() throws IOException {
    files.close();
  }
}
