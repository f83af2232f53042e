package io.landloom.synthesis.gan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import com.typesafe.config.ConfigFactory;
import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.geo.source.MemoryByteSource;
import io.landloom.synthesis.Condition;
import io.landloom.synthesis.TestResource;
import io.landloom.synthesis.tensor.FeatureMaps;
import io.landloom.synthesis.tensor.TorchScriptMaps;
import io.landloom.synthesis.training.Checkerboards;
import io.landloom.synthesis.training.TrainingDivergedException;
import io.landloom.synthesis.training.TrainingSet;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.NamedTensors;
import io.landloom.synthesis.weights.Precision;
import io.landloom.synthesis.weights.Safetensors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every ablation of the paper and every variant runs by keys alone, and leaves out what it says.
 */
class CsebganAblationTest {
  private static final LandCoverScheme SCHEME = LandCoverScheme.named("gid5");
  private static final TrainingSet SET = new Checkerboards(SCHEME, 5, 64);
  private static final String FEATURES =
      "83527f68eacaf5c250158a351792edbc5d81958817ea6b34e0c6524ce5f9beff";
  private static final String TINY =
      "nf=2,ndf=4,conductor.width=4,embedding=8,mlpHidden=8,z=16,batch=2,patchSize=64,steps=200,"
          + "calibrationBatches=2";

  private static CsebganSettings tiny(String more) {
    return CsebganSettings.of(
        ConfigFactory.parseString(more).withFallback(ConfigFactory.parseString(TINY)));
  }

  private static CsebganTrainer trainer(String more) {
    return new CsebganTrainer(tiny(more), SCHEME, SET, Device.cpu());
  }

  private static Safetensors saved(CsebganTrainer trainer) throws IOException {
    return Safetensors.read(checkpoint(trainer));
  }

  private static MemoryByteSource checkpoint(CsebganTrainer trainer) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    trainer.save(bytes);
    return new MemoryByteSource("checkpoint", bytes.toByteArray());
  }

  private static NamedTensors network(CsebganTrainer trainer, String name) throws IOException {
    return saved(trainer).tensors().withoutPrefix(name + ".");
  }

  private static void assertSame(NamedTensors expected, NamedTensors actual) {
    assertEquals(expected.names(), actual.names());
    for (String name : expected.names()) {
      assertArrayEquals(expected.get(name).values(), actual.get(name).values(), name);
    }
  }

  private static boolean differ(NamedTensors before, NamedTensors after, String name) {
    return !Arrays.equals(before.get(name).values(), after.get(name).values());
  }

  @Test
  void withoutConductorThereIsNone() throws IOException {
    try (CsebganTrainer trainer = trainer("conductor.mode=none")) {
      StepLosses losses = trainer.step();
      assertEquals(0, losses.conductorReal());
      assertEquals(0, losses.conductorFake());
      assertNotEquals(0, losses.adversarial());
      assertTrue(network(trainer, "conductor").names().isEmpty());
    }
  }

  @Test
  void aFrozenConductorLearnsAheadAndThenNeverAgain() throws IOException {
    try (CsebganTrainer trainer = trainer("conductor.mode=frozen,conductor.pretrainSteps=3")) {
      NamedTensors generator = network(trainer, "generator");
      for (int i = 0; i < 3; i++) {
        StepLosses ahead = trainer.step();
        assertTrue(ahead.conductorReal() > 0);
        assertEquals(0, ahead.conductorFake());
        assertEquals(0, ahead.discriminator());
      }
      assertSame(generator, network(trainer, "generator"));
      NamedTensors conductor = network(trainer, "conductor");
      StepLosses after = trainer.step();
      trainer.step();
      assertEquals(0, after.conductorReal());
      assertTrue(after.conductorFake() > 0);
      assertTrue(after.discriminator() > 0);
      assertSame(conductor, network(trainer, "conductor"));
      assertTrue(differ(generator, network(trainer, "generator"), "to_image.weight"));
    }
  }

  @Test
  void withoutRealTheConductorLearnsFromFakesAlone() throws IOException {
    try (CsebganTrainer trainer = trainer("conductor.learnOnReal=false")) {
      NamedTensors conductor = network(trainer, "conductor");
      StepLosses losses = trainer.step();
      assertEquals(0, losses.conductorReal());
      assertTrue(losses.conductorFake() > 0);
      assertTrue(differ(conductor, network(trainer, "conductor"), "to_classes.weight"));
    }
  }

  @Test
  void withoutDiscriminatorTheConductorTeachesAlone() throws IOException {
    try (CsebganTrainer trainer = trainer("discriminator.scales=0")) {
      NamedTensors generator = network(trainer, "generator");
      StepLosses losses = trainer.step();
      assertEquals(0, losses.discriminator());
      assertEquals(0, losses.adversarial());
      assertEquals(0, losses.featureMatching());
      assertTrue(losses.conductorFake() > 0);
      assertTrue(network(trainer, "discriminator").names().isEmpty());
      assertTrue(differ(generator, network(trainer, "generator"), "to_image.weight"));
    }
  }

  @Test
  void withoutSharingEveryClassHasItsOwnKernelsAndLayers() throws IOException {
    try (CsebganTrainer shared = trainer("");
        CsebganTrainer own = trainer("perClassMlp=true,perClassConvolutions=true")) {
      NamedTensors one = network(shared, "generator");
      NamedTensors six = network(own, "generator");
      assertArrayEquals(new long[] {16, 32, 3, 3}, one.get("up_0.conv_0.weight").shape());
      assertArrayEquals(new long[] {6 * 16, 32, 3, 3}, six.get("up_0.conv_0.weight").shape());
      assertArrayEquals(new long[] {8, 8}, one.get("up_0.norm_0.gamma.0.weight").shape());
      assertArrayEquals(new long[] {6, 8, 8}, six.get("up_0.norm_0.gamma.0.weight").shape());
    }
  }

  @Test
  void theNoiseOfWhatShipsCanBeStronger() {
    try (CsebganTrainer plain = trainer("pixelNoise=true");
        CsebganTrainer strong = trainer("pixelNoise=true,shippedNoise=1.5")) {
      plain.step();
      strong.step();
      NamedTensors before = plain.bundle("a", "d", "l", Precision.F32).tensors();
      NamedTensors after = strong.bundle("a", "d", "l", Precision.F32).tensors();
      for (String name : before.names()) {
        float[] expected = before.get(name).values().clone();
        for (int i = 0; i < expected.length; i++) {
          expected[i] += name.endsWith("log_variance") ? (float) (2 * Math.log(1.5)) : 0;
          expected[i] *= name.endsWith("pixel_noise") ? 1.5f : 1;
        }
        assertArrayEquals(expected, after.get(name).values(), 1e-5f, name);
      }
    }
    assertEquals(
        "shippedNoise 0.0 is not above 0 and at most 10",
        assertThrows(IllegalArgumentException.class, () -> tiny("shippedNoise=0")).getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "conductor.mode=none",
        "conductor.mode=frozen,conductor.pretrainSteps=2",
        "conductor.learnOnReal=false",
        "discriminator.scales=0",
        "discriminator.scales=3",
        "perClassMlp=true,perClassConvolutions=true",
        "start=mask,doublings=6,spectralNorm=false,sharedNoise=true",
        "pixelNoise=true,sampling=rareClasses",
        "pixelNoise=true,coarseNoise=false",
        "flips.horizontal=false,flips.vertical=false,quarterTurns=false,initialGain=0.1"
      })
  void resumesAndShips(String keys) throws IOException {
    try (CsebganTrainer trainer = trainer(keys)) {
      trainer.step();
      trainer.step();
      trainer.step();
      MemoryByteSource checkpoint = checkpoint(trainer);
      StepLosses expected = trainer.step();
      ModelBundle bundle = trainer.bundle("a", "d", "l", Precision.F32);
      try (CsebganTrainer resumed =
          CsebganTrainer.resume(tiny(keys), SCHEME, SET, Device.cpu(), checkpoint)) {
        assertEquals(expected, resumed.step());
        assertEquals(bundle.digest(), resumed.bundle("b", "d", "l", Precision.F32).digest());
      }
      try (CsebganSynthesizer synthesizer =
          new CsebganSynthesizer(bundle, SCHEME, Device.cpu(), 1, 7)) {
        Condition condition = new Condition("k", 0, 0, SET.mask(0));
        byte[] samples = synthesizer.synthesize(List.of(condition)).get(0).image().samples();
        assertTrue(
            new String(samples, java.nio.charset.StandardCharsets.ISO_8859_1)
                    .chars()
                    .distinct()
                    .count()
                > 1);
      }
    }
  }

  /** Checkerboards with a fourth band. */
  private record Infrared(Checkerboards three) implements TrainingSet {
    @Override
    public int size() {
      return three.size();
    }

    @Override
    public ClassMask mask(int i) {
      return three.mask(i);
    }

    @Override
    public Raster image(int i) {
      byte[] samples = three.image(i).samples();
      byte[] four = new byte[samples.length / 3 * 4];
      for (int sample = 0; sample < four.length; sample++) {
        int band = sample % 4;
        four[sample] = band == 3 ? (byte) 200 : samples[sample / 4 * 3 + band];
      }
      return Raster.ofBytes(64, 64, 4, four);
    }
  }

  @Test
  void drawsNearInfraredAsAFourthBand() {
    TrainingSet set = new Infrared(new Checkerboards(SCHEME, 5, 64));
    try (CsebganTrainer trainer = new CsebganTrainer(tiny("bands=4"), SCHEME, set, Device.cpu())) {
      trainer.step();
      ModelBundle bundle = trainer.bundle("nir", "d", "l", Precision.F32);
      assertEquals(4, bundle.card().bands());
      try (CsebganSynthesizer synthesizer =
          new CsebganSynthesizer(bundle, SCHEME, Device.cpu(), 1, 7)) {
        Condition condition = new Condition("k", 0, 0, SET.mask(0));
        assertEquals(4, synthesizer.synthesize(List.of(condition)).get(0).image().bands());
      }
    }
  }

  private static TorchScriptMaps features() throws IOException {
    return TorchScriptMaps.load(
        TestResource.open(CsebganAblationTest.class, "features.pt"), FEATURES, 3, Device.cpu());
  }

  @Test
  void aPerceptualNetTeachesAndItsDigestIsHeldByTheCheckpoint() throws IOException {
    String keys = "perceptual.net=features.pt,perceptual.sha256=" + FEATURES;
    try (TorchScriptMaps net = features();
        CsebganTrainer trainer =
            new CsebganTrainer(tiny(keys), SCHEME, SET, Device.cpu(), Optional.of(net))) {
      trainer.step();
      int arrays = trainer.nativeArrays();
      StepLosses second = trainer.step();
      assertTrue(second.perceptual() > 0);
      assertEquals(arrays, trainer.nativeArrays());
      assertTrue(saved(trainer).metadata().get("settings").endsWith("net " + FEATURES));
      MemoryByteSource checkpoint = checkpoint(trainer);
      StepLosses expected = trainer.step();
      try (CsebganTrainer resumed =
          CsebganTrainer.resume(
              tiny(keys), SCHEME, SET, Device.cpu(), Optional.<FeatureMaps>of(net), checkpoint)) {
        assertEquals(expected, resumed.step());
      }
    }
  }

  @Test
  void refusesANetThatTheSettingsDoNotName() throws IOException {
    try (TorchScriptMaps net = features()) {
      assertEquals(
          "perceptual.net is none, but a perceptual net was opened",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> new CsebganTrainer(tiny(""), SCHEME, SET, Device.cpu(), Optional.of(net)))
              .getMessage());
      assertEquals(
          "perceptual.net is features.pt, but no perceptual net was opened",
          assertThrows(IllegalArgumentException.class, () -> trainer("perceptual.net=features.pt"))
              .getMessage());
      assertEquals(
          "the perceptual net takes 3 bands, the generator draws 4",
          assertThrows(
                  IllegalArgumentException.class,
                  () ->
                      new CsebganTrainer(
                          tiny("bands=4,perceptual.net=features.pt"),
                          SCHEME,
                          SET,
                          Device.cpu(),
                          Optional.of(net)))
              .getMessage());
    }
  }

  @Test
  void aCollapsedDiscriminatorStopsWithAdviceAfterAResumeToo() throws IOException {
    String keys = "watch.discriminator=100,watch.steps=3";
    try (CsebganTrainer trainer = trainer(keys)) {
      trainer.step();
      trainer.step();
      try (CsebganTrainer resumed =
          CsebganTrainer.resume(tiny(keys), SCHEME, SET, Device.cpu(), checkpoint(trainer))) {
        assertEquals(
            "the discriminator collapsed at step 3: its loss was below 100.0 for 3 steps, so it"
                + " learns nothing and the generator only flees it; train with a lower"
                + " learningRate.discriminator, a smaller ndf or more patches",
            assertThrows(TrainingDivergedException.class, resumed::step).getMessage());
      }
    }
  }

  @Test
  void aTeachingDiscriminatorGoesOn() {
    try (CsebganTrainer trainer = trainer("watch.discriminator=0,watch.steps=1")) {
      assertFalse(trainer.step().discriminator() < 0);
    }
  }
}
