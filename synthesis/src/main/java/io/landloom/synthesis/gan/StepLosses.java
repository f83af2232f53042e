package io.landloom.synthesis.gan;

/**
 * The losses of one training step, before its update and without their weights.
 *
 * @param step number of the step, from 1
 * @param discriminator hinge of the discriminator
 * @param adversarial negative score of the generated images
 * @param featureMatching difference of the discriminator's features
 * @param conductorReal cross-entropy of the conductor on real images
 * @param conductorFake cross-entropy of the conductor on generated images
 */
public record StepLosses(
    long step,
    float discriminator,
    float adversarial,
    float featureMatching,
    float conductorReal,
    float conductorFake) {
  /** Whether every loss is a number. */
  boolean finite() {
    return Float.isFinite(discriminator)
        && Float.isFinite(adversarial)
        && Float.isFinite(featureMatching)
        && Float.isFinite(conductorReal)
        && Float.isFinite(conductorFake);
  }
}
