package io.landloom.synthesis;

import io.landloom.geo.image.Raster;
import java.util.Objects;

/**
 * A synthesized image with the condition, and so the mask, it was made for.
 *
 * @param condition what was asked for
 * @param image 8-bit image of the mask's size; 0 where the model yielded no finite number
 * @param notFinite samples for which the model yielded NaN or infinity
 */
public record Pair(Condition condition, Raster image, int notFinite) {
  /** Checks that image and mask have one size. */
  public Pair {
    Objects.requireNonNull(condition, "condition");
    if (image.width() != condition.mask().width() || image.height() != condition.mask().height()) {
      throw new IllegalArgumentException(condition + ": " + condition.mask() + " but " + image);
    }
  }

  /**
   * The image, where nothing else looks at {@link #notFinite}.
   *
   * @throws NonFiniteOutputException if a sample was not finite
   */
  public Raster finiteImage(String synthesizer) {
    if (notFinite > 0) {
      throw new NonFiniteOutputException(synthesizer, condition);
    }
    return image;
  }
}
