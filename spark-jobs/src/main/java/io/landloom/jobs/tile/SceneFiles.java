package io.landloom.jobs.tile;

import io.landloom.geo.format.SceneReaders;
import io.landloom.geo.image.SampleType;
import io.landloom.geo.landcover.LabelDecoder;
import io.landloom.geo.scene.SceneHeader;
import io.landloom.geo.scene.SceneReader;
import io.landloom.geo.source.SceneFormatException;
import io.landloom.geo.source.SourceFiles;
import io.landloom.geo.tiff.TiffLimits;
import io.landloom.jobs.run.Paths;
import io.landloom.jobs.table.MaskSource;
import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** The files of one scene; each is opened when it is first asked for. */
final class SceneFiles implements Closeable {
  private final SceneFile file;
  private final Configuration configuration;
  private SceneReader image;
  private SceneReader label;
  private Optional<SceneReader> uncertainty;

  private SceneFiles(SceneFile file, Configuration configuration) {
    this.file = file;
    this.configuration = configuration;
  }

  /**
   * Opens image and label and checks them against each other.
   *
   * @throws RefusedSceneException if the scene must be left out
   */
  static SceneFiles open(SceneFile file, TileRule rule, InputKeys keys, Configuration configuration)
      throws IOException, RefusedSceneException {
    SceneFiles files = unopened(file, configuration);
    try {
      files.check(rule, keys);
      return files;
    } catch (IOException | RefusedSceneException | RuntimeException e) {
      files.close();
      throw e;
    }
  }

  /** Files that were checked before. */
  static SceneFiles unopened(SceneFile file, Configuration configuration) {
    return new SceneFiles(file, configuration);
  }

  private SceneReader reader(String uri) throws IOException, RefusedSceneException {
    Path path = new Path(uri);
    try {
      return SceneReaders.open(
          SourceFiles.open(Paths.fileSystem(path, configuration), path), TiffLimits.defaults());
    } catch (SceneFormatException e) {
      throw new RefusedSceneException(new Refusal(file.id(), Refusal.UNREADABLE, e.getMessage()));
    }
  }

  private void check(TileRule rule, InputKeys keys) throws IOException, RefusedSceneException {
    SceneHeader scene = image().header();
    Optional<String> problem = rule.pixels().problem(scene, keys);
    if (problem.isPresent()) {
      throw refused(Refusal.UNSUITABLE, file.image() + ": " + problem.get());
    }
    checkMemory(file.image(), scene, rule, keys);
    if (!labelled()) {
      return;
    }
    SceneHeader labels = label().header();
    checkMemory(file.label(), labels, rule, keys);
    if (labels.width() != scene.width() || labels.height() != scene.height()) {
      throw refused(
          Refusal.SIZES_DIFFER,
          String.format(
              "%s is %d x %d, but its label %s is %d x %d",
              file.image(),
              scene.width(),
              scene.height(),
              file.label(),
              labels.width(),
              labels.height()));
    }
    if (labels.storage().compression().equals("JPEG")) {
      throw refused(
          Refusal.UNSUITABLE, file.label() + ": JPEG changes label values; use PNG or TIFF");
    }
    decoder(rule);
    if (rule.maskSource() == MaskSource.PREDICTED && uncertainty().isPresent()) {
      checkUncertainty(uncertainty().get().header(), scene);
    }
  }

  /** A row of patches is read over the scene's whole width: not every heap can hold it. */
  private void checkMemory(String uri, SceneHeader header, TileRule rule, InputKeys keys)
      throws RefusedSceneException {
    int rows = Math.min(rule.size(), header.height());
    long bytes = (long) header.width() * header.bands() * header.type().bytes() * rows;
    long most = TiffLimits.defaults().requestBytes();
    if (bytes > most) {
      throw refused(
          Refusal.UNSUITABLE,
          String.format(
              "%s: %d rows of %d pixels are %d bytes, more than the %d that this memory allows at"
                  + " once; set a smaller %s, or give a larger heap",
              uri, rows, header.width(), bytes, most, keys.size()));
    }
  }

  /** The decoder of the label file. */
  LabelDecoder decoder(TileRule rule) throws IOException, RefusedSceneException {
    SceneHeader labels = label().header();
    boolean colored = labels.palette() != null || labels.bands() >= 3;
    String coding = rule.coding().equals("auto") ? (colored ? "color" : "index") : rule.coding();
    boolean fits =
        labels.type() == SampleType.UINT8
            && (coding.equals("color") ? colored : labels.bands() == 1);
    if (!fits) {
      throw refused(
          Refusal.UNSUITABLE,
          String.format(
              "%s: %d bands of %s cannot hold labels coded by %s",
              file.label(), labels.bands(), labels.type(), coding));
    }
    return coding.equals("color")
        ? LabelDecoder.byColor(rule.scheme())
        : LabelDecoder.byCode(rule.scheme(), coding);
  }

  /** The image file. */
  SceneReader image() throws IOException, RefusedSceneException {
    if (image == null) {
      image = reader(file.image());
    }
    return image;
  }

  /** The label file of a labelled scene. */
  SceneReader label() throws IOException, RefusedSceneException {
    if (label == null) {
      label = reader(file.label());
    }
    return label;
  }

  /** The file of how uncertain a predicted label is; empty without one. */
  Optional<SceneReader> uncertainty() throws IOException, RefusedSceneException {
    if (uncertainty == null) {
      Optional<String> uri = file.uncertainty();
      boolean there = false;
      if (uri.isPresent()) {
        Path path = new Path(uri.get());
        there = Paths.fileSystem(path, configuration).exists(path);
      }
      uncertainty = there ? Optional.of(reader(uri.get())) : Optional.empty();
    }
    return uncertainty;
  }

  private void checkUncertainty(SceneHeader header, SceneHeader scene)
      throws RefusedSceneException {
    boolean fits =
        header.bands() == 1
            && header.type() == SampleType.UINT8
            && header.width() == scene.width()
            && header.height() == scene.height();
    if (!fits) {
      throw refused(
          Refusal.UNSUITABLE,
          String.format(
              "%s: %d x %d pixels of %d bands of %s, but how uncertain the labels of %d x %d pixels"
                  + " are is told by one band of %s",
              file.uncertainty().orElseThrow(),
              header.width(),
              header.height(),
              header.bands(),
              header.type(),
              scene.width(),
              scene.height(),
              SampleType.UINT8));
    }
  }

  /** Rows between places where decoding can begin, in image or label, the larger. */
  int blockRows() throws IOException, RefusedSceneException {
    int rows = image().blockRows();
    return labelled() ? Math.max(rows, label().blockRows()) : rows;
  }

  boolean labelled() {
    return file.label() != null;
  }

  private RefusedSceneException refused(String reason, String message) {
    return new RefusedSceneException(new Refusal(file.id(), reason, message));
  }

  @Override
  public void close() throws IOException {
    if (image != null) {
      image.close();
    }
    if (label != null) {
      label.close();
    }
    if (uncertainty != null && uncertainty.isPresent()) {
      uncertainty.get().close();
    }
  }
}
