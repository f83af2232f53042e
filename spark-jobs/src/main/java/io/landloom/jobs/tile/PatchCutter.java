package io.landloom.jobs.tile;

import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.landcover.LabelDecoder;
import io.landloom.geo.patch.Patch;
import io.landloom.geo.patch.PatchGrid;
import io.landloom.geo.patch.PatchId;
import io.landloom.geo.patch.PatchWindow;
import io.landloom.geo.scene.SceneHeader;
import io.landloom.geo.scene.SceneReader;
import io.landloom.geo.source.SceneFormatException;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/** Cuts one scene into patches, a row of patches at a time; image and label on their own. */
public final class PatchCutter implements Closeable {
  private final SceneEntry scene;
  private final TileRule rule;
  private final PatchGrid grid;
  private final SceneFiles files;
  private final InputKeys keys;
  private LabelDecoder decoder;

  private PatchCutter(SceneEntry scene, TileRule rule, SceneFiles files, InputKeys keys) {
    this.scene = scene;
    this.rule = rule;
    this.grid = scene.grid(rule.size(), rule.stride());
    this.files = files;
    this.keys = keys;
  }

  static PatchCutter open(SceneEntry scene, TileRule rule, Configuration configuration)
      throws IOException, RefusedSceneException {
    return new PatchCutter(
        scene, rule, SceneFiles.open(scene.file(), rule, configuration), InputKeys.OF_JOBS);
  }

  /** A cutter that opens image and label when their pixels are asked for, and not before. */
  public static PatchCutter unopened(
      SceneEntry scene, TileRule rule, InputKeys keys, Configuration configuration) {
    return new PatchCutter(scene, rule, SceneFiles.unopened(scene.file(), configuration), keys);
  }

  /** The patches of a row, from the left. */
  List<Patch> row(int row) throws IOException, RefusedSceneException {
    Raster image = image(row);
    Optional<ClassMask> mask = mask(row);
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

  /** The pixels of a row of patches, over the scene's whole width. */
  public Raster image(int row) throws IOException, RefusedSceneException {
    try {
      Raster image = rows(files.image(), scene.file().image(), row);
      SceneHeader header = files.image().header();
      return header.colors().isPresent() ? image.colored(header.palette()) : image;
    } catch (SceneFormatException e) {
      throw refused(Refusal.UNREADABLE, e.getMessage());
    }
  }

  /** The class indices of a row of patches, over the scene's whole width; empty without a label. */
  public Optional<ClassMask> mask(int row) throws IOException, RefusedSceneException {
    if (!files.labelled()) {
      return Optional.empty();
    }
    try {
      return Optional.of(labels(row));
    } catch (SceneFormatException e) {
      throw refused(Refusal.UNREADABLE, e.getMessage());
    }
  }

  private Raster rows(SceneReader reader, String uri, int row)
      throws IOException, RefusedSceneException {
    SceneHeader header = reader.header();
    if (header.width() != scene.width() || header.height() != scene.height()) {
      throw refused(
          Refusal.UNREADABLE,
          String.format(
              "%s is %d x %d, but the scene was %d x %d when its headers were read",
              uri, header.width(), header.height(), scene.width(), scene.height()));
    }
    return reader.rows(row * rule.stride(), rule.size());
  }

  private ClassMask labels(int row) throws IOException, RefusedSceneException {
    int y = row * rule.stride();
    Raster source = rows(files.label(), scene.file().label(), row);
    if (decoder == null) {
      decoder = files.decoder(rule);
    }
    if (decoder.decodesColors()) {
      SceneHeader header = files.label().header();
      source = header.colors().isPresent() ? source.colored(header.palette()) : source.colors();
    }
    byte[] indices = new byte[source.width() * source.height()];
    LabelDecoder.OffPalette offPalette = new LabelDecoder.OffPalette(decoder);
    decoder.decode(source.samples(), 0, indices, 0, indices.length, offPalette);
    if (offPalette.pixels() > 0 && !rule.unknownOffPalette()) {
      throw refused(
          Refusal.OFF_PALETTE,
          String.format(
              "%s: %d pixels of rows %d..%d hold values that scheme %s does not know: %s;"
                  + " set %s=unknown to take them as unknown",
              scene.file().label(),
              offPalette.pixels(),
              y,
              y + rule.size() - 1,
              rule.scheme().name(),
              offPalette.describe(),
              keys.offPalette()));
    }
    return new ClassMask(source.width(), source.height(), indices);
  }

  private RefusedSceneException refused(String reason, String message) {
    return new RefusedSceneException(new Refusal(scene.id(), reason, message));
  }

  @Override
  public void close() throws IOException {
    files.close();
  }
}
