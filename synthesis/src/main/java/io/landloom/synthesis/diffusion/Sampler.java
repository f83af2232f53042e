package io.landloom.synthesis.diffusion;

import ai.djl.ndarray.NDArray;
import java.util.Optional;
import java.util.function.Supplier;

/** One step from a noise level to a lower one; without a state of its own. */
public interface Sampler {
  /**
   * What a network made of a noisy latent.
   *
   * @param clean the clean latent it amounts to
   * @param level noise level of the latent it was given
   */
  record Estimate(NDArray clean, NoiseLevel level) {}

  /**
   * The latent at a lower noise level.
   *
   * @param x the latent at the estimate's noise level, of any shape
   * @param now the estimate made from x
   * @param before the estimate of the step before, if there was one
   * @param to the noise level to reach
   * @param noise standard normal numbers of x's shape, drawn when asked for
   * @return of x's shape
   */
  NDArray step(
      NDArray x, Estimate now, Optional<Estimate> before, NoiseLevel to, Supplier<NDArray> noise);
}
