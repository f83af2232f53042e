package io.landloom.synthesis.diffusion;

import ai.djl.ndarray.NDArray;

/** A network with its condition, as samplers see it. */
public interface Denoiser {
  /**
   * What the network predicts.
   *
   * @param x noisy latents (B, C, H, W)
   * @param timestep of the training schedule
   * @return of x's shape
   */
  NDArray predict(NDArray x, int timestep);
}
