package io.landloom.synthesis.segment;

import com.typesafe.config.Config;
import io.landloom.synthesis.training.ClassWeighting;
import io.landloom.synthesis.training.Course;
import io.landloom.synthesis.training.SeenLabels;
import io.landloom.synthesis.training.SystemDefaults;

/**
 * How the plain segmenter is built and trained; the defaults and their reasons are in the resource
 * {@code landloom/segmenter.conf}.
 *
 * @param architecture which network
 * @param width channels of its first level
 * @param weighting what pixels of each class count
 * @param labels which labels it sees
 * @param course how it is trained
 */
public record SegmenterSettings(
    Architecture architecture,
    int width,
    ClassWeighting weighting,
    SeenLabels labels,
    Course course) {
  private static final SystemDefaults DEFAULTS = SystemDefaults.of("segmenter");

  /** Checks the ranges. */
  public SegmenterSettings {
    architecture.requireWidth(width);
    course.requireMultipleOf(architecture.stride());
  }

  /**
   * Reads settings; keys that are not given have their defaults.
   *
   * @throws IllegalArgumentException if a key is unknown, of the wrong type or out of range
   */
  public static SegmenterSettings of(Config given) {
    return DEFAULTS.read(
        given,
        config ->
            new SegmenterSettings(
                Architecture.of(config.getString("architecture")),
                config.getInt("width"),
                ClassWeighting.of(config.getString("classWeights")),
                SeenLabels.of(config.getConfig("labels")),
                Course.of(config)));
  }
}
