package io.landloom.synthesis.diffusion.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.diffusion.DdimSampler;
import io.landloom.synthesis.diffusion.Denoiser;
import io.landloom.synthesis.diffusion.Denoising;
import io.landloom.synthesis.diffusion.Guidance;
import io.landloom.synthesis.diffusion.NoiseLevel;
import io.landloom.synthesis.diffusion.NoiseSchedule;
import io.landloom.synthesis.diffusion.Prediction;
import io.landloom.synthesis.diffusion.StepNoise;
import io.landloom.synthesis.diffusion.Trajectory;
import io.landloom.synthesis.tensor.TorchEngine;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LastEstimateTest {
  private static final NoiseSchedule SCHEDULE = NoiseSchedule.linear(0.36, 0.75, 2);

  private static NDArray channel(NDArray joined, int channel) {
    return joined.get(":, " + channel + ":" + (channel + 1));
  }

  /** A stand-in whose noise is always 0, so that its estimate is x over alpha. */
  @Test
  void everyStepSeesWhatTheOneBeforeEstimated() {
    List<float[]> shown = new ArrayList<>();
    try (NDManager manager = TorchEngine.newManager(Device.cpu())) {
      LastEstimate last = new LastEstimate(manager);
      Denoiser network =
          (x, timestep) -> {
            NDArray joined = last.beside(x);
            assertArrayEquals(x.toFloatArray(), channel(joined, 0).toFloatArray());
            shown.add(channel(joined, 1).toFloatArray());
            return x.zerosLike();
          };
      NDArray start = manager.create(new float[] {0.4f, 0.8f}, new Shape(1, 1, 1, 2));
      new Denoising(
              Trajectory.of(SCHEDULE, Trajectory.Spacing.TRAILING, 2, 0, NoiseLevel.CLEAN),
              Prediction.NOISE,
              new DdimSampler(0))
          .run(start, last.keeping(network, SCHEDULE, Prediction.NOISE), StepNoise.none());
    }
    assertArrayEquals(new float[] {0, 0}, shown.get(0));
    assertArrayEquals(new float[] {1, 2}, shown.get(1), 1e-6f);
  }

  @Test
  void bothQuestionsOfGuidanceSeeTheGuidedEstimate() {
    List<float[]> shown = new ArrayList<>();
    try (NDManager manager = TorchEngine.newManager(Device.cpu())) {
      LastEstimate last = new LastEstimate(manager);
      Denoiser both =
          new Guidance(3, 0)
              .guided(
                  (x, timestep) -> {
                    NDArray joined = last.beside(x);
                    shown.add(channel(joined, 1).toFloatArray());
                    // noise of 0 without the condition and of 0.5 with it: 1.5 guided
                    return manager.create(new float[] {0, 0, 0.5f, 0.5f}, new Shape(4, 1, 1, 1));
                  });
      Denoiser keeping = last.keeping(both, SCHEDULE, Prediction.NOISE);
      NDArray x = manager.create(new float[] {1.7f, 2.5f}, new Shape(2, 1, 1, 1));
      keeping.predict(x, 0);
      keeping.predict(x, 0);
    }
    assertArrayEquals(new float[4], shown.get(0));
    // alpha 0.8, sigma 0.6: (1.7 - 0.9) / 0.8 and (2.5 - 0.9) / 0.8
    assertArrayEquals(new float[] {1, 2, 1, 2}, shown.get(1), 1e-5f);
  }
}
