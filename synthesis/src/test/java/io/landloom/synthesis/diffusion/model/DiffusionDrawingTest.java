package io.landloom.synthesis.diffusion.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.synthesis.Condition;
import io.landloom.synthesis.Pair;
import io.landloom.synthesis.diffusion.Prediction;
import io.landloom.synthesis.diffusion.mask.ClassCodes;
import io.landloom.synthesis.diffusion.mask.ProportionLoss;
import io.landloom.synthesis.diffusion.mask.TargetShares;
import io.landloom.synthesis.diffusion.model.LayoutSynthesizer.Finish;
import io.landloom.synthesis.diffusion.model.LayoutSynthesizer.Layout;
import io.landloom.synthesis.diffusion.model.LayoutSynthesizer.Request;
import io.landloom.synthesis.diffusion.training.TinyTrainings;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.TorchEngine;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.ModelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Images and masks of barely trained models: what holds whatever they have learnt. */
class DiffusionDrawingTest {
  private static final double NAN = Double.NaN;

  private static ModelBundle control;
  private static ModelBundle codes;

  @BeforeAll
  static void train() {
    control = TinyTrainings.trained(TinyTrainings.trainedBackbone(""), 8);
    codes = TinyTrainings.trained(TinyTrainings.codes(""), 8);
  }

  private static Condition condition(int item, int copy) {
    return new Condition("mask " + item, copy, 0, TinyTrainings.SET.mask(item));
  }

  private static DiffusionSynthesizer synthesizer(int batch) {
    return new DiffusionSynthesizer(control, TinyTrainings.SCHEME, Device.cpu(), batch, 7);
  }

  @Test
  void anImageDependsOnItsConditionAloneAndOnItsCopy() {
    try (DiffusionSynthesizer synthesizer = synthesizer(3)) {
      List<Pair> together =
          synthesizer.synthesize(List.of(condition(0, 0), condition(1, 0), condition(0, 1)));
      assertEquals(3, together.size());
      Pair alone = synthesizer.synthesize(List.of(condition(1, 0))).get(0);
      assertClose(together.get(1), alone);
      assertFalse(
          Arrays.equals(together.get(0).image().samples(), together.get(2).image().samples()));
      assertEquals(32, together.get(0).image().width());
      assertEquals(3, together.get(0).image().bands());
      assertEquals(control.digest(), synthesizer.modelDigest());
      assertEquals("tiny", synthesizer.name());
      assertEquals("gid5", synthesizer.scheme());
    }
  }

  /** Up to one grey level, as who shares a batch may change a pixel. */
  private static void assertClose(Pair one, Pair other) {
    byte[] samples = one.image().samples();
    for (int i = 0; i < samples.length; i++) {
      int difference = (samples[i] & 0xFF) - (other.image().samples()[i] & 0xFF);
      assertTrue(Math.abs(difference) <= 1, "sample " + i + " differs by " + difference);
    }
  }

  @Test
  void aModelOfCaptionsSaysSoAndDraws() {
    ModelBundle captioned = TinyTrainings.trained(TinyTrainings.captioned(""), 1);
    assertTrue(DenoiserSizes.of(captioned.card()).captions());
    assertFalse(DenoiserSizes.of(control.card()).captions());
    try (DiffusionSynthesizer synthesizer =
        new DiffusionSynthesizer(captioned, TinyTrainings.SCHEME, Device.cpu(), 2, 7)) {
      Pair pair = synthesizer.synthesize(List.of(condition(0, 0))).get(0);
      assertEquals(0, pair.notFinite());
    }
  }

  /** The words decide with the mask; a model that reads none draws the same under any. */
  @Test
  void whatSomebodyWroteTakesThePlaceOfTheRules() {
    ModelBundle captioned = TinyTrainings.trained(TinyTrainings.captioned(""), 8);
    try (DiffusionSynthesizer reads =
            new DiffusionSynthesizer(captioned, TinyTrainings.SCHEME, Device.cpu(), 2, 7);
        DiffusionSynthesizer readsNone = synthesizer(2)) {
      Condition plain = condition(0, 0);
      Condition written = plain.captioned("a harbour with many boats");
      List<Pair> drawn = reads.synthesize(List.of(plain, written));
      assertFalse(
          Arrays.equals(drawn.get(0).image().samples(), drawn.get(1).image().samples()),
          "the caption changes nothing");
      assertClose(drawn.get(1), reads.synthesize(List.of(written.drawn(0))).get(0));
      List<Pair> same = readsNone.synthesize(List.of(plain, written));
      assertClose(same.get(0), same.get(1));
    }
  }

  @Test
  void aRedrawnClassThatAMaskLacksChangesNothing() {
    int unknown = TinyTrainings.SCHEME.unknownIndex();
    int present = TinyTrainings.SCHEME.validClasses().get(0).index();
    byte[] uniform = new byte[32 * 32];
    Arrays.fill(uniform, (byte) present);
    var mask = new ClassMask(32, 32, uniform);
    try (DiffusionSynthesizer synthesizer = synthesizer(2)) {
      List<Pair> lacking =
          synthesizer.synthesize(
              List.of(
                  new Condition("u", 0, 0, mask, OptionalInt.of(unknown)),
                  new Condition("u", 1, 0, mask, OptionalInt.of(unknown))));
      assertClose(lacking.get(0), lacking.get(1));
      List<Pair> redrawn =
          synthesizer.synthesize(
              List.of(
                  new Condition("u", 0, 0, mask, OptionalInt.of(present)),
                  new Condition("u", 1, 0, mask, OptionalInt.of(present))));
      assertFalse(
          Arrays.equals(redrawn.get(0).image().samples(), redrawn.get(1).image().samples()));
    }
  }

  @Test
  void anotherWayToDrawIsAnotherModel() {
    ModelCard card = control.card();
    DrawForm form = DrawForm.of(card);
    assertEquals(form.text(), DrawForm.of(card).text());
    assertEquals(3, form.sampling().steps());
    assertEquals(Prediction.NOISE, form.prediction());
    DrawForm other = form.with(new DrawForm.Sampling("dpm", 4, 1, 0, 1));
    assertFalse(other.text().equals(form.text()));
    assertEquals(other, DrawForm.of(withInference(card, other.text())));
    assertEquals(
        "model 'tiny': inference is no form of drawing: ",
        assertThrows(ModelException.class, () -> DrawForm.of(withInference(card, "float32")))
            .getMessage()
            .replaceAll("drawing: .*", "drawing: "));
  }

  @Test
  void aCardOlderThanTheScaleHasNone() {
    ModelCard card = control.card();
    String older = DrawForm.of(card).text().replace("\"scale\":1.0,", "");
    assertFalse(older.contains("\"scale\""));
    assertEquals(1, DrawForm.of(withInference(card, older)).noise().scale());
    String scaled = older.replace("\"zeroTerminal\"", "\"scale\":0.25,\"zeroTerminal\"");
    assertEquals(0.25, DrawForm.of(withInference(card, scaled)).noise().scale());
  }

  private static ModelCard withInference(ModelCard card, String inference) {
    return changed(card, card.sizes(), inference);
  }

  private static ModelCard withSizes(ModelCard card, SortedMap<String, Integer> sizes) {
    return changed(card, sizes, card.inference());
  }

  private static ModelCard changed(
      ModelCard card, SortedMap<String, Integer> sizes, String inference) {
    return new ModelCard(
        card.name(),
        card.architecture(),
        card.scheme(),
        card.patchSize(),
        card.bands(),
        sizes,
        inference,
        card.training());
  }

  @Test
  void modelsOfOtherKindsAreRefused() {
    assertEquals(
        "model 'tiny': is denoiser, not latent-diffusion",
        assertThrows(
                ModelException.class,
                () -> new DiffusionSynthesizer(codes, TinyTrainings.SCHEME, Device.cpu(), 1, 1))
            .getMessage());
    assertEquals(
        "model 'tiny': draws masks, not images",
        assertThrows(
                ModelException.class,
                () ->
                    DiffusionSynthesizer.withoutMasks(
                        codes, TinyTrainings.SCHEME, Device.cpu(), 1, 1))
            .getMessage());
    assertEquals(
        "model 'tiny': is latent-diffusion, but masks are drawn by a denoiser of content = masks",
        assertThrows(ModelException.class, () -> layouts(control, Finishing.NONE).close())
            .getMessage());
  }

  private static LayoutSynthesizer layouts(ModelBundle bundle, Finishing finishing) {
    return new LayoutSynthesizer(bundle, TinyTrainings.SCHEME, Device.cpu(), finishing, 2, 7);
  }

  private static List<Request> requests() {
    int classes = TinyTrainings.SCHEME.validClasses().size();
    double[] sparse = new double[classes];
    Arrays.fill(sparse, NAN);
    sparse[1] = 0.25;
    double[] full = new double[classes];
    full[0] = 0.6;
    full[2] = 0.3;
    full[3] = 0.1;
    return List.of(
        new Request("a", TargetShares.of(full)),
        new Request("b", TargetShares.of(sparse)),
        new Request("c", TargetShares.free(classes)));
  }

  @Test
  void exactSharesAreExactAndFreeClassesFree() {
    Finishing finishing = new Finishing(2, 3, 0.01, 0.1, true, 4, true);
    try (LayoutSynthesizer synthesizer = layouts(codes, finishing)) {
      List<Layout> layouts = synthesizer.draw(requests());
      assertEquals(
          List.of(Finish.GUIDED, Finish.ACCEPTED, Finish.CLEANED, Finish.EXACT),
          new ArrayList<>(layouts.get(0).masks().keySet()));
      double[] exact = layouts.get(0).shares(Finish.EXACT);
      assertArrayEquals(new double[] {0.6, 0, 0.3, 0.1, 0}, exact, 1.0 / 1024);
      assertEquals(0.25, layouts.get(1).shares(Finish.EXACT)[1], 1.0 / 1024);
      assertEquals(1, layouts.get(2).attempts(), "nothing asked is met at once");
      assertTrue(layouts.get(2).within());
      assertEquals(1024, layouts.get(0).positions().length);
    }
  }

  @Test
  void aLayoutDependsOnItsRequestAlone() {
    try (LayoutSynthesizer synthesizer = layouts(codes, Finishing.NONE)) {
      List<Layout> all = synthesizer.draw(requests());
      Layout alone = synthesizer.draw(requests().subList(1, 2)).get(0);
      int different = 0;
      for (int i = 0; i < 1024; i++) {
        different += all.get(1).positions()[i] == alone.positions()[i] ? 0 : 1;
      }
      // rounding may tip a pixel that is as much one class as another
      assertTrue(different <= 10, different + " pixels differ");
      assertEquals(List.of(Finish.RAW), new ArrayList<>(alone.masks().keySet()));
    }
  }

  @Test
  void aSelfConditionedModelDrawsToo() {
    ModelBundle bundle = TinyTrainings.trained(TinyTrainings.selfConditioned(""), 8);
    assertTrue(DenoiserSizes.of(bundle.card()).selfConditioned());
    assertFalse(DenoiserSizes.of(codes.card()).selfConditioned());
    ModelCard card = bundle.card();
    TreeMap<String, Integer> odd = new TreeMap<>(card.sizes());
    odd.merge("denoiser.inChannels", -1, Integer::sum);
    assertEquals(
        "a U-Net of 5 channels in and 3 out neither denoises nor is self-conditioned",
        assertThrows(RuntimeException.class, () -> DenoiserSizes.of(withSizes(card, odd)))
            .getMessage()
            .replaceAll(".*: ", ""));
    for (double guidance : new double[] {0, 2}) {
      Finishing finishing = new Finishing(guidance, 1, 1, 0, false, 1, false);
      try (LayoutSynthesizer synthesizer = layouts(bundle, finishing)) {
        byte[] first = synthesizer.draw(requests()).get(0).positions();
        byte[] again = synthesizer.draw(requests()).get(0).positions();
        assertArrayEquals(first, again, "an estimate of one batch is none of the next");
      }
    }
  }

  @Test
  void guidanceBringsSharesNearer() {
    ClassCodes five = new ClassCodes(5);
    double[] asked = {0.1, NAN, 0.8, NAN, NAN};
    try (NDManager manager = TorchEngine.newManager(Device.cpu())) {
      NDArray coded = manager.zeros(new Shape(1, 3, 4, 4));
      NDArray moved = new SharesGuidance(five, 3).moved(coded, List.of(TargetShares.of(asked)));
      double[] before = shares(coded, five);
      double[] after = shares(moved, five);
      assertTrue(Math.abs(after[2] - 0.8) < Math.abs(before[2] - 0.8), after[2] + "");
      assertTrue(Math.abs(after[0] - 0.1) < Math.abs(before[0] - 0.1), after[0] + "");
      NDArray free = new SharesGuidance(five, 3).moved(coded, List.of(TargetShares.free(5)));
      assertArrayEquals(coded.toFloatArray(), free.toFloatArray(), 1e-6f);
    }
  }

  private static double[] shares(NDArray coded, ClassCodes codes) {
    NDArray soft = new ProportionLoss(codes, 0).softClasses(coded);
    float[] mean = Operators.channelMeans(soft).toFloatArray();
    double[] shares = new double[mean.length];
    for (int k = 0; k < shares.length; k++) {
      shares[k] = mean[k];
    }
    return shares;
  }

  @Test
  void adaptedModelsAndPromptsDrawToo() {
    ModelBundle adapted = TinyTrainings.trained(TinyTrainings.adapters(""));
    try (LayoutSynthesizer synthesizer = layouts(adapted, Finishing.NONE)) {
      assertEquals(3, synthesizer.draw(requests()).size());
    }
    assertEquals(
        "model 'tiny' denoises latents; guidance by shares needs space = codes",
        assertThrows(
                IllegalArgumentException.class,
                () -> layouts(adapted, new Finishing(1, 1, 1, 0, false, 1, false)).close())
            .getMessage());
  }
}
