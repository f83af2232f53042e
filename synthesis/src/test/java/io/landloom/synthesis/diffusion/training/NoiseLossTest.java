package io.landloom.synthesis.diffusion.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.diffusion.NoiseSchedule;
import io.landloom.synthesis.diffusion.Prediction;
import io.landloom.synthesis.tensor.TorchEngine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Of two timesteps: beta 0.36 and 0.75, so signal 0.64 and 0.16; alpha 0.8, 0.4; ratio 16/9, 4/21.
 */
class NoiseLossTest {
  private static final NoiseSchedule SCHEDULE = NoiseSchedule.linear(0.36, 0.75, 2);
  private static final double ROOT = Math.sqrt(0.84); // sigma of timestep 1
  private static final int[] TIMESTEPS = {0, 1};

  private NDManager manager;
  private NDArray clean;
  private NDArray noise;

  @BeforeEach
  void open() {
    manager = TorchEngine.newManager(Device.cpu());
    clean = manager.create(new float[] {1, -2, 3, 0.5f}, new Shape(2, 1, 1, 2));
    noise = manager.create(new float[] {-1, 0.5f, 2, 1}, new Shape(2, 1, 1, 2));
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private static void assertNumbers(double[] expected, NDArray actual) {
    float[] values = actual.toFloatArray();
    double[] found = new double[values.length];
    for (int i = 0; i < found.length; i++) {
      found[i] = values[i];
    }
    assertArrayEquals(expected, found, 1e-6);
  }

  @Test
  void everyImageIsNoisedByItsOwnTimestep() {
    double[] expected = {0.8 - 0.6, -1.6 + 0.3, 1.2 + 2 * ROOT, 0.2 + ROOT};
    NoiseLoss.Noised noised =
        new NoiseLoss(SCHEDULE, Prediction.NOISE).noised(clean, noise, TIMESTEPS);
    assertNumbers(expected, noised.noisy());
    assertNumbers(new double[] {-1, 0.5, 2, 1}, noised.target());
    double[] velocity = {-0.8 - 0.6, 0.4 + 1.2, 0.8 - 3 * ROOT, 0.4 - 0.5 * ROOT};
    noised = new NoiseLoss(SCHEDULE, Prediction.VELOCITY).noised(clean, noise, TIMESTEPS);
    assertNumbers(expected, noised.noisy());
    assertNumbers(velocity, noised.target());
  }

  @Test
  void theRightOutputAmountsToTheCleanData() {
    for (Prediction prediction : Prediction.values()) {
      NoiseLoss loss = new NoiseLoss(SCHEDULE, prediction);
      NoiseLoss.Noised noised = loss.noised(clean, noise, TIMESTEPS);
      assertNumbers(new double[] {1, -2, 3, 0.5}, loss.clean(noised.target(), noised));
      assertEquals(0, loss.of(noised.target(), noised).getFloat());
    }
  }

  @Test
  void errorsAreSquaredAndMeantWithTheWeightsOfTheirTimesteps() {
    NDArray output = manager.create(new float[] {0, 0, 0, 0}, new Shape(2, 1, 1, 2));
    NoiseLoss.Guess guess =
        new NoiseLoss(SCHEDULE, Prediction.NOISE)
            .of((noisy, timesteps, none) -> output, clean, noise, TIMESTEPS, "nothing");
    assertEquals((1 + 0.25 + 4 + 1) / 4, guess.loss().getFloat(), 1e-6);
    // a ratio of at most 1: 9/16 of the first image's, all of the second's
    NoiseLoss weighted = new NoiseLoss(SCHEDULE, Prediction.NOISE, 1);
    assertEquals((1.25 * 9 / 16 + 5) / 4, weighted.of(output, guess.noised()).getFloat(), 1e-6);
    NoiseLoss ofVelocity = new NoiseLoss(SCHEDULE, Prediction.VELOCITY, 1);
    assertEquals(1 / (16.0 / 9 + 1), ofVelocity.weight(0), 1e-9);
    assertEquals(4.0 / 21 / (4.0 / 21 + 1), ofVelocity.weight(1), 1e-9);
  }

  @Test
  void refusesWhatSaysNothing() {
    assertEquals(
        "a prediction of noise says nothing where there is no signal; let the network predict"
            + " velocity, or keep some signal at the last timestep",
        assertThrows(
                IllegalArgumentException.class,
                () -> new NoiseLoss(SCHEDULE.withZeroTerminalSignal(), Prediction.NOISE))
            .getMessage());
    assertEquals(
        "ratio of signal to noise 0.0 is not above 0",
        assertThrows(
                IllegalArgumentException.class, () -> new NoiseLoss(SCHEDULE, Prediction.NOISE, 0))
            .getMessage());
    assertEquals(
        "2 images, but timesteps for 1",
        assertThrows(
                IllegalArgumentException.class,
                () -> new NoiseLoss(SCHEDULE, Prediction.NOISE).noised(clean, noise, new int[] {0}))
            .getMessage());
  }
}
