package io.landloom.jobs.tile;

import io.landloom.geo.scene.SceneHeader;
import io.landloom.jobs.table.MaskSource;
import java.io.IOException;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

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
    HeaderReading reading = withoutChecksums(file, rule, InputKeys.OF_JOBS, configuration);
    if (reading.entry() == null) {
      return reading;
    }
    return new HeaderReading(
        reading
            .entry()
            .with(
                SourceChecksum.of(file.image(), configuration),
                file.label() == null ? "" : checksumOfLabel(file, rule, configuration)),
        null);
  }

  /** Of a predicted label also that of how uncertain it is, which decides a column. */
  private static String checksumOfLabel(SceneFile file, TileRule rule, Configuration configuration)
      throws IOException {
    String label = SourceChecksum.of(file.label(), configuration);
    if (rule.maskSource() != MaskSource.PREDICTED || file.uncertainty().isEmpty()) {
      return label;
    }
    Path uncertainty = new Path(file.uncertainty().get());
    return uncertainty.getFileSystem(configuration).exists(uncertainty)
        ? label + "+" + SourceChecksum.of(uncertainty.toString(), configuration)
        : label;
  }

  /**
   * Reads the headers of a scene's files and nothing else; checksums may need all bytes.
   *
   * @param keys what messages call the inputs
   */
  public static HeaderReading withoutChecksums(
      SceneFile file, TileRule rule, InputKeys keys, Configuration configuration)
      throws IOException {
    try (SceneFiles files = SceneFiles.open(file, rule, keys, configuration)) {
      SceneHeader header = files.image().header();
      SceneEntry entry =
          new SceneEntry(
              file,
              "",
              "",
              header.width(),
              header.height(),
              files.blockRows(),
              rule.pixels().kind(header),
              files.image().complete(),
              header.georeference());
      entry.checkFootprints(rule);
      return new HeaderReading(entry, null);
    } catch (RefusedSceneException e) {
      return new HeaderReading(null, e.refusal());
    }
  }
}
