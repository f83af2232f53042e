package io.landloom.synthesis.gan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import com.typesafe.config.ConfigFactory;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.Condition;
import io.landloom.synthesis.NonFiniteOutputException;
import io.landloom.synthesis.Pair;
import io.landloom.synthesis.training.Checkerboards;
import io.landloom.synthesis.weights.HostTensor;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelException;
import io.landloom.synthesis.weights.NamedTensors;
import io.landloom.synthesis.weights.Precision;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class CsebganSynthesizerTest {
  private static final LandCoverScheme SCHEME = LandCoverScheme.named("gid5");
  private static final Checkerboards SET = new Checkerboards(SCHEME, 9, 64);
  private static ModelBundle bundle;
  private static CsebganSynthesizer synthesizer;

  @BeforeAll
  static void train() {
    CsebganSettings settings =
        CsebganSettings.of(
            ConfigFactory.parseString(
                "nf=2,ndf=4,conductor.width=4,embedding=8,mlpHidden=8,z=16,batch=2,patchSize=64,"
                    + "steps=3,calibrationBatches=2,learningRate.generator=0.01"));
    try (CsebganTrainer trainer = new CsebganTrainer(settings, SCHEME, SET, Device.cpu())) {
      trainer.step();
      bundle = trainer.bundle("tiny", "checkerboards", "CC0-1.0", Precision.F32);
    }
    synthesizer = new CsebganSynthesizer(bundle, SCHEME, Device.cpu(), 3, 7);
  }

  @AfterAll
  static void close() {
    synthesizer.close();
  }

  private static Condition condition(int i) {
    return new Condition("k" + i, 0, 0, SET.mask(i));
  }

  private static List<Condition> conditions(int... numbers) {
    List<Condition> conditions = new ArrayList<>();
    for (int i : numbers) {
      conditions.add(condition(i));
    }
    return conditions;
  }

  private static byte[] samples(List<Pair> pairs, int i) {
    return pairs.get(i).image().samples();
  }

  private static void assertWithinOneGreyLevel(byte[] expected, byte[] actual) {
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i] & 0xFF, actual[i] & 0xFF, 1);
    }
  }

  @Test
  void aPairHasItsConditionAndAnImageOfTheMasksSize() {
    List<Pair> pairs = synthesizer.synthesize(conditions(4, 2));
    assertEquals(2, pairs.size());
    assertEquals(condition(2), pairs.get(1).condition());
    assertEquals("Raster 64 x 64 x 3 UINT8", pairs.get(1).image().toString());
    assertEquals("gid5", synthesizer.scheme());
    assertEquals(bundle.digest(), synthesizer.modelDigest());
  }

  @Test
  void identicalBatchesGiveIdenticalImages() {
    List<Pair> first = synthesizer.synthesize(conditions(0, 1, 2));
    List<Pair> second = synthesizer.synthesize(conditions(0, 1, 2));
    for (int i = 0; i < 3; i++) {
      assertArrayEquals(samples(first, i), samples(second, i));
    }
  }

  @Test
  void aRedrawOfOneClassChangesImagesThatShowItAndNoOthers() {
    byte[] before = samples(synthesizer.synthesize(conditions(0)), 0);
    assertArrayEquals(before, redrawn(synthesizer, condition(0), 1, 0));
    byte[] after = redrawn(synthesizer, condition(0), 1, 1);
    assertFalse(Arrays.equals(before, after));
    assertArrayEquals(after, redrawn(synthesizer, condition(0), 1, 1));

    byte[] oneClass = new byte[64 * 64];
    Arrays.fill(oneClass, (byte) SCHEME.validClasses().get(2).index());
    Condition field = new Condition("field", 0, 0, new ClassMask(64, 64, oneClass));
    byte[] kept = samples(synthesizer.synthesize(List.of(field)), 0);
    assertArrayEquals(kept, redrawn(synthesizer, field, 1, 1));
    assertFalse(Arrays.equals(kept, redrawn(synthesizer, field, 2, 1)));
  }

  /** The image of a condition's mask with a draw of one class. */
  private static byte[] redrawn(
      CsebganSynthesizer of, Condition condition, int position, int draw) {
    int index = SCHEME.validClasses().get(position).index();
    Condition other =
        new Condition(condition.key(), 0, draw, condition.mask(), OptionalInt.of(index));
    return samples(of.synthesize(List.of(other)), 0);
  }

  @Test
  void copiesOfARedrawnClassShareAllOtherNoise() {
    byte[] oneClass = new byte[64 * 64];
    int shown = SCHEME.validClasses().get(2).index();
    int absent = SCHEME.validClasses().get(1).index();
    Arrays.fill(oneClass, (byte) shown);
    ClassMask mask = new ClassMask(64, 64, oneClass);
    byte[] first = samples(synthesizer.synthesize(List.of(new Condition("field", 0, 0, mask))), 0);
    assertArrayEquals(first, copy(0, 0, mask, shown));
    assertArrayEquals(first, copy(1, 0, mask, absent));
    assertArrayEquals(first, copy(0, 3, mask, absent));
    byte[] redrawn = copy(1, 0, mask, shown);
    assertFalse(Arrays.equals(first, redrawn));
    assertFalse(Arrays.equals(redrawn, copy(0, 1, mask, shown)));
    byte[] all = samples(synthesizer.synthesize(List.of(new Condition("field", 1, 0, mask))), 0);
    assertFalse(Arrays.equals(all, redrawn), "the noise of the whole image is kept");
    assertEquals(
        "class index 77 is not in scheme " + SCHEME.name(),
        assertThrows(IllegalArgumentException.class, () -> copy(1, 0, mask, 77)).getMessage());
  }

  private static byte[] copy(int copy, int draw, ClassMask mask, int redrawn) {
    Condition condition = new Condition("field", copy, draw, mask, OptionalInt.of(redrawn));
    return samples(synthesizer.synthesize(List.of(condition)), 0);
  }

  /**
   * Noise of pixels is of their class: with half of a mask drawn anew, pixels of the other half
   * that no kernel reaches from there keep their values but for the embedding's noise, which the
   * other half has none of.
   */
  @Test
  void noiseOfPixelsIsDrawnAnewWithItsClassAlone() {
    ModelBundle noisy = tiny("pixelNoise=true");
    TreeMap<String, HostTensor> tensors = new TreeMap<>(noisy.tensors().asMap());
    for (String name : noisy.tensors().names()) {
      float[] values = tensors.get(name).values().clone();
      if (name.endsWith(".pixel_noise") && !name.startsWith("up_3")) {
        Arrays.fill(values, 0); // its kernels reach over the whole image
      } else if (name.endsWith(".pixel_noise")) {
        for (int i = 0; i < values.length; i++) {
          values[i] *= 10; // as after much training
        }
      } else if (name.contains("log_variance")) {
        Arrays.fill(values, -200); // embeddings without noise
      }
      tensors.put(name, new HostTensor(tensors.get(name).shape(), values));
    }
    ModelBundle fine = ModelBundle.of(noisy.card(), new NamedTensors(tensors), Precision.F32);
    boolean[] changed = changedByRedrawingTheLeft(fine, 32);
    for (int pixel = 0; pixel < changed.length; pixel++) {
      // conv_1 and to_image reach one pixel each
      assertTrue(
          !changed[pixel] || pixel % 64 < 34, "pixel " + pixel + " is of the class that is kept");
    }
    assertTrue(count(changed, 0) > 1000, count(changed, 0) + " pixels changed");
  }

  /**
   * A doubling's kernels reach two of its cells: 16 + 8 + 4 + 2 + 1 pixels, and a cell of the mask.
   */
  @Test
  void withoutCoarseNoiseARedrawStaysNear() {
    int columns = 16;
    int reached = columns + 16 + 8 + 4 + 2 + 1 + 8;
    boolean[] usual = changedByRedrawingTheLeft(strong(tiny("pixelNoise=true")), columns);
    assertTrue(count(usual, reached) > 0, "coarse noise reaches everywhere");
    boolean[] near =
        changedByRedrawingTheLeft(strong(tiny("pixelNoise=true,coarseNoise=false")), columns);
    assertEquals(0, count(near, reached));
    assertTrue(count(near, 0) > columns * 32, count(near, 0) + " pixels changed");
  }

  private static ModelBundle tiny(String more) {
    CsebganSettings settings =
        CsebganSettings.of(
            ConfigFactory.parseString(
                "nf=2,ndf=4,conductor.width=4,embedding=8,mlpHidden=8,z=16,batch=2,patchSize=64,"
                    + "steps=3,calibrationBatches=2,"
                    + more));
    try (CsebganTrainer trainer = new CsebganTrainer(settings, SCHEME, SET, Device.cpu())) {
      trainer.step();
      return trainer.bundle("tiny", "checkerboards", "CC0-1.0", Precision.F32);
    }
  }

  /** As after much training: embeddings make a difference. */
  private static ModelBundle strong(ModelBundle bundle) {
    TreeMap<String, HostTensor> tensors = new TreeMap<>(bundle.tensors().asMap());
    for (String name : bundle.tensors().names()) {
      if (name.matches(".*norm_.\\.(gamma|beta)\\.2\\.weight")) {
        float[] values = tensors.get(name).values().clone();
        for (int i = 0; i < values.length; i++) {
          values[i] *= 20;
        }
        tensors.put(name, new HostTensor(tensors.get(name).shape(), values));
      }
    }
    return ModelBundle.of(bundle.card(), new NamedTensors(tensors), Precision.F32);
  }

  /** Which pixels of an image change when the class of its first columns is drawn anew. */
  private static boolean[] changedByRedrawingTheLeft(ModelBundle model, int columns) {
    int left = SCHEME.validClasses().get(1).index();
    int right = SCHEME.validClasses().get(2).index();
    byte[] mask = new byte[64 * 64];
    for (int pixel = 0; pixel < mask.length; pixel++) {
      mask[pixel] = (byte) (pixel % 64 < columns ? left : right);
    }
    Condition field = new Condition("f", 0, 0, new ClassMask(64, 64, mask));
    try (CsebganSynthesizer of = new CsebganSynthesizer(model, SCHEME, Device.cpu(), 1, 7)) {
      byte[] before = samples(of.synthesize(List.of(field)), 0);
      assertArrayEquals(before, redrawn(of, field, 0, 1), "a class that is not there");
      byte[] after = redrawn(of, field, 1, 1);
      boolean[] changed = new boolean[mask.length];
      for (int i = 0; i < before.length; i++) {
        changed[i / 3] |= before[i] != after[i];
      }
      return changed;
    }
  }

  /** Changed pixels from a column on. */
  private static int count(boolean[] changed, int fromColumn) {
    int count = 0;
    for (int pixel = 0; pixel < changed.length; pixel++) {
      count += changed[pixel] && pixel % 64 >= fromColumn ? 1 : 0;
    }
    return count;
  }

  @Test
  void theRestOfTheBatchAndItsOrderDoNotMatter() {
    List<Pair> full = synthesizer.synthesize(conditions(0, 1, 2));
    List<Pair> turned = synthesizer.synthesize(conditions(2, 5, 0));
    List<Pair> alone = synthesizer.synthesize(conditions(1));
    assertWithinOneGreyLevel(samples(full, 0), samples(turned, 2));
    assertWithinOneGreyLevel(samples(full, 2), samples(turned, 0));
    assertWithinOneGreyLevel(samples(full, 1), samples(alone, 0));
    try (CsebganSynthesizer single = new CsebganSynthesizer(bundle, SCHEME, Device.cpu(), 1, 7)) {
      assertWithinOneGreyLevel(samples(full, 1), samples(single.synthesize(conditions(1)), 0));
    }
  }

  @Test
  void theShapeOfTheBatchDoesNotMatter() {
    List<Pair> full = synthesizer.synthesize(conditions(0, 1, 2));
    List<Pair> padded = synthesizer.synthesize(conditions(2), 2);
    assertEquals(1, padded.size());
    assertWithinOneGreyLevel(samples(full, 2), samples(padded, 0));
    List<Pair> halved = synthesizer.synthesize(conditions(0, 1), 2);
    for (int i = 0; i < 2; i++) {
      assertWithinOneGreyLevel(samples(full, i), samples(halved, i));
      assertWithinOneGreyLevel(
          samples(full, i), samples(synthesizer.synthesize(conditions(i), 1), 0));
    }
    assertEquals(
        "batch of shape 4, outside 1..3",
        assertThrows(IllegalArgumentException.class, () -> synthesizer.synthesize(conditions(0), 4))
            .getMessage());
    assertEquals(
        "2 conditions in a call, outside 1..1",
        assertThrows(
                IllegalArgumentException.class, () -> synthesizer.synthesize(conditions(0, 1), 1))
            .getMessage());
  }

  @Test
  void copiesDrawsAndSeedsDiffer() {
    byte[] first = samples(synthesizer.synthesize(conditions(3)), 0);
    ClassMask mask = SET.mask(3);
    assertDiffers(first, synthesizer, new Condition("k3", 1, 0, mask));
    assertDiffers(first, synthesizer, new Condition("k3", 0, 1, mask));
    assertDiffers(first, synthesizer, new Condition("other", 0, 0, mask));
    try (CsebganSynthesizer other = new CsebganSynthesizer(bundle, SCHEME, Device.cpu(), 3, 8)) {
      assertDiffers(first, other, condition(3));
    }
  }

  private static void assertDiffers(
      byte[] samples, CsebganSynthesizer synthesizer, Condition condition) {
    byte[] others = samples(synthesizer.synthesize(List.of(condition)), 0);
    int different = 0;
    for (int i = 0; i < samples.length; i++) {
      different += samples[i] == others[i] ? 0 : 1;
    }
    assertTrue(different > samples.length / 10, different + " of " + samples.length);
  }

  @Test
  void twoThreadsShareAModel() throws Exception {
    List<byte[]> expected = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      expected.add(samples(synthesizer.synthesize(conditions(i)), 0));
    }
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<byte[]>> images = new ArrayList<>();
      for (int i = 0; i < 24; i++) {
        List<Condition> conditions = conditions(i % 6);
        images.add(threads.submit(() -> samples(synthesizer.synthesize(conditions), 0)));
      }
      for (int i = 0; i < 24; i++) {
        assertArrayEquals(expected.get(i % 6), images.get(i).get(), "image " + i);
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void refusesWrongMasksAndTooManyConditions() {
    assertRefused(conditions(0, 1, 2, 3), "4 conditions in a call, outside 1..3");
    assertRefused(List.of(), "0 conditions in a call, outside 1..3");
    assertRefused(
        List.of(new Condition("k", 2, 0, new ClassMask(2, 1, new byte[2]))),
        "condition 'k' copy 2 draw 0: ClassMask 2 x 1, but the model draws 64 x 64");
    byte[] indices = new byte[64 * 64];
    indices[65] = (byte) 200;
    assertRefused(
        List.of(new Condition("k", 0, 0, new ClassMask(64, 64, indices))),
        "condition 'k' copy 0 draw 0: class index 200 at column 1 of row 1 is not in scheme gid5 v1"
            + " (6 classes)");
  }

  private static void assertRefused(List<Condition> conditions, String message) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> synthesizer.synthesize(conditions));
    assertEquals(message, e.getMessage());
  }

  @Test
  void refusesAModelOfAnotherSchemeOrWithoutItsTensors() {
    ModelException scheme =
        assertThrows(
            ModelException.class,
            () ->
                new CsebganSynthesizer(bundle, LandCoverScheme.named("gid15"), Device.cpu(), 1, 1));
    assertTrue(scheme.getMessage().startsWith("model 'tiny': draws scheme gid5 v1 ["));
    TreeMap<String, HostTensor> tensors = new TreeMap<>(bundle.tensors().asMap());
    tensors.remove("to_image.bias");
    tensors.put("to_picture.bias", new HostTensor(new long[] {3}, new float[3]));
    ModelBundle broken = ModelBundle.of(bundle.card(), new NamedTensors(tensors), Precision.F32);
    ModelException missing =
        assertThrows(
            ModelException.class, () -> new CsebganSynthesizer(broken, SCHEME, Device.cpu(), 1, 1));
    assertEquals(
        "model 'tiny': 2 tensors do not fit: missing to_image.bias (3); extra to_picture.bias (3)",
        missing.getMessage());
  }

  @Test
  void countsWhatIsNotFinite() {
    TreeMap<String, HostTensor> tensors = new TreeMap<>(bundle.tensors().asMap());
    tensors.put("to_image.bias", new HostTensor(new long[] {3}, new float[] {0, Float.NaN, 0}));
    ModelBundle broken = ModelBundle.of(bundle.card(), new NamedTensors(tensors), Precision.F32);
    try (CsebganSynthesizer nan = new CsebganSynthesizer(broken, SCHEME, Device.cpu(), 2, 1)) {
      Pair pair = nan.synthesize(conditions(6)).get(0);
      // one band of three
      assertEquals(nan.patchSize() * nan.patchSize(), pair.notFinite());
      NonFiniteOutputException e =
          assertThrows(NonFiniteOutputException.class, () -> pair.finiteImage("tiny"));
      assertEquals("k6", e.conditionKey());
      assertEquals(
          "tiny yielded a value that is not finite for condition 'k6' copy 0 draw 0; check the"
              + " model with another condition, then its weights or precision",
          e.getMessage());
    }
  }
}
