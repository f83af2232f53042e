package io.landloom.jobs.plan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
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

  @Test
  void theMeanIsAsWantedAndEachIsLikeARealMask() {
    double[] wanted = {0.4, 0.35, 0.25};
    double[][] layouts = LayoutShares.of(MASKS, wanted, 30, 1);
    double[] mean = new double[3];
    for (double[] layout : layouts) {
      assertEquals(1, Arrays.stream(layout).sum(), 1e-9);
      for (int k = 0; k < 3; k++) {
        mean[k] += layout[k] / layouts.length;
      }
    }
    assertArrayEquals(wanted, mean, 1e-3);
    long withoutB = Arrays.stream(layouts).filter(layout -> layout[1] == 0).count();
    long withoutC = Arrays.stream(layouts).filter(layout -> layout[2] == 0).count();
    assertEquals(10, withoutB, "a third of the masks lacks b");
    assertEquals(10, withoutC, "and a third lacks c");
  }
}
