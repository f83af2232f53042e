package io.landloom.synthesis.gan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.landloom.synthesis.training.Augmentation;
import io.landloom.synthesis.training.PatchOrder;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CsebganSettingsTest {
  @Test
  void defaults() {
    assertEquals(
        new CsebganSettings(
            new CsebganSettings.Widths(64, 64, 64, 64, 128, 256, 256, 3),
            Set.of(),
            new CsebganSettings.ConductorRole(
                CsebganSettings.ConductorMode.JOINT, 2000, true, true),
            2,
            8,
            PatchOrder.Sampling.UNIFORM,
            Augmentation.ALL,
            28_000,
            0.5,
            new CsebganSettings.Optimizer(
                new CsebganSettings.LearningRates(1e-4, 4e-4, 1e-4), 0, 0.9),
            new CsebganSettings.Lambdas(10, 0.2, 1),
            true,
            new CsebganSettings.PerceptualNet("none", ""),
            0.02,
            0.999,
            1,
            16,
            new CsebganSettings.Watch(0.01, 500),
            1),
        CsebganSettings.of(ConfigFactory.empty()));
  }

  @Test
  void refusesUnknownKeysAndBadValues() {
    assertTrue(
        message("nff=8")
            .startsWith("unknown key 'nff' of csebgan; known are adam.beta1, adam.beta2, bands,"));
    assertEquals("batch 1 is below 2", message("batch=1"));
    assertEquals("ema 1.5 is outside 0..1", message("ema=1.5"));
    assertTrue(message("nf=many").startsWith("csebgan: "));
    assertEquals("start 'zero' is neither noise nor mask", message("start=zero"));
    assertEquals("doublings '7' is neither 5 nor 6", message("doublings=7"));
    assertEquals("discriminator.scales 4 is outside 0..3", message("discriminator.scales=4"));
    assertEquals("bands 0 is below 1", message("bands=0"));
    assertEquals("adam.beta1 1.0 is not at least 0 and below 1", message("adam.beta1=1"));
    assertEquals("lambda.perceptual -1.0 is below 0", message("lambda.perceptual=-1"));
    assertEquals("initialGain 0.0 is not above 0", message("initialGain=0"));
    assertEquals("patchSize 224 is not a multiple of 64", message("doublings=6,patchSize=224"));
    assertEquals(
        "perceptual.sha256 'abc' is not 64 hexadecimal digits", message("perceptual.sha256=abc"));
  }

  @Test
  void refusesWhatCannotTeachTheGenerator() {
    assertEquals(
        "conductor.mode 'on' is none of joint, frozen, none", message("conductor.mode=on"));
    assertEquals(
        "conductor.learnOnReal and conductor.learnOnFake are both false: the conductor would stay"
            + " as it started; set one, or conductor.mode = none",
        message("conductor.learnOnReal=false,conductor.learnOnFake=false"));
    assertEquals(
        "nothing teaches the generator: discriminator.scales is 0, conductor.mode none and"
            + " perceptual.net none",
        message("discriminator.scales=0,conductor.mode=none"));
    assertEquals(
        "steps 2000 leave none for the generator after conductor.pretrainSteps 2000",
        message("conductor.mode=frozen,steps=2000"));
  }

  private static String message(String config) {
    return assertThrows(
            IllegalArgumentException.class,
            () -> CsebganSettings.of(ConfigFactory.parseString(config)))
        .getMessage();
  }

  @Test
  void theLearningRatesFallLinearlyOverTheSecondHalf() {
    CsebganSettings settings = CsebganSettings.of(ConfigFactory.parseString("steps=100"));
    assertEquals(1, settings.decay(50));
    assertEquals(0.5, settings.decay(75));
    assertEquals(0.02, settings.decay(99), 1e-12);
  }

  /**
   * Counts of an independent implementation, in millions, for 16 class positions and 256 pixels.
   */
  @ParameterizedTest
  @CsvSource({"64, 86.7", "32, 26.8", "16, 9.4", "8, 3.8"})
  void theGeneratorHasItsSize(int nf, double millions) {
    GeneratorSizes sizes = new GeneratorSizes(nf, 64, 128, 256, 16, 256, 3, Set.of());
    assertEquals(millions, trained(Generator.trainingLayout(sizes, 0.02)) / 1e6, 0.05);
  }

  @ParameterizedTest
  @CsvSource({"64, 5.6", "32, 1.4"})
  void theDiscriminatorHasItsSize(int ndf, double millions) {
    assertEquals(millions, trained(Discriminator.layout(19, ndf, 2, 0.02)) / 1e6, 0.05);
  }

  private static double trained(List<TensorSpec> layout) {
    double elements = 0;
    for (TensorSpec spec : layout) {
      long size = 1;
      for (long dimension : spec.shape()) {
        size *= dimension;
      }
      elements += spec.role() == TensorSpec.Role.TRAINED ? size : 0;
    }
    return elements;
  }

  @Test
  void refusesPatchesTheGeneratorCannotGrow() {
    assertEquals(
        "patchSize 250 is not a multiple of 32",
        assertThrows(
                IllegalArgumentException.class,
                () -> new GeneratorSizes(1, 1, 1, 1, 2, 250, 3, Set.of()))
            .getMessage());
    assertEquals(7, new GeneratorSizes(1, 1, 1, 1, 2, 224, 3, Set.of()).startSize());
  }
}
