package io.landloom.synthesis.diffusion;

import ai.djl.ndarray.NDArray;

/** Where a sampler's noise comes from. */
public interface StepNoise {
  /**
   * Standard normal numbers.
   *
   * @param step number of the step, from 0
   * @param like latents (B, ..) whose shape, device and manager the noise takes
   */
  NDArray of(int step, NDArray like);

  /** For samplers that draw nothing. */
  static StepNoise none() {
    return (step, like) -> {
      throw new IllegalStateException("step " + step + " drew noise where there is none");
    };
  }
}
