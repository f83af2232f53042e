package io.landloom.synthesis.segment;

import com.typesafe.config.Config;
import io.landloom.synthesis.training.Course;
import io.landloom.synthesis.training.SystemDefaults;

/**
 * How the plain segmenter is built and trained; the defaults and their reasons are in the resource
 * {@code landloom/segmenter.conf}.
 *
 * @param width channels of the U-Net's first level
 * @param course how it is trained
 */
public record SegmenterSettings(int width, Course course) {
  private static final SystemDefaults DEFAULTS = SystemDefaults.of("segmenter");

  /** Checks the ranges. */
  public SegmenterSettings {
    if (width < 1) {
      throw new IllegalArgumentException("width " + width + " is below 1");
    }
    course.requireMultipleOf(UNet.STRIDE);
  }

  /**
   * Reads settings; keys that are not given have their defaults.
   *
   * @throws IllegalArgumentException if a key is unknown, of the wrong type or out of range
   */
  public static SegmenterSettings of(Config given) {
    return DEFAULTS.read(
        given, config -> new SegmenterSettings(config.getInt("width"), Course.of(config)));
  }
}
