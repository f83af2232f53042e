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
 */
public record Condition(String key, int copy, int draw, ClassMask mask, OptionalInt redrawn) {
  /** Checks the ranges. */
  public Condition {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(mask, "mask");
    Objects.requireNonNull(redrawn, "redrawn");
    if (copy < 0 || draw < 0) {
      throw new IllegalArgumentException(
          "condition '" + key + "': copy " + copy + " or draw " + draw + " is negative");
    }
  }

  /** A condition of which all is drawn anew. */
  public Condition(String key, int copy, int draw, ClassMask mask) {
    this(key, copy, draw, mask, OptionalInt.empty());
  }

  /** The same with another draw. */
  public Condition drawn(int number) {
    return new Condition(key, copy, number, mask, redrawn);
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
