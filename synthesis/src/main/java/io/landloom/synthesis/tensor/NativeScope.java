package io.landloom.synthesis.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import java.util.function.Supplier;

/**
 * Frees every native array made on this thread between opening and closing, and sets the thread's
 * grad mode for that time.
 *
 * <p>Open one a batch or a training step. Results of operators on a parameter belong to the
 * parameter's manager, which outlives the batch; only the scope frees those.
 */
public final class NativeScope implements AutoCloseable {
  private final NDScope scope;
  private final NDManager manager;
  private final GradMode gradMode;

  private NativeScope(NDManager parent, GradMode gradMode) {
    this.gradMode = gradMode;
    this.scope = new NDScope();
    scope.suppressNotUsedWarning();
    this.manager = parent.newSubManager();
  }

  /** A scope without gradients. */
  public static NativeScope inference(NDManager parent) {
    return new NativeScope(parent, GradMode.off());
  }

  /** A scope with gradients. */
  public static NativeScope training(NDManager parent) {
    return new NativeScope(parent, GradMode.on());
  }

  /** The manager of this scope's own arrays. */
  public NDManager manager() {
    return manager;
  }

  /** Lets an array outlive the scope, as a child of another manager. */
  public static NDArray keep(NDArray array, NDManager owner) {
    NDScope.unregister(array);
    array.attach(owner);
    return array;
  }

  /**
   * Runs a part of a network and frees at once all it made but its result; gradients keep what they
   * need of it.
   */
  public static NDArray resultOf(Supplier<NDArray> part) {
    NDArray result;
    try (NDScope inner = new NDScope()) {
      inner.suppressNotUsedWarning();
      result = part.get();
      NDScope.unregister(result);
    }
    NDScope.register(result);
    return result;
  }

  @Override
  public void close() {
    manager.close();
    scope.close();
    gradMode.close();
  }
}
