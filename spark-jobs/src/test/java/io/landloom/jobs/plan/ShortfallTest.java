package io.landloom.jobs.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class ShortfallTest {
  private static final long PIXELS = 1000;
  private static final double EPS = 0.01;
  private static final List<double[]> REAL =
      List.of(new double[] {0.9, 0.1}, new double[] {0.7, 0.3});

  /** Masks that all have a tenth of the second class. */
  private static Decision masks(long pairs) {
    Tally planned =
        new Tally(new long[] {900 * pairs, 100 * pairs}, new long[] {pairs, pairs}, pairs);
    return new Decision(pairs, null, List.of(), planned, Double.NaN);
  }

  private static Shortfall.Split split(double wanted, Tally there, long pairs, long most) {
    Goal goal =
        new Goal("b", List.of("a", "b"), new double[] {1 - wanted, wanted}, new long[] {0, 0});
    return new Shortfall(goal, there, PIXELS, EPS, ShortfallTest::masks, REAL, 1).of(pairs, most);
  }

  @Test
  void masksThatMeetTheGoalNeedNoLayouts() {
    Shortfall.Split split = split(0.105, Tally.none(2), 64, 1000);
    assertTrue(split.met());
    assertEquals(0, split.layouts().length);
    assertEquals(64, split.masks().pairs());
  }

  @Test
  void layoutsStandInWhereMasksRunOut() {
    Shortfall.Split split = split(0.1, Tally.none(2), 100, 40);
    assertTrue(split.met());
    assertEquals(60, split.layouts().length);
    assertEquals(40, split.masks().pairs());
  }

  /** Of 64 pairs, 21 layouts of the second class alone would do; 24 is the next sixteenth. */
  @Test
  void asFewLayoutsAsMeetTheGoalAreAskedFor() {
    Shortfall.Split split = split(0.4, Tally.none(2), 64, 1000);
    assertTrue(split.met(), split.miss() + " missed");
    assertEquals(24, split.layouts().length);
    assertEquals(40, split.masks().pairs());
    double sum = 0;
    for (double[] layout : split.layouts()) {
      assertEquals(1, layout[0] + layout[1], 1e-9);
      sum += layout[1];
    }
    assertEquals(0.4, (sum + 4) / 64, EPS);
  }

  @Test
  void whatNoLayoutsMeetIsCameNearestTo() {
    Tally there = new Tally(new long[] {100 * PIXELS, 0}, new long[] {100, 0}, 100);
    Shortfall.Split split = split(0.5, there, 10, 1000);
    assertFalse(split.met());
    assertEquals(10, split.layouts().length, "layouts come nearer than masks");
    assertEquals(0, split.masks().pairs());
    assertTrue(split.miss() > 0.4 && split.miss() < 0.42, split.miss() + " missed");
  }

  @Test
  void layoutsCountAsTheyAreAskedFor() {
    double[][] shares = {{0.25, 0.75}, {1, 0}};
    Tally tally = Tally.ofShares(shares, 2, PIXELS, 3);
    assertEquals(6, tally.count());
    assertEquals(3750, tally.pixels()[0]);
    assertEquals(2250, tally.pixels()[1]);
    assertEquals(6, tally.patches()[0]);
    assertEquals(3, tally.patches()[1]);
  }
}
