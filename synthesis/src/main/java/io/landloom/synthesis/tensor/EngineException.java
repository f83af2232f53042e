package io.landloom.synthesis.tensor;

/** The engine or the device that was asked for cannot be used; the message says what to change. */
public final class EngineException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A problem of the engine or a device. */
  public EngineException(String message) {
    super(message);
  }
}
