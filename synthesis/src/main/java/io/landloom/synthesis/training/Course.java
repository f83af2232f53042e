package io.landloom.synthesis.training;

import com.typesafe.config.Config;

/**
 * What the training of one network is told, whatever the network.
 *
 * @param batch patches a step
 * @param patchSize pixels along an edge
 * @param bands samples a pixel
 * @param steps training steps
 * @param decayFrom share of the steps after which the learning rate falls linearly to 0
 * @param learningRate step size of Adam
 * @param seed seed of weights, order and augmentation
 */
public record Course(
    int batch,
    int patchSize,
    int bands,
    int steps,
    double decayFrom,
    double learningRate,
    long seed) {
  /** Checks the ranges. */
  public Course {
    requireAtLeastOne("batch", batch);
    requireAtLeastOne("patchSize", patchSize);
    requireAtLeastOne("bands", bands);
    requireAtLeastOne("steps", steps);
    if (!(decayFrom >= 0 && decayFrom <= 1)) {
      throw new IllegalArgumentException("decayFrom " + decayFrom + " is outside 0..1");
    }
    if (!(learningRate > 0)) {
      throw new IllegalArgumentException("learningRate " + learningRate + " is not above 0");
    }
  }

  /** The course that keys of a configuration give. */
  public static Course of(Config config) {
    return new Course(
        config.getInt("batch"),
        config.getInt("patchSize"),
        config.getInt("bands"),
        config.getInt("steps"),
        config.getDouble("decayFrom"),
        config.getDouble("learningRate"),
        config.getLong("seed"));
  }

  private static void requireAtLeastOne(String key, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(key + " " + value + " is below 1");
    }
  }

  /** Sizes of the batches. */
  public PatchSampler.Sizes batches() {
    return new PatchSampler.Sizes(batch, patchSize, bands);
  }

  /** The learning rate at a step, counted from 0. */
  public double learningRate(long step) {
    double from = decayFrom * steps;
    return step <= from
        ? learningRate
        : learningRate * Math.max(0, (steps - step) / (steps - from));
  }

  /** Checks that a network whose deepest cells have this many pixels can read the patches. */
  public void requireMultipleOf(int stride) {
    if (patchSize % stride != 0) {
      throw new IllegalArgumentException(
          "patchSize " + patchSize + " is not a multiple of " + stride);
    }
  }
}
