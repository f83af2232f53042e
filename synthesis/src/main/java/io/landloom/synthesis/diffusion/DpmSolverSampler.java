package io.landloom.synthesis.diffusion;

import ai.djl.ndarray.NDArray;
import io.landloom.synthesis.tensor.Operators;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * DPM-Solver++(2M) (Lu et al., 2022, algorithm 2): of second order by the estimate of the step
 * before; of first order in the first step and where no noise is left.
 */
public final class DpmSolverSampler implements Sampler {
  @Override
  public NDArray step(
      NDArray x, Estimate now, Optional<Estimate> before, NoiseLevel to, Supplier<NDArray> noise) {
    NoiseLevel from = now.level();
    double ahead = to.logRatio() - from.logRatio(); // infinite where no noise is left
    NDArray clean =
        before.isPresent() && to.sigma() > 0 && before.get().level().signal() > 0
            ? extrapolated(now, before.get(), ahead)
            : now.clean();
    return Operators.scaled(x, to.sigma() / from.sigma())
        .add(Operators.scaled(clean, -to.alpha() * Math.expm1(-ahead)));
  }

  private static NDArray extrapolated(Estimate now, Estimate before, double ahead) {
    double behind = now.level().logRatio() - before.level().logRatio();
    double share = ahead / (2 * behind);
    return Operators.scaled(now.clean(), 1 + share).sub(Operators.scaled(before.clean(), share));
  }
}
