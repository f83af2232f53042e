package io.landloom.synthesis;

import io.landloom.geo.landcover.ClassMask;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * What one image is asked to show.
 *
 * @param key the condition's own key, the same wherever it is used
 * @param copy number of the pair among those of this condition, from 0
 * @param draw number of redraws a gate has asked for, from 0
 * @param mask class index per pixel
 * @param redrawn index of the one class that differs between copies and draws, while all others
 *     keep their noise; empty where all is drawn anew
 * @param caption words in one line about what the mask shows; empty where nobody wrote any
 */
public record Condition(
    String key, int copy, int draw, ClassMask mask, OptionalInt redrawn, String caption) {
  /** Checks the ranges. */
  public Condition {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(mask, "mask");
    Objects.requireNonNull(redrawn, "redrawn");
    Objects.requireNonNull(caption, "caption");
    if (copy < 0 || draw < 0) {
      throw new IllegalArgumentException(
          "condition '" + key + "': copy " + copy + " or draw " + draw + " is negative");
    }
  }

  /** A condition without words. */
  public Condition(String key, int copy, int draw, ClassMask mask, OptionalInt redrawn) {
    this(key, copy, draw, mask, redrawn, "");
  }

  /** A condition of which all is drawn anew, without words. */
  public Condition(String key, int copy, int draw, ClassMask mask) {
    this(key, copy, draw, mask, OptionalInt.empty());
  }

  /** The same with words. */
  public Condition captioned(String words) {
    return new Condition(key, copy, draw, mask, redrawn, words);
  }

  /** The same with another draw. */
  public Condition drawn(int number) {
    return new Condition(key, copy, number, mask, redrawn, caption);
  }

  /**
   * The key of the noise that all copies and draws of this condition share, see {@link #redrawn}.
   */
  public NoiseKey keptNoiseKey(long seed, String modelDigest) {
    return new NoiseKey(seed, modelDigest, key, 0, 0);
  }

  /** The key of this condition's noise in a run. */
  public NoiseKey noiseKey(long seed, String modelDigest) {
    return new NoiseKey(seed, modelDigest, key, copy, draw);
  }

  @Override
  public String toString() {
    return "condition '" + key + "' copy " + copy + " draw " + draw;
  }
}
