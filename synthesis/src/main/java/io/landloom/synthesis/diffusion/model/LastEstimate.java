package io.landloom.synthesis.diffusion.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.landloom.synthesis.diffusion.Denoiser;
import io.landloom.synthesis.diffusion.NoiseSchedule;
import io.landloom.synthesis.diffusion.Prediction;
import io.landloom.synthesis.tensor.NativeScope;
import java.util.Collections;

/**
 * What a network made of the step before, shown to it beside what is noisy (self-conditioning; Chen
 * et al., ICLR 2023, section 3.2): zeros at the first step. Of one way from noise to what is clean.
 */
public final class LastEstimate {
  private final NDManager owner;
  private NDArray clean;

  /**
   * None yet.
   *
   * @param owner whose arrays live as long as the way
   */
  LastEstimate(NDManager owner) {
    this.owner = owner;
  }

  /**
   * Noisy data with the estimate in channels of its own.
   *
   * @param x (B, C, H, W), or (nB, C, H, W) where every image is asked about n times
   * @return (.., 2C, H, W)
   */
  NDArray beside(NDArray x) {
    return joined(x, clean == null ? x.zerosLike() : repeated(x));
  }

  private NDArray repeated(NDArray x) {
    int times = (int) (x.getShape().get(0) / clean.getShape().get(0));
    return NDArrays.concat(new NDList(Collections.nCopies(times, clean)), 0);
  }

  /** Noisy data and estimates of it (B, C, H, W) as channels (B, 2C, H, W). */
  public static NDArray joined(NDArray x, NDArray estimate) {
    return NDArrays.concat(new NDList(x, estimate), 1);
  }

  /** A network whose estimates are kept for its next step. */
  Denoiser keeping(Denoiser network, NoiseSchedule schedule, Prediction prediction) {
    return (x, timestep) -> {
      NDArray output = network.predict(x, timestep);
      NDArray now = prediction.clean(x, output, schedule.level(timestep));
      if (clean != null) {
        clean.close();
      }
      clean = NativeScope.keep(now, owner);
      return output;
    };
  }
}
