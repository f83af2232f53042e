package io.landloom.synthesis.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.synthesis.Condition;
import io.landloom.synthesis.Pair;
import java.util.List;
import org.junit.jupiter.api.Test;

class TechnicalGateTest {
  private static final TechnicalGate GATE = new TechnicalGate(2, 0.2);

  /** A picture of five pixels with two bands. */
  private static Pair pair(int notFinite, int... samples) {
    byte[] bytes = new byte[10];
    for (int i = 0; i < samples.length; i++) {
      bytes[i] = (byte) samples[i];
    }
    ClassMask mask = new ClassMask(5, 1, new byte[5]);
    return new Pair(new Condition("k", 0, 0, mask), Raster.ofBytes(5, 1, 2, bytes), notFinite);
  }

  private static List<GateDecision> judge(Pair pair) {
    return GATE.judge(List.of(pair)).get(0);
  }

  @Test
  void acceptsAnImageAtTheLimits() {
    // the second band differs by 2, and 2 of 10 samples are at an end
    assertEquals(
        List.of(
            new GateDecision("technical", "not_finite", 0, 0, true),
            new GateDecision("technical", "range", 2, 2, true),
            new GateDecision("technical", "saturated", 0.2, 0.2, true)),
        judge(pair(0, 255, 100, 255, 102, 254, 101, 254, 100, 254, 100)));
  }

  @Test
  void rejectsWithoutContrastInAnyBand() {
    // bands of 10 and 200 are no contrast
    List<GateDecision> decisions = judge(pair(0, 10, 200, 11, 200, 10, 199, 10, 200, 10, 200));
    assertEquals(new GateDecision("technical", "range", 1, 2, false), decisions.get(1));
    assertEquals(0, decisions.get(2).value());
  }

  @Test
  void rejectsWhatIsMostlyBlackOrWhite() {
    List<GateDecision> decisions = judge(pair(0, 255, 100, 0, 102, 255, 101, 250, 100, 1, 100));
    assertEquals(new GateDecision("technical", "range", 255, 2, true), decisions.get(1));
    assertEquals(new GateDecision("technical", "saturated", 0.3, 0.2, false), decisions.get(2));
  }

  @Test
  void saysNothingElseOfAnImageThatIsNotFinite() {
    assertEquals(
        List.of(new GateDecision("technical", "not_finite", 3, 0, false)),
        judge(pair(3, 255, 100, 0, 102, 255, 101, 250, 100, 1, 100)));
  }

  @Test
  void refusesLimitsThatNoImageHas() {
    IllegalArgumentException range =
        assertThrows(IllegalArgumentException.class, () -> new TechnicalGate(256, 0.2));
    assertEquals("least range 256, outside 0..255", range.getMessage());
    IllegalArgumentException share =
        assertThrows(IllegalArgumentException.class, () -> new TechnicalGate(2, 1.5));
    assertEquals("most saturated 1.5, outside 0..1", share.getMessage());
    IllegalArgumentException number =
        assertThrows(
            IllegalArgumentException.class,
            () -> new GateDecision("technical", "range", Double.NaN, 2, true));
    assertEquals("technical range: value NaN, threshold 2.0", number.getMessage());
  }
}
