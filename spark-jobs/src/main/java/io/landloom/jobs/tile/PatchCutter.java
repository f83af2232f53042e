package io.landloom.jobs.tile;

import io.landloom.geo.image.Raster;
import io.landloom.geo.image.Validity;
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

  /**
   * A patch, and how much of its image there is.
   *
   * @param patch the patch; pixels of the mask without image are unknown
   * @param withoutData share of the image's pixels that hold no data
   */
  record Cut(Patch patch, double withoutData) {}

  /** The patches of a row, from the left. */
  List<Cut> row(int row) throws IOException, RefusedSceneException {
    int y = row * rule.stride();
    Raster image;
    Optional<Validity> validity;
    Optional<ClassMask> mask;
    try {
      image = files.image().rows(y, rule.size());
      validity = files.image().validity(y, image);
      image = rule.pixels().apply(image, files.image().header(), validity);
      mask = files.labelled() ? Optional.of(labels(y, validity)) : Optional.empty();
    } catch (SceneFormatException e) {
      throw new RefusedSceneException(new Refusal(scene.id(), Refusal.UNREADABLE, e.getMessage()));
    }
    List<Cut> patches = new ArrayList<>(grid.columns());
    for (int column = 0; column < grid.columns(); column++) {
      patches.add(cut(row, column, image, mask, validity));
    }
    return patches;
  }

  private Cut cut(
      int row, int column, Raster image, Optional<ClassMask> mask, Optional<Validity> validity) {
    PatchWindow window = grid.window(row, column);
    int size = rule.size();
    Patch patch =
        new Patch(
            new PatchId(scene.id(), row, column),
            window,
            image.crop(window.x(), 0, size, size),
            mask.map(m -> m.crop(window.x(), 0, size, size)));
    int pixels = size * size;
    int withData = validity.map(v -> v.crop(window.x(), 0, size, size).count()).orElse(pixels);
    return new Cut(patch, (double) (pixels - withData) / pixels);
  }

  private ClassMask labels(int y, Optional<Validity> image)
      throws IOException, RefusedSceneException {
    Raster source = files.label().rows(y, rule.size());
    Optional<Validity> labelled = files.label().validity(y, source);
    if (decoder.decodesColors()) {
      SceneHeader header = files.label().header();
      source = header.colors().isPresent() ? source.colored(header.palette()) : source.colors();
    }
    byte[] indices = new byte[source.width() * source.height()];
    LabelDecoder.OffPalette offPalette = new LabelDecoder.OffPalette(decoder);
    if (labelled.isPresent()) {
      decodeWithData(source, labelled.get().data(), indices, offPalette);
    } else {
      decoder.decode(source.samples(), 0, indices, 0, indices.length, offPalette);
    }
    if (offPalette.pixels() > 0 && !rule.unknownOffPalette()) {
      throw offPalette(y, offPalette);
    }
    image.ifPresent(validity -> clear(indices, validity.data()));
    return new ClassMask(source.width(), source.height(), indices);
  }

  /** Decodes the runs of pixels with data; the others are unknown, whatever value they have. */
  private void decodeWithData(
      Raster source, byte[] data, byte[] indices, LabelDecoder.OffPalette offPalette) {
    int from = 0;
    while (from < data.length) {
      int to = from;
      while (to < data.length && data[to] != 0) {
        to++;
      }
      decoder.decode(source.samples(), from * source.bands(), indices, from, to - from, offPalette);
      from = to;
      while (from < data.length && data[from] == 0) {
        from++;
      }
    }
    clear(indices, data);
  }

  private void clear(byte[] indices, byte[] data) {
    byte unknown = (byte) rule.scheme().unknownIndex();
    for (int i = 0; i < indices.length; i++) {
      indices[i] = data[i] == 0 ? unknown : indices[i];
    }
  }

  private RefusedSceneException offPalette(int y, LabelDecoder.OffPalette offPalette) {
    return new RefusedSceneException(
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

  @Override
  public void close() throws IOException {
    files.close();
  }
}
