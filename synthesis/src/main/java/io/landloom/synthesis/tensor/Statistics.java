package io.landloom.synthesis.tensor;

/** Which statistics batch normalisation takes. */
public sealed interface Statistics {
  /** The running ones, in inference. */
  record Running() implements Statistics {}

  /**
   * The batch's own; the running ones move towards them.
   *
   * @param momentum share of the batch in the new running statistics, from 0 to 1
   */
  record OfBatch(double momentum) implements Statistics {}

  /** The running statistics. */
  Statistics RUNNING = new Running();

  /** The batch's, as in training. */
  Statistics TRAINING = new OfBatch(0.1);
}
