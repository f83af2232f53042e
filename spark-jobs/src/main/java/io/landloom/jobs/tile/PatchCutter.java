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
import io.landloom.geo.scene.SceneReader;
import io.landloom.geo.source.SceneFormatException;
import io.landloom.jobs.table.MaskSource;
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
  private int readRow = -1;
  private Pixels read;

  private PatchCutter(SceneEntry scene, TileRule rule, SceneFiles files, InputKeys keys) {
    this.scene = scene;
    this.rule = rule;
    this.grid = scene.grid(rule.size(), rule.stride());
    this.files = files;
    this.keys = keys;
  }

  static PatchCutter open(SceneEntry scene, TileRule rule, Configuration configuration)
      throws IOException, RefusedSceneException {
    InputKeys keys = InputKeys.OF_JOBS;
    return new PatchCutter(
        scene, rule, SceneFiles.open(scene.file(), rule, keys, configuration), keys);
  }

  /** A cutter that opens image and label when their pixels are asked for, and not before. */
  public static PatchCutter unopened(
      SceneEntry scene, TileRule rule, InputKeys keys, Configuration configuration) {
    return new PatchCutter(scene, rule, SceneFiles.unopened(scene.file(), configuration), keys);
  }

  /**
   * A patch, and how much of its image there is.
   *
   * @param patch the patch; pixels of the mask without image are unknown
   * @param withoutData share of the image's pixels that hold no data
   * @param uncertainty mean over the pixels of a predicted mask that are not unknown, 0 to 1; null
   *     where nobody said
   */
  record Cut(Patch patch, double withoutData, Double uncertainty) {}

  /**
   * Pixels of a row of patches, over the scene's whole width.
   *
   * @param image what patches store
   * @param validity which pixels hold data; empty where all do
   */
  private record Pixels(Raster image, Optional<Validity> validity) {}

  /** The patches of a row, from the left. */
  List<Cut> row(int row) throws IOException, RefusedSceneException {
    Pixels pixels = pixels(row);
    Optional<ClassMask> mask = mask(row, pixels.validity());
    Optional<Raster> uncertainty = uncertainty(row);
    List<Cut> patches = new ArrayList<>(grid.columns());
    for (int column = 0; column < grid.columns(); column++) {
      patches.add(cut(new PatchId(scene.id(), row, column), pixels, mask, uncertainty));
    }
    return patches;
  }

  private Cut cut(
      PatchId id, Pixels pixels, Optional<ClassMask> mask, Optional<Raster> uncertainty) {
    PatchWindow window = grid.window(id.row(), id.column());
    int size = rule.size();
    Patch patch =
        new Patch(
            id,
            window,
            pixels.image().crop(window.x(), 0, size, size),
            mask.map(m -> m.crop(window.x(), 0, size, size)));
    int all = size * size;
    int withData =
        pixels.validity().map(v -> v.crop(window.x(), 0, size, size).count()).orElse(all);
    Double uncertain =
        uncertainty
            .map(raster -> mean(raster.crop(window.x(), 0, size, size), patch.mask().orElseThrow()))
            .orElse(null);
    return new Cut(patch, (double) (all - withData) / all, uncertain);
  }

  /** Mean over the pixels that are not unknown, of bytes as 0 to 1; null without such pixels. */
  private Double mean(Raster uncertainty, ClassMask mask) {
    long sum = 0;
    long count = 0;
    for (int i = 0; i < mask.indices().length; i++) {
      if (mask.indices()[i] != (byte) rule.scheme().unknownIndex()) {
        sum += uncertainty.samples()[i] & 0xFF;
        count++;
      }
    }
    return count == 0 ? null : sum / (255.0 * count);
  }

  /** How uncertain a row of patches of a predicted label is, over the scene's whole width. */
  private Optional<Raster> uncertainty(int row) throws IOException, RefusedSceneException {
    if (!files.labelled() || rule.maskSource() != MaskSource.PREDICTED) {
      return Optional.empty();
    }
    try {
      Optional<SceneReader> reader = files.uncertainty();
      return reader.isEmpty()
          ? Optional.empty()
          : Optional.of(rows(reader.get(), scene.file().uncertainty().orElseThrow(), row));
    } catch (SceneFormatException e) {
      throw refused(Refusal.UNREADABLE, e.getMessage());
    }
  }

  /** The pixels of a row of patches as patches store them, over the scene's whole width. */
  public Raster image(int row) throws IOException, RefusedSceneException {
    return pixels(row).image();
  }

  private Pixels pixels(int row) throws IOException, RefusedSceneException {
    if (row != readRow) {
      read = null; // or two rows of patches would be held
      read = readPixels(row);
      readRow = row;
    }
    return read;
  }

  private Pixels readPixels(int row) throws IOException, RefusedSceneException {
    try {
      checkPixels(files.image().header());
      Raster rows = rows(files.image(), scene.file().image(), row);
      Optional<Validity> validity = files.image().validity(row * rule.stride(), rows);
      return new Pixels(rule.pixels().apply(rows, files.image().header(), validity), validity);
    } catch (SceneFormatException e) {
      throw refused(Refusal.UNREADABLE, e.getMessage());
    }
  }

  /** Checks that the image still gives the pixels that its header promised. */
  private void checkPixels(SceneHeader header) throws RefusedSceneException {
    PixelKind kind = rule.pixels().kind(header);
    if (!kind.equals(scene.pixels())) {
      throw refused(
          Refusal.UNREADABLE,
          String.format(
              "%s gives %s, but the scene gave %s when its headers were read",
              scene.file().image(), kind, scene.pixels()));
    }
    Optional<String> problem = rule.pixels().problem(header, keys);
    if (problem.isPresent()) {
      throw refused(Refusal.UNSUITABLE, scene.file().image() + ": " + problem.get());
    }
  }

  /**
   * The class indices of a row of patches, over the scene's whole width; empty without a label. The
   * image is read only where its header leaves open whether all of its pixels hold data.
   */
  public Optional<ClassMask> mask(int row) throws IOException, RefusedSceneException {
    return mask(row, scene.complete() ? Optional.empty() : pixels(row).validity());
  }

  private Optional<ClassMask> mask(int row, Optional<Validity> image)
      throws IOException, RefusedSceneException {
    if (!files.labelled()) {
      return Optional.empty();
    }
    try {
      return Optional.of(labels(row, image));
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

  private ClassMask labels(int row, Optional<Validity> image)
      throws IOException, RefusedSceneException {
    int y = row * rule.stride();
    Raster source = rows(files.label(), scene.file().label(), row);
    Optional<Validity> labelled = files.label().validity(y, source);
    if (decoder == null) {
      decoder = files.decoder(rule);
    }
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
    return refused(
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

  private RefusedSceneException refused(String reason, String message) {
    return new RefusedSceneException(new Refusal(scene.id(), reason, message));
  }

  @Override
  public void close() throws IOException {
    files.close();
  }
}
