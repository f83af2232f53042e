package io.landloom.jobs.plan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LayoutSharesTest {
  private static final List<double[]> MASKS =
      List.of(new double[] {0.9, 0.1, 0}, new double[] {0.5, 0.3, 0.2}, new double[] {0.7, 0, 0.3});

  private static Goal goal(double... shares) {
    return new Goal("goal", List.of("a", "b", "c"), shares, new long[3]);
  }

  /** 100 pixels of 80, 15 and 5; with 100 more, 40 % of b needs 65 of them. */
  @Test
  void layoutsBringWhatIsMissing() {
    Tally real = new Tally(new long[] {80, 15, 5}, new long[] {1, 1, 1}, 1);
    double[] wanted = LayoutShares.wanted(goal(0.5, 0.4, 0.1), real, 100);
    assertArrayEquals(new double[] {0.2, 0.65, 0.15}, wanted, 1e-12);
    // of a there is too much already: it is asked for nowhere
    double[] less = LayoutShares.wanted(goal(0.2, 0.4, 0.4), real, 100);
    assertArrayEquals(new double[] {0, 65 / 140.0, 75 / 140.0}, less, 1e-12);
    // a and c keep their parts, 16 to 1, of what b leaves
    double[] free = LayoutShares.wanted(goal(Double.NaN, 0.4, Double.NaN), real, 100);
    assertArrayEquals(
        new double[] {120 * 80 / 85.0 - 80, 65, 120 * 5 / 85.0 - 5}, times(free, 100), 1e-9);
  }

  private static double[] times(double[] shares, double factor) {
    return Arrays.stream(shares).map(share -> share * factor).toArray();
  }

  private static LayoutShares of(List<double[]> masks, double[] wanted, int count, long seed) {
    return LayoutShares.of(masks, wanted, new long[wanted.length], count, seed);
  }

  private static double[] mean(LayoutShares layouts, int classes) {
    double[] mean = new double[classes];
    for (int i = 0; i < layouts.size(); i++) {
      assertEquals(1, Arrays.stream(layouts.of(i)).sum(), 1e-9);
      for (int k = 0; k < classes; k++) {
        mean[k] += layouts.of(i)[k] / layouts.size();
      }
    }
    return mean;
  }

  private static long showing(LayoutShares layouts, int position) {
    return IntStream.range(0, layouts.size()).filter(i -> layouts.of(i)[position] > 0).count();
  }

  @Test
  void theMeanIsAsWantedAndEachIsLikeARealMask() {
    double[] wanted = {0.4, 0.35, 0.25};
    LayoutShares layouts = of(MASKS, wanted, 30, 1);
    assertArrayEquals(wanted, mean(layouts, 3), 1e-3);
    for (int i = 0; i < layouts.size(); i++) {
      double[] layout = layouts.of(i);
      assertTrue(
          MASKS.stream().anyMatch(mask -> sameClasses(mask, layout)), Arrays.toString(layout));
    }
    assertTrue(showing(layouts, 1) >= 11 && showing(layouts, 2) >= 8, "more than would do if full");
  }

  private static boolean sameClasses(double[] one, double[] other) {
    return IntStream.range(0, one.length).allMatch(k -> one[k] > 0 == other[k] > 0);
  }

  @Test
  void theTallyIsOfWhatIsAskedFor() {
    LayoutShares layouts = of(MASKS, new double[] {0.4, 0.35, 0.25}, 30, 1);
    Tally tally = layouts.tally(3, 1000, 2);
    assertEquals(60, tally.count());
    double[] mean = mean(layouts, 3);
    for (int k = 0; k < 3; k++) {
      assertEquals(mean[k] * 60_000, tally.pixels()[k], 1);
      assertEquals(2 * showing(layouts, k), tally.patches()[k]);
    }
    assertEquals(0, LayoutShares.none().tally(3, 1000, 2).count());
  }

  /** The other classes are as wanted among themselves all the same. */
  @Test
  void aClassThatNoMaskShowsIsAskedOfNoLayout() {
    List<double[]> masks =
        List.of(new double[] {0.9, 0.1, 0}, new double[] {0.5, 0.5, 0}, new double[] {0.7, 0.3, 0});
    double[] mean = mean(of(masks, new double[] {0.4, 0.55, 0.05}, 30, 1), 3);
    assertArrayEquals(new double[] {0.4 / 0.95, 0.55 / 0.95, 0}, mean, 1e-3);
  }

  @Test
  void aClassOfOneMaskInAThousandReachesItsShare() {
    List<double[]> masks = new ArrayList<>();
    for (int i = 0; i < 999; i++) {
      masks.add(new double[] {0.8, 0.2, 0});
    }
    masks.add(new double[] {0.6, 0.3, 0.1});
    double[] wanted = {0.5, 0.3, 0.2};
    for (int count : new int[] {20, 64, 5000}) {
      LayoutShares layouts = of(masks, wanted, count, 3);
      assertArrayEquals(wanted, mean(layouts, 3), 0.005, count + " layouts");
      assertTrue(showing(layouts, 2) >= 0.3 * count, count + " layouts");
    }
  }

  @Test
  void aRareClassIsFreedFromMasksThatAreAlmostAllOfAnother() {
    List<double[]> masks = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      masks.add(i < 90 ? new double[] {1, 0} : new double[] {0.95, 0.05});
    }
    for (double[] wanted : List.of(new double[] {0, 1}, new double[] {0.2, 0.8})) {
      assertArrayEquals(wanted, mean(of(masks, wanted, 100, 1), 2), 0.01);
    }
  }

  @Test
  void noRareClassIsLeftWithoutPlaceByOthers() {
    List<double[]> masks = new ArrayList<>();
    double[] wanted = new double[11];
    for (int i = 0; i < 200; i++) {
      double[] mask = new double[11];
      mask[0] = 0.95;
      mask[1 + i % 10] = 0.05;
      masks.add(mask);
    }
    Arrays.fill(wanted, 1, 11, 0.1);
    assertArrayEquals(wanted, mean(of(masks, wanted, 100, 1), 11), 0.01);
  }

  @Test
  void asManyLayoutsShowAClassAsPatchesAreMissing() {
    List<double[]> masks = new ArrayList<>();
    for (int i = 0; i < 120; i++) {
      masks.add(i < 5 ? new double[] {0.9, 0.1} : new double[] {1, 0});
    }
    double[] asMasks = {0.996, 0.004};
    LayoutShares layouts = LayoutShares.of(masks, asMasks, new long[] {0, 15}, 40, 1);
    assertTrue(showing(layouts, 1) >= 15, showing(layouts, 1) + " show it");
  }

  /** As in a small dataset of large fields: a mask of one class alone cannot have another share. */
  @Test
  void masksOfOneClassEachKeepTheirShares() {
    List<double[]> masks = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      masks.add(i < 8 ? new double[] {1, 0, 0} : new double[] {0, i < 14 ? 1 : 0, i < 14 ? 0 : 1});
    }
    double[] wanted = {0.5, 0.375, 0.125};
    double[] mean = mean(of(masks, wanted, 8, 1), 3);
    assertArrayEquals(wanted, mean, 1e-9);
  }

  @Test
  void anUnwantedClassIsLeftToMasksOfNothingElse() {
    List<double[]> masks = List.of(new double[] {1, 0}, new double[] {0.5, 0.5});
    LayoutShares layouts = of(masks, new double[] {0, 1}, 10, 1);
    assertEquals(10, showing(layouts, 1), "so many show what is wanted");
    assertArrayEquals(new double[] {0, 1}, mean(layouts, 2), 1e-9);
  }
}
