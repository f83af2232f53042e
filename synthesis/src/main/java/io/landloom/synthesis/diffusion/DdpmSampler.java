package io.landloom.synthesis.diffusion;

import ai.djl.ndarray.NDArray;
import io.landloom.synthesis.tensor.Operators;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Draws from the posterior of the step before, with its smaller variance (Ho et al., NeurIPS 2020,
 * equations 6 and 7); steps may skip timesteps.
 */
public final class DdpmSampler implements Sampler {
  @Override
  public NDArray step(
      NDArray x, Estimate now, Optional<Estimate> before, NoiseLevel to, Supplier<NDArray> noise) {
    double signal = now.level().signal();
    double kept = signal / to.signal();
    double noiseBefore = 1 - to.signal();
    NDArray mean =
        Operators.scaled(now.clean(), to.alpha() * (1 - kept) / (1 - signal))
            .add(Operators.scaled(x, Math.sqrt(kept) * noiseBefore / (1 - signal)));
    double variance = noiseBefore * (1 - kept) / (1 - signal);
    return variance == 0 ? mean : mean.add(Operators.scaled(noise.get(), Math.sqrt(variance)));
  }
}
