package io.landloom.synthesis.ddpm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.typesafe.config.ConfigFactory;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.geo.source.LocalByteSource;
import io.landloom.geo.source.MemoryByteSource;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.TorchEngine;
import io.landloom.synthesis.training.Checkerboards;
import io.landloom.synthesis.training.ClassPositions;
import io.landloom.synthesis.weights.HostTensor;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelException;
import io.landloom.synthesis.weights.Precision;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pre-training without labels, and heads on it. */
class HeadTrainerTest {
  private static final LandCoverScheme SCHEME = LandCoverScheme.named("gid5");
  private static final Checkerboards SET = new Checkerboards(SCHEME, 4, 32);
  private static final String DDPM =
      "size=test,batch=2,patchSize=32,steps=200,learningRate=0.002,ema=0.9";
  private static final String HEAD =
      "width=8,blocks=1,members=3,pixels=32,batch=2,patchSize=32,steps=200,learningRate=0.01";

  private static ModelBundle below;

  @BeforeAll
  static void train() {
    try (DdpmTrainer trainer = ddpm("", Optional.empty())) {
      for (int i = 0; i < 60; i++) {
        trainer.step();
      }
      below = trainer.bundle("below", "checkerboards", "CC0-1.0", Precision.F16);
    }
  }

  private static DdpmTrainer ddpm(String more, Optional<ModelBundle> start) {
    DdpmSettings settings =
        DdpmSettings.of(
            ConfigFactory.parseString(more).withFallback(ConfigFactory.parseString(DDPM)));
    return new DdpmTrainer(settings, start, SCHEME, SET, Device.cpu());
  }

  private static HeadTrainer head(String more) {
    HeadSettings settings =
        HeadSettings.of(
            ConfigFactory.parseString(more).withFallback(ConfigFactory.parseString(HEAD)));
    return new HeadTrainer(settings, below, SCHEME, SET, Device.cpu());
  }

  private static List<Float> losses(HeadTrainer trainer, int steps) {
    List<Float> losses = new ArrayList<>();
    for (int i = 0; i < steps; i++) {
      losses.add(trainer.step().get("cross_entropy"));
    }
    return losses;
  }

  private static double mean(List<Float> values) {
    return values.stream().mapToDouble(Float::floatValue).sum() / values.size();
  }

  /** A model that predicts no noise has an error of 1, as the noise has that variance. */
  @Test
  void preTrainingLearnsToTellNoiseAndSamplesAreOfTheSeed() {
    try (Ddpm ddpm = Ddpm.load(below, Device.cpu());
        NativeScope scope = NativeScope.inference(ddpm.manager())) {
      NDArray image = scope.manager().zeros(new Shape(1, 3, 32, 32));
      Ddpm.Cleaned cleaned = ddpm.cleaned(image, 0.5);
      assertEquals(image.getShape(), cleaned.clean().getShape());
      assertTrue(cleaned.error() < 0.9, "error " + cleaned.error());
      float[] drawn = ddpm.draw(2, 3, 5).toFloatArray();
      assertEquals(2 * 3 * 32 * 32, drawn.length);
      assertArrayEquals(drawn, ddpm.draw(2, 3, 5).toFloatArray());
    }
  }

  @Test
  void aSecondStepGoesOnFromTheWeightsOfTheFirst() {
    try (DdpmTrainer second = ddpm("learningRate=1e-9", Optional.of(below));
        DdpmTrainer first = ddpm("learningRate=1e-9", Optional.empty())) {
      float afterFirst = second.step().get("noise");
      assertTrue(afterFirst < 0.9 * first.step().get("noise"), "no better than a fresh start");
      HostTensor start = below.tensors().get("output_blocks.1.0.in_layers.2.weight");
      HostTensor end =
          second
              .bundle("b", "d", "l", Precision.F32)
              .tensors()
              .get("output_blocks.1.0.in_layers.2.weight");
      assertArrayEquals(start.values(), end.values(), 1e-6f);
    }
  }

  @Test
  void aModelOfOtherSizesIsNoStart() {
    String message =
        assertThrows(ModelException.class, () -> ddpm("size=cpu", Optional.of(below)).close())
            .getMessage();
    assertTrue(
        message.startsWith("model 'below': has PixelUNetSizes[bands=3, cell=1, base=8"), message);
    assertTrue(
        message.contains(", but size = cpu is PixelUNetSizes[bands=3, cell=2, base=32"), message);
  }

  @Test
  void aResumedPreTrainingEndsLikeAnUninterruptedOne() throws IOException {
    ByteArrayOutputStream checkpoint = new ByteArrayOutputStream();
    try (DdpmTrainer trainer = ddpm("", Optional.empty());
        DdpmTrainer resumed = ddpm("", Optional.empty())) {
      trainer.step();
      trainer.save(checkpoint);
      Map<String, Float> expected = trainer.step();
      resumed.resume(new MemoryByteSource("step-1", checkpoint.toByteArray()));
      assertEquals(expected, resumed.step());
      assertEquals(
          trainer.bundle("a", "d", "l", Precision.F32).digest(),
          resumed.bundle("b", "d", "l", Precision.F32).digest());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"form=residual,lambda.gates=1e-4,lambda.dice=0.5", "form=pixels"})
  void aHeadLearnsOnFeaturesThatAreMadeOncePerPatchAndSymmetry(String keys) {
    try (HeadTrainer trainer = head(keys)) {
      List<Float> losses = losses(trainer, 80);
      double before = mean(losses.subList(0, 5));
      double after = mean(losses.subList(75, 80));
      assertTrue(after < 0.7 * before, before + " to " + after);
      assertTrue(trainer.madeFeatures() <= 4 * 8, "made " + trainer.madeFeatures() + " times");
    }
  }

  @Test
  void withoutAugmentationFeaturesAreMadeOncePerPatch() {
    try (HeadTrainer trainer = head("augment=false")) {
      losses(trainer, 12);
      assertEquals(4, trainer.madeFeatures());
    }
  }

  @Test
  void featuresThatDoNotFitIntoMemoryAreMadeAgainWithTheSameResult() {
    try (HeadTrainer kept = head("features.cacheMiB=64");
        HeadTrainer again = head("features.cacheMiB=0")) {
      assertEquals(losses(kept, 6), losses(again, 6));
      assertEquals(12, again.madeFeatures());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"frozen", "random", "finetuned"})
  void onlyAFineTunedNetworkChanges(String mode) {
    try (HeadTrainer trainer = head("backbone.mode=" + mode)) {
      ModelBundle start = trainer.bundle("a", "d", "l", Precision.F32);
      losses(trainer, 2);
      ModelBundle end = trainer.bundle("a", "d", "l", Precision.F32);
      String weight = "output_blocks.1.0.in_layers.2.weight";
      HostTensor before = start.tensors().get("backbone." + weight);
      assertEquals(
          mode.equals("finetuned"), !before.equals(end.tensors().get("backbone." + weight)));
      assertEquals(!mode.equals("random"), before.equals(below.tensors().get(weight)));
      assertFalse(
          start
              .tensors()
              .get("head.to_classes.weight")
              .equals(end.tensors().get("head.to_classes.weight")));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "features.half=encoder",
        "features.signals=[0.985]",
        "features.scheduledNoise=0.5",
        "features.blocks=[4]",
        "features.colours=true",
        "labels.pixels=4",
        "labels.fraction=0.25",
        "dropout=0",
        "weightDecay=0.5",
        "classWeights=logarithm"
      })
  void everyAblationIsAKeyThatChangesTheResult(String key) {
    try (HeadTrainer plain = head("");
        HeadTrainer changed = head(key)) {
      assertFalse(losses(plain, 3).equals(losses(changed, 3)), key);
    }
  }

  @Test
  void aShareOfTheLabelsIsSeen() {
    try (HeadTrainer some = head("labels.fraction=0.25");
        HeadTrainer all = head("")) {
      assertEquals(4, all.labelledPatches());
      assertEquals(2, some.labelledPatches(), "one patch shows four of the six classes");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"residual", "pixels", "residual,features.colours=true"})
  void aBundleSegmentsAfterReadingAsBeforeWriting(String form, @TempDir Path folder)
      throws IOException {
    ModelBundle bundle;
    try (HeadTrainer trainer = head("batch=4,form=" + form)) {
      losses(trainer, 100);
      bundle = trainer.bundle("few", "checkerboards", "CC0-1.0", Precision.F16);
    }
    bundle.write(folder);
    ModelBundle read =
        ModelBundle.read(
            LocalByteSource.open(folder.resolve(ModelBundle.CARD_FILE)),
            LocalByteSource.open(folder.resolve(ModelBundle.WEIGHTS_FILE)));
    assertEquals("head-" + form.split(",")[0], read.card().architecture());
    byte[] truth = new ClassPositions(SCHEME).of(SET.mask(1), 32, "mask");
    try (HeadSegmenter before = HeadSegmenter.load(bundle, SCHEME, Device.cpu());
        HeadSegmenter after = HeadSegmenter.load(read, SCHEME, Device.cpu())) {
      byte[] predicted = after.predict(List.of(SET.image(0), SET.image(1))).get(1);
      assertArrayEquals(before.predict(List.of(SET.image(1))).get(0), predicted);
      int right = 0;
      int valid = 0;
      for (int pixel = 0; pixel < truth.length; pixel++) {
        valid += truth[pixel] < 5 ? 1 : 0;
        right += truth[pixel] == predicted[pixel] ? 1 : 0;
      }
      assertTrue(right > 0.6 * valid, right + " of " + valid);
      double uncertainty = after.uncertainty(SET.image(1));
      assertEquals(form.equals("pixels"), uncertainty > 1e-5, "uncertainty " + uncertainty);
    }
  }

  /**
   * Of two pixels of class 0 one is found for sure: 2 * 1 / (2 + 1) of it; class 1 is not there.
   */
  @Test
  void theOverlapOfClassesIsThatOfDice() {
    try (NDManager manager = TorchEngine.newManager(Device.cpu());
        NativeScope scope = NativeScope.inference(manager)) {
      NDArray logits =
          scope.manager().create(new float[] {50, -50, 50, -50, 50, 50}, new Shape(1, 2, 1, 3));
      NDArray valid = scope.manager().create(new float[] {1, 1, 0, 0, 0, 0}, new Shape(1, 2, 1, 3));
      assertEquals(1 - 2.0 / 3, HeadTrainer.dice(logits, valid).getFloat(), 1e-5);
    }
  }

  @Test
  void namesWhatDoesNotFit() {
    assertEquals("form 'mlp' is none of residual, pixels", refusal("form=mlp"));
    assertEquals(
        "backbone.mode 'thawed' is none of frozen, finetuned, random",
        refusal("backbone.mode=thawed"));
    assertEquals(
        "features.scheduledNoise 2.0 is outside 0..1", refusal("features.scheduledNoise=2"));
    assertEquals("labels.pixels -1 is below 0", refusal("labels.pixels=-1"));
    assertEquals(
        "block 9 is outside 0..5 of the decoder of this model", refusal("features.blocks=[9]"));
    String message =
        assertThrows(
                ModelException.class, () -> HeadSegmenter.load(below, SCHEME, Device.cpu()).close())
            .getMessage();
    assertEquals(
        "model 'below': is ddpm (noise of linear betas, group norm, float32 NCHW), not"
            + " head-residual or head-pixels (on features of noisy images, float32 NCHW)",
        message);
  }

  private static String refusal(String keys) {
    return assertThrows(IllegalArgumentException.class, () -> head(keys).close()).getMessage();
  }
}
