package io.landloom.synthesis.gan;

/** A training that can come to nothing any more; the message says at which step and what to try. */
public final class TrainingDivergedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private TrainingDivergedException(String message) {
    super(message);
  }

  /** A loss became NaN or infinite. */
  static TrainingDivergedException notFinite(StepLosses losses) {
    return new TrainingDivergedException(
        "training diverged at step "
            + losses.step()
            + ": "
            + losses
            + "; go on from the last checkpoint with half the learning rates, and look for"
            + " constant images or masks of a single class in the training set");
  }

  /** The discriminator tells every image and so teaches nothing. */
  static TrainingDivergedException collapsed(long step, CsebganSettings.Watch watch) {
    return new TrainingDivergedException(
        "the discriminator collapsed at step "
            + step
            + ": its loss was below "
            + watch.discriminator()
            + " for "
            + watch.steps()
            + " steps, so that it learns nothing and the generator only flees it; train with a"
            + " lower learningRate.discriminator, a smaller ndf or more patches");
  }
}
