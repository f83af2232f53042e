package io.landloom.jobs.tile;

import io.landloom.geo.format.SceneReaders;
import io.landloom.geo.image.SampleType;
import io.landloom.geo.landcover.LabelDecoder;
import io.landloom.geo.scene.SceneHeader;
import io.landloom.geo.scene.SceneReader;
import io.landloom.geo.source.HadoopByteSource;
import io.landloom.geo.source.SceneFormatException;
import io.landloom.geo.tiff.TiffLimits;
import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** The opened files of one scene, checked against each other. */
final class SceneFiles implements Closeable {
  private final SceneFile file;
  private final SceneReader image;
  private final SceneReader label;

  private SceneFiles(SceneFile file, SceneReader image, SceneReader label) {
    this.file = file;
    this.image = image;
    this.label = label;
  }

  static SceneFiles open(SceneFile file, TileRule rule, Configuration configuration)
      throws IOException, RefusedSceneException {
    SceneReader image = reader(file, file.image(), configuration);
    SceneReader label = null;
    try {
      label = file.label() == null ? null : reader(file, file.label(), configuration);
      SceneFiles files = new SceneFiles(file, image, label);
      files.check(rule);
      return files;
    } catch (IOException | RefusedSceneException | RuntimeException e) {
      image.close();
      if (label != null) {
        label.close();
      }
      throw e;
    }
  }

  private static SceneReader reader(SceneFile file, String uri, Configuration configuration)
      throws IOException, RefusedSceneException {
    Path path = new Path(uri);
    try {
      return SceneReaders.open(
          HadoopByteSource.open(path.getFileSystem(configuration), path), TiffLimits.defaults());
    } catch (SceneFormatException e) {
      throw new RefusedSceneException(new Refusal(file.id(), Refusal.UNREADABLE, e.getMessage()));
    }
  }

  private void check(TileRule rule) throws RefusedSceneException {
    SceneHeader scene = image.header();
    Optional<String> problem = rule.pixels().problem(scene);
    if (problem.isPresent()) {
      throw refused(Refusal.UNSUITABLE, file.image() + ": " + problem.get());
    }
    if (label == null) {
      return;
    }
    SceneHeader labels = label.header();
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
  }

  /** The decoder of the label file. */
  LabelDecoder decoder(TileRule rule) throws RefusedSceneException {
    SceneHeader labels = label.header();
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

  SceneReader image() {
    return image;
  }

  SceneReader label() {
    return label;
  }

  /** Rows between places where decoding can begin, in image or label, the larger. */
  int blockRows() {
    return label == null ? image.blockRows() : Math.max(image.blockRows(), label.blockRows());
  }

  boolean labelled() {
    return label != null;
  }

  private RefusedSceneException refused(String reason, String message) {
    return new RefusedSceneException(new Refusal(file.id(), reason, message));
  }

  @Override
  public void close() throws IOException {
    image.close();
    if (label != null) {
      label.close();
    }
  }
}
