package io.landloom.jobs.tile;

import io.landloom.geo.image.Raster;
import io.landloom.geo.image.Validity;
import io.landloom.geo.scene.SceneHeader;
import io.landloom.geo.scene.SceneReader;
import io.landloom.geo.source.SceneFormatException;
import io.landloom.jobs.run.JobException;
import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/** Rows of a scene's image as patches hold its pixels, from any row on. */
public final class SceneRows implements Closeable {
  private final SceneEntry scene;
  private final PixelRule rule;
  private final SceneFiles files;

  private SceneRows(SceneEntry scene, PixelRule rule, SceneFiles files) {
    this.scene = scene;
    this.rule = rule;
    this.files = files;
  }

  /** Rows of a scene whose header was read before. */
  public static SceneRows open(SceneEntry scene, PixelRule rule, Configuration configuration) {
    return new SceneRows(scene, rule, SceneFiles.unopened(scene.file(), configuration));
  }

  /**
   * Rows over the scene's whole width.
   *
   * @throws JobException if the scene is damaged there, or has changed since its header was read
   */
  public Raster read(int top, int rows) throws IOException {
    try {
      Raster raster = raster(top, rows);
      SceneReader image = files.image();
      return rule.apply(raster, image.header(), image.validity(top, raster));
    } catch (SceneFormatException | RefusedSceneException e) {
      throw JobException.rejected(scene.file().image() + ": " + e.getMessage());
    }
  }

  /** Which pixels of rows hold data; empty where all do. */
  public Optional<Validity> validity(int top, int rows) throws IOException {
    if (scene.complete()) {
      return Optional.empty();
    }
    try {
      return files.image().validity(top, raster(top, rows));
    } catch (SceneFormatException | RefusedSceneException e) {
      throw JobException.rejected(scene.file().image() + ": " + e.getMessage());
    }
  }

  private Raster raster(int top, int rows) throws IOException, RefusedSceneException {
    SceneHeader header = files.image().header();
    if (header.width() != scene.width()
        || header.height() != scene.height()
        || !rule.kind(header).equals(scene.pixels())) {
      throw JobException.rejected(scene.file().image() + ": has changed since its header was read");
    }
    return files.image().rows(top, rows);
  }

  @Override
  public void close() throws IOException {
    files.close();
  }
}
