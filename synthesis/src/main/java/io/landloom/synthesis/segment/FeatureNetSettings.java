package io.landloom.synthesis.segment;

import com.typesafe.config.Config;
import io.landloom.synthesis.training.Course;
import io.landloom.synthesis.training.SystemDefaults;

/**
 * How a feature net is built and trained; the defaults and their reasons are in the resource {@code
 * landloom/features.conf}.
 *
 * @param width channels of the first stage
 * @param blocks residual blocks a stage
 * @param lambdas weights of the losses beside the cross-entropy
 * @param jitter largest change of contrast, brightness and each band's gain in the second view
 * @param course how it is trained
 */
public record FeatureNetSettings(
    int width, int blocks, Lambdas lambdas, double jitter, Course course) {
  private static final SystemDefaults DEFAULTS = SystemDefaults.of("features");

  /**
   * Weights of losses.
   *
   * @param rotation of telling by how many quarter turns a patch is turned
   * @param consistency of equal features in both views
   */
  public record Lambdas(double rotation, double consistency) {
    /** Checks the ranges. */
    public Lambdas {
      if (!(rotation >= 0) || !(consistency >= 0)) {
        throw new IllegalArgumentException(
            "lambda.rotation "
                + rotation
                + " or lambda.consistency "
                + consistency
                + " is below 0");
      }
    }
  }

  /** Checks the ranges. */
  public FeatureNetSettings {
    ResidualNet.Sizes.require(course.bands(), width, blocks, 1);
    if (!(jitter >= 0 && jitter < 1)) {
      throw new IllegalArgumentException("jitter " + jitter + " is outside 0..1");
    }
    course.requireMultipleOf(ResidualNet.STRIDE);
  }

  /**
   * Reads settings; keys that are not given have their defaults.
   *
   * @throws IllegalArgumentException if a key is unknown, of the wrong type or out of range
   */
  public static FeatureNetSettings of(Config given) {
    return DEFAULTS.read(
        given,
        config ->
            new FeatureNetSettings(
                config.getInt("width"),
                config.getInt("blocks"),
                new Lambdas(
                    config.getDouble("lambda.rotation"), config.getDouble("lambda.consistency")),
                config.getDouble("jitter"),
                Course.of(config)));
  }

  ResidualNet.Sizes sizes(int classes) {
    return new ResidualNet.Sizes(course.bands(), width, blocks, classes);
  }
}
