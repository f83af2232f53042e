package io.landloom.jobs.tile;

import io.landloom.geo.scene.SceneHeader;
import java.io.IOException;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;

/**
 * What reading the headers of a scene gave: an entry, or the reason to leave it out.
 *
 * @param entry the scene, null if it is refused
 * @param refusal the reason, null if it is not
 */
public record HeaderReading(SceneEntry entry, Refusal refusal) implements Serializable {
  /** Reads the headers of a scene's files and their checksums; no pixels. */
  public static HeaderReading of(SceneFile file, TileRule rule, Configuration configuration)
      throws IOException {
    try (SceneFiles files = SceneFiles.open(file, rule, configuration)) {
      SceneHeader header = files.image().header();
      return new HeaderReading(
          new SceneEntry(
              file,
              SourceChecksum.of(file.image(), configuration),
              file.label() == null ? "" : SourceChecksum.of(file.label(), configuration),
              header.width(),
              header.height(),
              files.blockRows(),
              rule.pixels().kind(header),
              header.georeference()),
          null);
    } catch (RefusedSceneException e) {
      return new HeaderReading(null, e.refusal());
    }
  }
}
