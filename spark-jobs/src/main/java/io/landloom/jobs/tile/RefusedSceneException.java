package io.landloom.jobs.tile;

/** A scene that must be left out. */
public final class RefusedSceneException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Refusal refusal;

  RefusedSceneException(Refusal refusal) {
    super(refusal.message());
    this.refusal = refusal;
  }

  /** The scene and the reason. */
  public Refusal refusal() {
    return refusal;
  }
}
