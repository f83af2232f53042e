package io.landloom.jobs.source;

import io.landloom.geo.image.SampleType;
import io.landloom.geo.scene.SceneHeader;
import io.landloom.geo.scene.SceneId;
import io.landloom.jobs.tile.Refusal;
import io.landloom.jobs.tile.RefusedSceneException;
import io.landloom.jobs.tile.SceneEntry;
import io.landloom.jobs.tile.SceneFile;
import io.landloom.jobs.tile.SceneFiles;
import io.landloom.jobs.tile.TileRule;
import java.io.IOException;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;

/**
 * What the headers say of a scene and of its patches.
 *
 * @param entry the scene; its checksums are empty, because they would need all bytes of the files
 * @param bands samples a pixel of a patch; those of the colours for a palette image
 * @param type type of a sample of a patch
 */
record SceneHead(SceneEntry entry, int bands, SampleType type) implements Serializable {
  private static final int COLORS = 3;

  SceneId id() {
    return entry.id();
  }

  /**
   * A scene's head, or the reason to leave the scene out.
   *
   * @param head null if the scene is refused
   * @param refusal null if it is not
   */
  record Reading(SceneHead head, Refusal refusal) implements Serializable {
    /** Reads the headers of image and label and checks them against each other; no pixels. */
    static Reading of(SceneFile file, TileRule rule, Configuration configuration)
        throws IOException {
      try (SceneFiles files = SceneFiles.open(file, rule, configuration)) {
        SceneHeader header = files.image().header();
        SceneEntry entry =
            new SceneEntry(file, "", "", header.width(), header.height(), header.georeference());
        int bands = header.colors().isPresent() ? COLORS : header.bands();
        return new Reading(new SceneHead(entry, bands, header.type()), null);
      } catch (RefusedSceneException e) {
        return new Reading(null, e.refusal());
      }
    }
  }
}
