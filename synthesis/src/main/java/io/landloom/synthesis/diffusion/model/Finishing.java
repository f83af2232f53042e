package io.landloom.synthesis.diffusion.model;

import com.typesafe.config.Config;

/**
 * What brings drawn masks nearer to the shares asked for; each part may be left out.
 *
 * @param guidance weight of the difference of shares that is added to the class scores of every
 *     step's estimate; 0 for none
 * @param attempts draws of a mask, of which the nearest is kept; 1 takes the first
 * @param tolerance difference of a class's share at which no further draw is made
 * @param relative part of the asked share that is tolerated where that is more
 * @param cleaning whether single pixels and specks are taken out
 * @param leastArea pixels a region must have to stay
 * @param exact whether the shares are met exactly at last
 */
public record Finishing(
    double guidance,
    int attempts,
    double tolerance,
    double relative,
    boolean cleaning,
    int leastArea,
    boolean exact) {
  /** Nothing: masks as they are drawn. */
  public static final Finishing NONE = new Finishing(0, 1, 1, 0, false, 1, false);

  /** Checks the ranges. */
  public Finishing {
    if (!(guidance >= 0) || attempts < 1 || !(tolerance > 0) || !(relative >= 0) || leastArea < 1) {
      throw new IllegalArgumentException(
          String.format(
              "guidance %s or relative %s is below 0, attempts %d or leastArea %d below 1, or"
                  + " tolerance %s not above 0",
              guidance, relative, attempts, leastArea, tolerance));
    }
  }

  /** The finishing that keys of a configuration give. */
  public static Finishing of(Config config) {
    return new Finishing(
        config.getDouble("guidance"),
        config.getInt("attempts"),
        config.getDouble("tolerance"),
        config.getDouble("relative"),
        config.getBoolean("cleaning"),
        config.getInt("leastArea"),
        config.getBoolean("exact"));
  }
}
