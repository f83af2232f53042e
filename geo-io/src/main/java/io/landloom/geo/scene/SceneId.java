package io.landloom.geo.scene;

import java.io.Serializable;

/**
 * Name of a scene, unique in a dataset: its path below the scene folder, without extension.
 *
 * @param name for example {@code GF2_PMS1__L1A0001064454-MSS1} or {@code lake/12}
 */
public record SceneId(String name) implements Comparable<SceneId>, Serializable {
  /** Checks that there is a name. */
  public SceneId {
    if (name.isBlank()) {
      throw new IllegalArgumentException("a scene without a name");
    }
  }

  @Override
  public int compareTo(SceneId other) {
    return name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return name;
  }
}
