package io.landloom.geo.patch;

import io.landloom.geo.scene.SceneId;
import java.io.Serializable;
import java.util.Comparator;

/**
 * The key of a patch: its scene, and its row and column in the scene's grid.
 *
 * @param scene the scene
 * @param row row of patches, from the top
 * @param column column of patches, from the left
 */
public record PatchId(SceneId scene, int row, int column)
    implements Comparable<PatchId>, Serializable {
  private static final Comparator<PatchId> ORDER =
      Comparator.comparing(PatchId::scene)
          .thenComparingInt(PatchId::row)
          .thenComparingInt(PatchId::column);

  /** Checks the ranges. */
  public PatchId {
    if (row < 0 || column < 0) {
      throw new IllegalArgumentException("patch row " + row + ", column " + column);
    }
  }

  @Override
  public int compareTo(PatchId other) {
    return ORDER.compare(this, other);
  }

  /** The key as text: {@code scene/row/column}. */
  @Override
  public String toString() {
    return scene + "/" + row + "/" + column;
  }
}
