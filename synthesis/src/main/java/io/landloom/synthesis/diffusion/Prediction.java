package io.landloom.synthesis.diffusion;

import ai.djl.ndarray.NDArray;
import io.landloom.synthesis.tensor.Operators;

/** What a network's output means, for x = alpha z + sigma noise; all differentiable. */
public enum Prediction {
  /** The noise (Ho et al., NeurIPS 2020). */
  NOISE {
    @Override
    public NDArray clean(NDArray x, NDArray output, NoiseLevel level) {
      requireSignal(level);
      return Operators.scaled(x.sub(Operators.scaled(output, level.sigma())), 1 / level.alpha());
    }

    @Override
    public NDArray noise(NDArray x, NDArray output, NoiseLevel level) {
      return output;
    }

    @Override
    public NDArray target(NDArray clean, NDArray noise, NoiseLevel level) {
      return noise;
    }
  },

  /** v = alpha noise - sigma z (Salimans and Ho, ICLR 2022, appendix D). */
  VELOCITY {
    @Override
    public NDArray clean(NDArray x, NDArray output, NoiseLevel level) {
      return Operators.scaled(x, level.alpha()).sub(Operators.scaled(output, level.sigma()));
    }

    @Override
    public NDArray noise(NDArray x, NDArray output, NoiseLevel level) {
      return Operators.scaled(output, level.alpha()).add(Operators.scaled(x, level.sigma()));
    }

    @Override
    public NDArray target(NDArray clean, NDArray noise, NoiseLevel level) {
      return Operators.scaled(noise, level.alpha()).sub(Operators.scaled(clean, level.sigma()));
    }
  };

  /**
   * The clean latent of a noisy one.
   *
   * @param x the noisy latent, of any shape
   * @param output the network's, of the same shape
   * @throws IllegalArgumentException if the level has no signal and the output is noise
   */
  public abstract NDArray clean(NDArray x, NDArray output, NoiseLevel level);

  /** The noise of a noisy latent. */
  public abstract NDArray noise(NDArray x, NDArray output, NoiseLevel level);

  /** What the network is to give for this clean latent and noise. */
  public abstract NDArray target(NDArray clean, NDArray noise, NoiseLevel level);

  private static void requireSignal(NoiseLevel level) {
    if (level.signal() == 0) {
      throw new IllegalArgumentException(
          "a prediction of noise says nothing where there is no signal; a schedule with zero"
              + " terminal signal needs a network that predicts velocity");
    }
  }
}
