package io.landloom.synthesis.tensor;

import ai.djl.pytorch.jni.JniUtils;

/** Switches this thread's recording of gradients until closed; libtorch keeps it per thread. */
public final class GradMode implements AutoCloseable {
  private final boolean before;

  private GradMode(boolean recording) {
    this.before = JniUtils.isGradMode();
    JniUtils.setGradMode(recording);
  }

  /** Records gradients. */
  public static GradMode on() {
    return new GradMode(true);
  }

  /** Records none. */
  public static GradMode off() {
    return new GradMode(false);
  }

  @Override
  public void close() {
    JniUtils.setGradMode(before);
  }
}
