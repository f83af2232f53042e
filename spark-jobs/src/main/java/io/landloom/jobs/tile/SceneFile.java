package io.landloom.jobs.tile;

import io.landloom.geo.scene.SceneId;
import java.io.Serializable;
import java.util.Optional;

/**
 * A scene's files, before they are opened.
 *
 * @param id the scene
 * @param image URI of the image
 * @param label URI of the label, null for an unlabelled scene
 */
public record SceneFile(SceneId id, String image, String label) implements Serializable {
  /** Folder of how uncertain labels are, in that of the labels; they have the same names. */
  public static final String UNCERTAINTY = "_uncertainty";

  /** URI where it would be written how uncertain the label is; empty for labels of other names. */
  Optional<String> uncertainty() {
    String name = id.name() + ".tif";
    return label != null && label.endsWith("/" + name)
        ? Optional.of(label.substring(0, label.length() - name.length()) + UNCERTAINTY + "/" + name)
        : Optional.empty();
  }
}
