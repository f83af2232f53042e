package io.landloom.geo.landcover;

import java.io.Serializable;
import java.util.Objects;

/**
 * One class of a {@link LandCoverScheme}.
 *
 * @param index class index, the value of a mask's pixel: 0 to 255
 * @param name lower-case name, unique in its scheme
 * @param rgb the class's colour as 0xRRGGBB
 */
public record LandCoverClass(int index, String name, int rgb) implements Serializable {
  /** Checks the ranges. */
  public LandCoverClass {
    Objects.requireNonNull(name, "name");
    if (index < 0 || index > 255) {
      throw new IllegalArgumentException(
          "class '" + name + "': index " + index + " is outside 0..255");
    }
    if (name.isBlank()) {
      throw new IllegalArgumentException("class " + index + " has no name");
    }
    if ((rgb & 0xFF000000) != 0) {
      throw new IllegalArgumentException(
          "class '" + name + "': colour " + Integer.toHexString(rgb) + " is not 0xRRGGBB");
    }
  }
}
