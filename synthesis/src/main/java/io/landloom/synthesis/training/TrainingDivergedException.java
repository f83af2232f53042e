package io.landloom.synthesis.training;

import java.util.Map;

/** A loss became NaN or infinite, or stopped telling anything; the message says what to try. */
public final class TrainingDivergedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The failure of one step whose losses are not all numbers. */
  public TrainingDivergedException(long step, Map<String, Float> losses) {
    this(
        "training diverged at step "
            + step
            + ": "
            + losses
            + "; start again with half the learning rates, and look for"
            + " constant images or masks of a single class in the training set");
  }

  /** A failure with its own message. */
  public TrainingDivergedException(String message) {
    super(message);
  }
}
