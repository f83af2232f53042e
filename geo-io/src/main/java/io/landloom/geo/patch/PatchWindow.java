package io.landloom.geo.patch;

import java.io.Serializable;

/**
 * A rectangle of a scene, in pixels.
 *
 * @param x left column
 * @param y upper row
 * @param width columns
 * @param height rows
 */
public record PatchWindow(int x, int y, int width, int height) implements Serializable {
  /** Checks that the rectangle is not empty and not negative. */
  public PatchWindow {
    if (x < 0 || y < 0 || width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "window at " + x + ", " + y + " of " + width + " x " + height);
    }
  }
}
