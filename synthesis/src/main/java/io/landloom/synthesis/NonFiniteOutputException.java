package io.landloom.synthesis;

/** A model yielded NaN or infinity for a condition, which the message names. */
public final class NonFiniteOutputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String conditionKey;

  /** The failure of one condition. */
  public NonFiniteOutputException(String synthesizer, Condition condition) {
    super(
        synthesizer
            + " yielded a value that is not finite for "
            + condition
            + "; check the model with another condition, then its weights or precision");
    this.conditionKey = condition.key();
  }

  /** Key of the condition. */
  public String conditionKey() {
    return conditionKey;
  }
}
