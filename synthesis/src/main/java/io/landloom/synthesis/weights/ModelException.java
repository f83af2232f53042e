package io.landloom.synthesis.weights;

/** A model that cannot be used; the message names the file or model and what is wrong. */
public final class ModelException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** A problem of the named file or model. */
  public ModelException(String source, String problem) {
    super(source + ": " + problem);
  }
}
