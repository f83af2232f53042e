package io.landloom.synthesis.gan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import com.typesafe.config.ConfigFactory;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.geo.source.MemoryByteSource;
import io.landloom.synthesis.training.Checkerboards;
import io.landloom.synthesis.training.TrainingDivergedException;
import io.landloom.synthesis.training.TrainingSet;
import io.landloom.synthesis.weights.HostTensor;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelException;
import io.landloom.synthesis.weights.Precision;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class CsebganTrainerTest {
  private static final LandCoverScheme SCHEME = LandCoverScheme.named("gid5");
  private static final TrainingSet SET = new Checkerboards(SCHEME, 5, 64);
  private static final String TINY =
      "nf=2,ndf=4,conductor.width=4,embedding=8,mlpHidden=8,z=16,batch=2,patchSize=64,steps=200,"
          + "decayFrom=1,calibrationBatches=2";

  private static CsebganSettings tiny(String more) {
    return CsebganSettings.of(
        ConfigFactory.parseString(more).withFallback(ConfigFactory.parseString(TINY)));
  }

  private static CsebganTrainer trainer(String more) {
    return new CsebganTrainer(tiny(more), SCHEME, SET, Device.cpu());
  }

  /**
   * Long enough that the loss falls to a third with every seed and vector unit tried (ATen's
   * default, AVX2 and AVX-512 kernels): arithmetic differs between processors, the verdict must
   * not.
   */
  @Test
  void aConductorLearnsAndNothingLeaks() {
    try (CsebganTrainer trainer = trainer("learningRate.conductor=0.01")) {
      List<Float> losses = new ArrayList<>();
      trainer.step();
      int arrays = trainer.nativeArrays();
      for (int i = 0; i < 80; i++) {
        StepLosses step = trainer.step();
        losses.add(step.conductorReal());
        assertEquals(i + 2, step.step());
      }
      assertEquals(arrays, trainer.nativeArrays());
      double before = losses.subList(0, 5).stream().mapToDouble(Float::floatValue).sum() / 5;
      double after = losses.subList(75, 80).stream().mapToDouble(Float::floatValue).sum() / 5;
      assertTrue(after < 0.7 * before, before + " to " + after);
    }
  }

  @Test
  void theSameSeedGivesTheSameModel() {
    assertEquals(trained("seed=3").digest(), trained("seed=3").digest());
    assertFalse(trained("seed=3").digest().equals(trained("seed=4").digest()));
  }

  /** The largest singular value of a shipped kernel, by Java's own power iteration. */
  @Test
  void shippedKernelsHaveSpectralNormOne() {
    HostTensor kernel = trained("seed=5").tensors().get("up_0.conv_1.weight");
    int rows = (int) kernel.shape()[0];
    int columns = kernel.values().length / rows;
    double[] right = new double[columns];
    Arrays.fill(right, 1);
    double norm = 0;
    for (int i = 0; i < 500; i++) {
      double[] left = new double[rows];
      for (int k = 0; k < kernel.values().length; k++) {
        left[k / columns] += kernel.values()[k] * right[k % columns];
      }
      norm = Math.sqrt(Arrays.stream(left).map(v -> v * v).sum());
      Arrays.fill(right, 0);
      for (int k = 0; k < kernel.values().length; k++) {
        right[k % columns] += kernel.values()[k] * left[k / columns] / norm;
      }
      double length = Math.sqrt(Arrays.stream(right).map(v -> v * v).sum());
      norm = length;
      right = Arrays.stream(right).map(v -> v / length).toArray();
    }
    assertEquals(1, norm, 0.03);
  }

  private static ModelBundle trained(String more) {
    try (CsebganTrainer trainer = trainer(more)) {
      for (int i = 0; i < 3; i++) {
        trainer.step();
      }
      return trainer.bundle("tiny", "checkerboards", "CC0-1.0", Precision.F32);
    }
  }

  @Test
  void aResumedTrainingEndsLikeAnUninterruptedOne() throws IOException {
    ByteArrayOutputStream checkpoint = new ByteArrayOutputStream();
    try (CsebganTrainer trainer = trainer("conductor.learnOnFake=false,deepOnly=false")) {
      trainer.step();
      trainer.step();
      trainer.save(checkpoint);
      StepLosses expected = trainer.step();
      MemoryByteSource source = new MemoryByteSource("step-2", checkpoint.toByteArray());
      try (CsebganTrainer resumed =
          CsebganTrainer.resume(
              tiny("conductor.learnOnFake=false,deepOnly=false"),
              SCHEME,
              SET,
              Device.cpu(),
              source)) {
        assertEquals(2, resumed.steps());
        assertEquals(expected, resumed.step());
        assertEquals(
            trainer.bundle("a", "d", "l", Precision.F32).digest(),
            resumed.bundle("b", "d", "l", Precision.F32).digest());
      }
    }
  }

  @Test
  void refusesACheckpointOfOtherSettings() throws IOException {
    ByteArrayOutputStream checkpoint = new ByteArrayOutputStream();
    try (CsebganTrainer trainer = trainer("seed=1")) {
      trainer.save(checkpoint);
    }
    MemoryByteSource source = new MemoryByteSource("step-0", checkpoint.toByteArray());
    ModelException e =
        assertThrows(
            ModelException.class,
            () -> CsebganTrainer.resume(tiny("seed=2"), SCHEME, SET, Device.cpu(), source).close());
    assertTrue(e.getMessage().startsWith("step-0: a checkpoint of CsebganSettings["));
    assertTrue(e.getMessage().endsWith(tiny("seed=2") + " on " + SCHEME));
  }

  @Test
  void aFrozenConductorStillTeachesTheGenerator() {
    StepLosses learning = twoSteps("conductor.learnOnFake=true,learningRate.conductor=0.01");
    StepLosses frozen = twoSteps("conductor.learnOnFake=false,learningRate.conductor=0.01");
    assertEquals(learning.discriminator(), frozen.discriminator(), 1e-4);
    assertTrue(Math.abs(learning.conductorReal() - frozen.conductorReal()) > 1e-3);
    StepLosses alone = twoSteps("lambda.conductor=0,learningRate.generator=0.01");
    StepLosses taught = twoSteps("conductor.learnOnFake=false,learningRate.generator=0.01");
    assertTrue(Math.abs(alone.adversarial() - taught.adversarial()) > 1e-6);
  }

  private static StepLosses twoSteps(String more) {
    try (CsebganTrainer trainer = trainer(more)) {
      trainer.step();
      return trainer.step();
    }
  }

  @Test
  void aDivergedTrainingStopsWithAdvice() {
    try (CsebganTrainer trainer = trainer("learningRate.generator=1e30")) {
      TrainingDivergedException e =
          assertThrows(
              TrainingDivergedException.class,
              () -> {
                for (int i = 0; i < 5; i++) {
                  trainer.step();
                }
              });
      assertTrue(e.getMessage().matches("training diverged at step [2-5]: \\{discriminator=.*"));
      assertTrue(
          e.getMessage()
              .endsWith(
                  "start again with half the learning rates, and look for"
                      + " constant images or masks of a single class in the training set"));
    }
  }

  @Test
  void stopsAfterTheLastStep() {
    try (CsebganTrainer trainer = trainer("steps=1")) {
      trainer.step();
      assertEquals(
          "all 1 steps are taken",
          assertThrows(IllegalStateException.class, trainer::step).getMessage());
    }
  }

  @Test
  void namesTheItemThatDoesNotFit() {
    TrainingSet small = new Checkerboards(SCHEME, 1, 32);
    try (CsebganTrainer trainer = new CsebganTrainer(tiny(""), SCHEME, small, Device.cpu())) {
      assertEquals(
          "training item 0: Raster 32 x 32 x 3 UINT8, but the settings say 64 x 64 x 3 UINT8",
          assertThrows(IllegalArgumentException.class, trainer::step).getMessage());
    }
  }
}
