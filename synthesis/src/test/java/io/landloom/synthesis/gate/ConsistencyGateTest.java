package io.landloom.synthesis.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import com.typesafe.config.ConfigFactory;
import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.Condition;
import io.landloom.synthesis.Pair;
import io.landloom.synthesis.segment.Segmenter;
import io.landloom.synthesis.segment.SegmenterSettings;
import io.landloom.synthesis.segment.SegmenterTrainer;
import io.landloom.synthesis.training.Checkerboards;
import io.landloom.synthesis.training.ClassPositions;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelException;
import io.landloom.synthesis.weights.Precision;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ConsistencyGateTest {
  private static final LandCoverScheme SCHEME = LandCoverScheme.named("gid5");
  private static final Checkerboards SET = new Checkerboards(SCHEME, 5, 32);

  private static ModelBundle bundle;

  @BeforeAll
  static void train() {
    String keys = "width=8,batch=4,patchSize=32,steps=80,decayFrom=0.5,learningRate=0.01";
    try (SegmenterTrainer trainer =
        new SegmenterTrainer(
            SegmenterSettings.of(ConfigFactory.parseString(keys)), SCHEME, SET, Device.cpu())) {
      while (trainer.steps() < 80) {
        trainer.step();
      }
      bundle = trainer.bundle("seg", "checkerboards", "CC0-1.0", Precision.F32);
    }
  }

  private static ConsistencyGate gate(Map<String, Double> thresholds) {
    return new ConsistencyGate(
        Segmenter.load(bundle, SCHEME, Device.cpu()),
        bundle.card().withMetrics(thresholds),
        SCHEME);
  }

  private static Pair pair(ClassMask mask, Raster image) {
    return new Pair(new Condition("k", 0, 0, mask), image, 0);
  }

  /** Accuracy and mean IoU of an image, counted pixel by pixel. */
  private static double[] counted(ClassMask mask, byte[] predicted) {
    byte[] truth = new ClassPositions(SCHEME).of(mask, 32, "mask");
    double right = 0;
    double valid = 0;
    for (int i = 0; i < truth.length; i++) {
      valid += truth[i] < 5 ? 1 : 0;
      right += truth[i] == predicted[i] ? 1 : 0;
    }
    double sum = 0;
    int classes = 0;
    for (int k = 0; k < 5; k++) {
      double both = 0;
      double either = 0;
      boolean inMask = false;
      for (int i = 0; i < truth.length; i++) {
        boolean is = truth[i] == k;
        boolean found = predicted[i] == k && truth[i] < 5;
        both += is && found ? 1 : 0;
        either += is || found ? 1 : 0;
        inMask |= is;
      }
      if (inMask) {
        sum += both / either;
        classes++;
      }
    }
    return new double[] {right / valid, sum / classes};
  }

  @Test
  void acceptsTheMasksOwnImageAndRejectsAnothers() {
    try (ConsistencyGate gate = gate(Map.of("p5 acc over all", 0.6, "p5 mIoU over all", 0.4));
        Segmenter net = Segmenter.load(bundle, SCHEME, Device.cpu())) {
      ClassMask mask = SET.mask(0);
      // all pixels of another class than most of the mask's
      Raster other = Raster.ofBytes(32, 32, 3, new byte[32 * 32 * 3]);
      List<List<GateDecision>> decisions =
          gate.judge(List.of(pair(mask, SET.image(0)), pair(mask, other)));
      List<byte[]> predicted = net.predict(List.of(SET.image(0), other));
      for (int i = 0; i < 2; i++) {
        double[] expected = counted(mask, predicted.get(i));
        GateDecision accuracy = decisions.get(i).get(0);
        GateDecision iou = decisions.get(i).get(1);
        assertEquals("acc", accuracy.measure());
        assertEquals(expected[0], accuracy.value(), 1e-12);
        assertEquals(0.6, accuracy.threshold());
        assertEquals(expected[0] >= 0.6, accuracy.accepted());
        assertEquals("mIoU", iou.measure());
        assertEquals(expected[1], iou.value(), 1e-12);
        assertEquals(0.4, iou.threshold());
        assertEquals(expected[1] >= 0.4, iou.accepted());
      }
      assertTrue(decisions.get(0).stream().allMatch(GateDecision::accepted), "" + decisions);
      assertFalse(decisions.get(1).stream().anyMatch(GateDecision::accepted), "" + decisions);
    }
  }

  @Test
  void takesTheThresholdsOfTheDominantClass() {
    Map<String, Double> thresholds =
        new TreeMap<>(Map.of("p5 acc over all", 0.6, "p5 mIoU over all", 0.4));
    thresholds.put("p5 acc forest", 0.7);
    thresholds.put("p5 mIoU forest", 0.5);
    byte[] indices = new byte[32 * 32];
    Arrays.fill(indices, 0, 400, (byte) 3);
    Arrays.fill(indices, 400, 700, (byte) 5);
    // the other 324 are unknown
    byte[] water = indices.clone();
    Arrays.fill(water, 400, 801, (byte) 5);
    try (ConsistencyGate gate = gate(thresholds)) {
      List<List<GateDecision>> decisions =
          gate.judge(
              List.of(
                  pair(new ClassMask(32, 32, indices), SET.image(0)),
                  pair(new ClassMask(32, 32, water), SET.image(0)),
                  pair(new ClassMask(32, 32, new byte[32 * 32]), SET.image(0))));
      assertEquals(0.7, decisions.get(0).get(0).threshold());
      assertEquals(0.5, decisions.get(0).get(1).threshold());
      assertEquals(0.6, decisions.get(1).get(0).threshold(), "401 of water against 400 of forest");
      assertEquals(List.of(), decisions.get(2), "nothing to find");
    }
  }

  @Test
  void refusesCardsWithoutThresholdsAndOtherModels() {
    ModelException bare =
        assertThrows(
            ModelException.class, () -> ConsistencyGate.requireThresholds(bundle.card(), SCHEME));
    assertEquals(
        "model 'seg': has no thresholds for the consistency gate; train it on a dataset with"
            + " validation patches",
        bare.getMessage());
    ModelException scheme =
        assertThrows(
            ModelException.class,
            () -> ConsistencyGate.requireThresholds(bundle.card(), LandCoverScheme.named("gid15")));
    assertTrue(scheme.getMessage().startsWith("model 'seg': draws scheme gid5"));
  }

  /** The expected values are those of numpy.percentile(values, 5). */
  @Test
  void thresholdsArePercentilesOfRealPatches() {
    ConsistencyCalibration calibration = new ConsistencyCalibration(SCHEME);
    // 41 patches of class 1 of which (37 i mod 41) of 41 pixels are found
    for (int i = 0; i < 41; i++) {
      calibration.add(filled(1, 41, 41), filled(1, i * 37 % 41, 41));
    }
    Map<String, Double> metrics = calibration.metrics();
    assertEquals(0.04878048780487805, metrics.get("p5 acc " + name(1)), 1e-12);
    // where one class is true and all else that is found is another, IoU is accuracy
    assertEquals(0.04878048780487805, metrics.get("p5 mIoU " + name(1)), 1e-12);
    assertEquals(metrics.get("p5 acc " + name(1)), metrics.get("p5 acc over all"));
    assertEquals(
        Set.of("p5 acc over all", "p5 mIoU over all", "p5 acc " + name(1), "p5 mIoU " + name(1)),
        metrics.keySet());
  }

  @Test
  void aClassThatFewPatchesShowHasNoThresholdOfItsOwn() {
    ConsistencyCalibration calibration = new ConsistencyCalibration(SCHEME);
    for (int i = 0; i < 19; i++) {
      calibration.add(filled(2, 41, 41), filled(2, i * 37 % 41, 41));
    }
    assertEquals(Set.of("p5 acc over all", "p5 mIoU over all"), calibration.metrics().keySet());
    // unknown alone counts for nothing
    calibration.add(filled(5, 41, 41), filled(2, 41, 41));
    assertEquals(Set.of("p5 acc over all", "p5 mIoU over all"), calibration.metrics().keySet());
    calibration.add(filled(2, 41, 41), filled(2, 19 * 37 % 41, 41));
    assertEquals(0.023170731707317076, calibration.metrics().get("p5 acc " + name(2)), 1e-12);
    assertEquals(Map.of(), new ConsistencyCalibration(SCHEME).metrics());
  }

  /** So many pixels of a class, the rest of class 0. */
  private static byte[] filled(int position, int count, int pixels) {
    byte[] positions = new byte[pixels];
    Arrays.fill(positions, 0, count, (byte) position);
    return positions;
  }

  private static String name(int position) {
    return SCHEME.validClasses().get(position).name();
  }
}
