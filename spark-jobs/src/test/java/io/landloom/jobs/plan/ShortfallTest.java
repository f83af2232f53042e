package io.landloom.jobs.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.jobs.run.JobException;
import java.util.ArrayList;
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
    assertEquals(0, split.layouts().size());
    assertEquals(64, split.masks().pairs());
  }

  @Test
  void layoutsStandInWhereMasksRunOut() {
    Shortfall.Split split = split(0.1, Tally.none(2), 100, 40);
    assertTrue(split.met());
    assertEquals(60, split.layouts().size());
    assertEquals(40, split.masks().pairs());
  }

  /** Of 64 pairs, 21 layouts of the second class alone would do; 24 is the next sixteenth. */
  @Test
  void asFewLayoutsAsMeetTheGoalAreAskedFor() {
    Shortfall.Split split = split(0.4, Tally.none(2), 64, 1000);
    assertTrue(split.met(), "24 are enough");
    assertEquals(24, split.layouts().size());
    assertEquals(40, split.masks().pairs());
    double sum = 0;
    for (int i = 0; i < 24; i++) {
      sum += split.layouts().of(i)[1];
    }
    assertEquals(0.4, (sum + 4) / 64, EPS);
  }

  @Test
  void whatNoLayoutsMeetIsCameNearestTo() {
    Tally there = new Tally(new long[] {100 * PIXELS, 0}, new long[] {100, 0}, 100);
    Shortfall.Split split = split(0.5, there, 10, 1000);
    assertFalse(split.met());
    assertEquals(10, split.layouts().size(), "layouts come nearer than masks");
    assertEquals(0, split.masks().pairs());
    assertEquals(10 * PIXELS, split.mixed().pixels()[1], "all of them are full of it");
  }

  /** Masks of the second kind alone bring the patches, layouts alone the shares. */
  @Test
  void aMixThatMeetsWhatNeitherMeetsIsFound() {
    Goal goal = new Goal("b", List.of("a", "b"), new double[] {0.6, 0.4}, new long[] {0, 60});
    List<double[]> half =
        List.of(new double[] {1, 0}, new double[] {1, 0}, new double[] {0.1, 0.9});
    Shortfall.Split split =
        new Shortfall(goal, Tally.none(2), PIXELS, EPS, ShortfallTest::masks, half, 1).of(64, 1000);
    assertTrue(split.met(), goal.missingPatches(split.mixed()) + " missing");
    assertTrue(split.layouts().size() > 0 && split.masks().pairs() > 0);
    assertTrue(goal.missingPatches(split.mixed()) == 0);
  }

  @Test
  void noDivisionIsPlannedTwice() {
    List<Long> planned = new ArrayList<>();
    Tally there = new Tally(new long[] {1_000_000 * PIXELS, 0}, new long[] {1, 0}, 1_000_000);
    Goal goal = new Goal("b", List.of("a", "b"), new double[] {0.5, 0.5}, new long[] {0, 0});
    new Shortfall(
            goal,
            there,
            PIXELS,
            EPS,
            pairs -> {
              planned.add(pairs);
              return masks(pairs);
            },
            REAL,
            1)
        .of(3, 1000);
    assertEquals(List.of(3L, 2L, 1L), planned);
  }

  /** A few more layouts that gain next to nothing are not worth real masks. */
  @Test
  void masksStayWhereLayoutsGainNothing() {
    Tally there = new Tally(new long[] {1_000_000 * PIXELS, 0}, new long[] {1, 0}, 1_000_000);
    Shortfall.Split split = split(0.5, there, 10, 1000);
    assertFalse(split.met());
    assertEquals(0, split.layouts().size());
    assertEquals(10, split.masks().pairs());
  }

  @Test
  void aPlanHasNoMoreThanAMillionLayouts() {
    Shortfall.Split split = split(0.1, Tally.none(2), 1_500_000, 500_000);
    assertEquals(1_000_000, split.layouts().size());
    JobException refused =
        assertThrows(JobException.class, () -> split(0.1, Tally.none(2), 5_000_000_000L, 500_000));
    assertEquals(
        "plan.layouts = auto: masks make 500000 of 5000000000 pairs, and a plan has at most 1000000"
            + " layouts; plan for fewer pairs, or with a larger plan.maxReuse",
        refused.getMessage());
  }
}
