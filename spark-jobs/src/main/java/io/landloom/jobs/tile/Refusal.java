package io.landloom.jobs.tile;

import io.landloom.geo.scene.SceneId;
import java.io.Serializable;

/**
 * A scene that is left out, and why.
 *
 * @param scene the scene
 * @param reason short name, by which refusals are counted
 * @param message one line that names file, place, value and bound
 */
public record Refusal(SceneId scene, String reason, String message) implements Serializable {
  /** A file that is damaged or of a kind that is not supported. */
  public static final String UNREADABLE = "unreadable";

  /** Image and label of different sizes. */
  public static final String SIZES_DIFFER = "sizes-differ";

  /** Label values the scheme does not know. */
  public static final String OFF_PALETTE = "off-palette";

  /** A kind of pixels that patches or labels cannot have. */
  public static final String UNSUITABLE = "unsuitable";
}
