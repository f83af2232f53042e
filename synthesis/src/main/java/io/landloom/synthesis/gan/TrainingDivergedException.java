package io.landloom.synthesis.gan;

/** A loss became NaN or infinite; the message says at which step and what to try. */
public final class TrainingDivergedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The failure of one step. */
  public TrainingDivergedException(StepLosses losses) {
    super(
        "training diverged at step "
            + losses.step()
            + ": "
            + losses
            + "; go on from the last checkpoint with half the learning rates, and look for"
            + " constant images or masks of a single class in the training set");
  }
}
