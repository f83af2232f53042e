package io.landloom.synthesis.diffusion;

import ai.djl.ndarray.NDArray;
import io.landloom.synthesis.tensor.Operators;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Implicit steps that keep the marginals (Song et al., ICLR 2021, equations 12 and 16).
 *
 * @param eta share of the posterior's deviation that is drawn anew, from 0 (nothing is drawn) to 1
 *     (as {@link DdpmSampler})
 */
public record DdimSampler(double eta) implements Sampler {
  /** Checks the range. */
  public DdimSampler {
    if (!(eta >= 0 && eta <= 1)) {
      throw new IllegalArgumentException("eta " + eta + " is outside 0..1");
    }
  }

  @Override
  public NDArray step(
      NDArray x, Estimate now, Optional<Estimate> before, NoiseLevel to, Supplier<NDArray> noise) {
    NoiseLevel from = now.level();
    double drawn =
        eta
            * Math.sqrt((1 - to.signal()) / (1 - from.signal()))
            * Math.sqrt(1 - from.signal() / to.signal());
    double kept = Math.sqrt(Math.max(0, 1 - to.signal() - drawn * drawn));
    NDArray direction =
        Operators.scaled(x.sub(Operators.scaled(now.clean(), from.alpha())), kept / from.sigma());
    NDArray next = Operators.scaled(now.clean(), to.alpha()).add(direction);
    return drawn == 0 ? next : next.add(Operators.scaled(noise.get(), drawn));
  }
}
