package io.landloom.synthesis.gan;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The losses of one training step, before its update and without their weights; 0 where the
 * settings leave a term out.
 *
 * @param step number of the step, from 1
 * @param discriminator hinge of the discriminator
 * @param adversarial negative score of the generated images
 * @param featureMatching difference of the discriminator's features
 * @param perceptual difference of the perceptual net's features
 * @param conductorReal cross-entropy of the conductor on real images
 * @param conductorFake cross-entropy of the conductor on generated images
 */
public record StepLosses(
    long step,
    float discriminator,
    float adversarial,
    float featureMatching,
    float perceptual,
    float conductorReal,
    float conductorFake) {
  /** The losses by name, as a table has them. */
  public Map<String, Float> byName() {
    Map<String, Float> losses = new LinkedHashMap<>();
    losses.put("discriminator", discriminator);
    losses.put("adversarial", adversarial);
    losses.put("feature_matching", featureMatching);
    losses.put("perceptual", perceptual);
    losses.put("conductor_real", conductorReal);
    losses.put("conductor_fake", conductorFake);
    return losses;
  }

  /** Whether every loss is a number. */
  boolean finite() {
    return byName().values().stream().allMatch(Float::isFinite);
  }
}
