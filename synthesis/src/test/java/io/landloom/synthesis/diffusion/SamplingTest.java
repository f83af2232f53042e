package io.landloom.synthesis.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.NoiseKey;
import io.landloom.synthesis.tensor.TorchEngine;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SamplingTest {
  private static final Shape LATENT = new Shape(2, 3, 5);
  private static final NoiseKey FIRST = new NoiseKey(7, "digest", "first", 0, 0);
  private static final NoiseKey SECOND = new NoiseKey(7, "digest", "second", 1, 0);

  private NDManager manager;

  @BeforeEach
  void open() {
    manager = TorchEngine.newManager(Device.cpu());
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private NDArray row(float... values) {
    return manager.create(values, new Shape(1, values.length));
  }

  @Test
  void predictionsAreThoseCountedByHand() {
    // alpha 0.6 and sigma 0.8; latent 1 and noise 2 make x = 2.2 and v = 1.2 - 0.8
    NoiseLevel level = new NoiseLevel(0.36);
    NDArray x = row(2.2f);
    assertEquals(1, Prediction.NOISE.clean(x, row(2), level).getFloat(0, 0), 1e-6);
    assertEquals(2, Prediction.NOISE.noise(x, row(2), level).getFloat(0, 0), 1e-6);
    assertEquals(2, Prediction.NOISE.target(row(1), row(2), level).getFloat(0, 0), 1e-6);
    assertEquals(1, Prediction.VELOCITY.clean(x, row(0.4f), level).getFloat(0, 0), 1e-6);
    assertEquals(2, Prediction.VELOCITY.noise(x, row(0.4f), level).getFloat(0, 0), 1e-6);
    assertEquals(0.4, Prediction.VELOCITY.target(row(1), row(2), level).getFloat(0, 0), 1e-6);
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Prediction.NOISE.clean(x, row(2), new NoiseLevel(0)));
    assertEquals(
        "a prediction of noise says nothing where there is no signal; a schedule with zero"
            + " terminal signal needs a network that predicts velocity",
        e.getMessage());
  }

  @Test
  void guidanceGoesBeyondTheConditionAndRescalingBringsItsDeviationBack() {
    NDArray unconditional = row(1, 2);
    NDArray conditional = row(3, 6);
    assertArrayEquals(
        new float[] {5, 10},
        new Guidance(2, 0).combined(unconditional, conditional).toFloatArray(),
        1e-5f);
    // deviations 2.5 and 1.5: all of it is scaled by 0.6, or half of it
    assertArrayEquals(
        new float[] {3, 6},
        new Guidance(2, 1).combined(unconditional, conditional).toFloatArray(),
        1e-5f);
    assertArrayEquals(
        new float[] {4, 8},
        new Guidance(2, 0.5).combined(unconditional, conditional).toFloatArray(),
        1e-5f);
  }

  /** A stand-in that doubles what it is given without a condition, and squares it with one. */
  @Test
  void bothAnswersMayComeInOneBatch() {
    NDArray x = manager.create(new float[] {3, 5, 7, 11}, new Shape(2, 2));
    Denoiser unconditional = (latents, timestep) -> latents.mul(2);
    Denoiser conditional = (latents, timestep) -> latents.mul(latents);
    Denoiser both =
        (latents, timestep) -> {
          assertEquals(new Shape(4, 2), latents.getShape());
          return NDArrays.concat(
              new NDList(
                  unconditional.predict(latents.get("0:2"), timestep),
                  conditional.predict(latents.get("2:4"), timestep)),
              0);
        };
    Guidance guidance = new Guidance(3, 0.7);
    assertArrayEquals(
        guidance.guided(unconditional, conditional).predict(x, 7).toFloatArray(),
        guidance.guided(both).predict(x, 7).toFloatArray(),
        1e-5f);
  }

  @Test
  void aLatentsNoiseDoesNotDependOnItsBatch() {
    KeyedNoise both = new KeyedNoise(List.of(FIRST, SECOND));
    KeyedNoise alone = new KeyedNoise(List.of(SECOND));
    NDArray start = both.start(manager, LATENT);
    assertEquals(new Shape(2, 2, 3, 5), start.getShape());
    float[] second = alone.start(manager, LATENT).toFloatArray();
    assertArrayEquals(second, Arrays.copyOfRange(start.toFloatArray(), 30, 60));
    float[] ofStep = both.of(4, start).toFloatArray();
    float[] aloneOfStep = alone.of(4, alone.start(manager, LATENT)).toFloatArray();
    assertArrayEquals(aloneOfStep, Arrays.copyOfRange(ofStep, 30, 60));
    assertFalse(Arrays.equals(second, aloneOfStep));
    assertFalse(Arrays.equals(aloneOfStep, Arrays.copyOfRange(ofStep, 0, 30)));
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> alone.of(0, start));
    assertEquals("2 latents, but noise keys for 1", e.getMessage());
  }

  /**
   * With a network that knows the clean latent, every sampler ends there; drawn noise is gone at
   * the end too.
   */
  @Test
  void samplersEndAtTheLatentThatAPerfectNetworkKnows() {
    NoiseSchedule schedule = NoiseSchedule.scaledLinear(0.00085, 0.012, 1000);
    Trajectory trajectory =
        Trajectory.of(schedule, Trajectory.Spacing.TRAILING, 7, 0, NoiseLevel.CLEAN);
    KeyedNoise noise = new KeyedNoise(List.of(FIRST, SECOND));
    NDArray truth = new KeyedNoise(List.of(SECOND, FIRST)).start(manager, LATENT);
    Denoiser perfect =
        (x, t) -> {
          NoiseLevel level = schedule.level(t);
          return x.sub(truth.mul(level.alpha())).div(level.sigma());
        };
    for (Sampler sampler :
        List.of(
            new DdimSampler(0), new DdimSampler(0.5), new DdpmSampler(), new DpmSolverSampler())) {
      NDArray start = noise.start(manager, LATENT);
      NDArray end = new Denoising(trajectory, Prediction.NOISE, sampler).run(start, perfect, noise);
      assertArrayEquals(truth.toFloatArray(), end.toFloatArray(), 2e-5f, sampler.toString());
    }
  }

  @Test
  void aSamplerThatDrawsNeedsNoise() {
    IllegalStateException e =
        assertThrows(
            IllegalStateException.class,
            () ->
                new DdpmSampler()
                    .step(
                        row(1),
                        new Sampler.Estimate(row(1), new NoiseLevel(0.2)),
                        Optional.empty(),
                        new NoiseLevel(0.5),
                        () -> StepNoise.none().of(3, row(1))));
    assertEquals("step 3 drew noise where there is none", e.getMessage());
  }
}
