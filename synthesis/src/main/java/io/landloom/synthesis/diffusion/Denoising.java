package io.landloom.synthesis.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.landloom.synthesis.diffusion.Sampler.Estimate;
import io.landloom.synthesis.tensor.NativeScope;
import java.util.Optional;

/**
 * The way from noise to a clean latent.
 *
 * @param trajectory the noise levels on the way
 * @param prediction what the network's output means
 * @param sampler how a step is made
 */
public record Denoising(Trajectory trajectory, Prediction prediction, Sampler sampler) {
  /**
   * Walks all steps, without gradients.
   *
   * @param start latents (B, C, H, W) at the trajectory's first noise level; they stay open
   * @param denoiser the network
   * @param noise for samplers that draw
   * @return latents (B, C, H, W) at the trajectory's last noise level, of the start's manager
   */
  public NDArray run(NDArray start, Denoiser denoiser, StepNoise noise) {
    NDManager owner = start.getManager();
    NDArray x = start;
    Optional<Estimate> before = Optional.empty();
    for (int step = 0; step < trajectory.size(); step++) {
      NDArray next;
      Estimate now;
      try (NativeScope scope = NativeScope.inference(owner)) {
        now = estimate(x, step, denoiser);
        next = next(x, step, now, before, noise);
        NativeScope.keep(now.clean(), owner);
        NativeScope.keep(next, owner);
      }
      before.ifPresent(estimate -> estimate.clean().close());
      if (x != start) {
        x.close();
      }
      before = Optional.of(now);
      x = next;
    }
    before.ifPresent(estimate -> estimate.clean().close());
    return x;
  }

  private Estimate estimate(NDArray x, int step, Denoiser denoiser) {
    NoiseLevel level = trajectory.levels().get(step);
    NDArray output = denoiser.predict(x, trajectory.timesteps().get(step));
    return new Estimate(prediction.clean(x, output, level), level);
  }

  private NDArray next(
      NDArray x, int step, Estimate now, Optional<Estimate> before, StepNoise noise) {
    NoiseLevel to = trajectory.levels().get(step + 1);
    return sampler.step(x, now, before, to, () -> noise.of(step, x));
  }
}
