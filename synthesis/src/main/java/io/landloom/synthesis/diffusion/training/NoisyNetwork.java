package io.landloom.synthesis.diffusion.training;

import ai.djl.ndarray.NDArray;

/**
 * A network that looks at noisy data, as its loss sees it.
 *
 * @param <C> what it is conditioned on
 */
@FunctionalInterface
public interface NoisyNetwork<C> {
  /**
   * What the network predicts, recorded for its gradients.
   *
   * @param noisy data (B, ..) at the noise levels of the timesteps
   * @param timesteps of the training schedule, one an image
   * @param condition of the batch
   * @return of the data's shape
   */
  NDArray predict(NDArray noisy, int[] timesteps, C condition);
}
