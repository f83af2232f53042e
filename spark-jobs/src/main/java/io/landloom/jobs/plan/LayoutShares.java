package io.landloom.jobs.plan;

import io.landloom.synthesis.SeededStream;
import java.util.Arrays;
import java.util.List;

/**
 * Shares to ask of drawn layouts: each is like a real mask's, and their mean is what brings a
 * dataset to its goal.
 */
public final class LayoutShares {
  private static final int ROUNDS = 200;
  private static final double LEAST = 1e-9;
  private static final double NO_CLASS = 1e-4;

  private LayoutShares() {}

  /**
   * Mean shares that layouts must have so that all pixels together meet a goal, or come as near as
   * layouts can bring them.
   *
   * @param goal wanted shares; classes without one keep their parts of the rest
   * @param there pixels that are there already
   * @param pixels of all layouts
   */
  public static double[] wanted(Goal goal, Tally there, long pixels) {
    double[] real = there.shares();
    double known = 0;
    double free = 0;
    for (int k = 0; k < real.length; k++) {
      known += goal.wants(k) ? goal.shares()[k] : 0;
      free += goal.wants(k) ? 0 : real[k];
    }
    double[] wanted = new double[real.length];
    double sum = 0;
    for (int k = 0; k < wanted.length; k++) {
      double share = goal.wants(k) ? goal.shares()[k] : free > 0 ? real[k] / free * (1 - known) : 0;
      wanted[k] = Math.max(0, share * (there.valid() + (double) pixels) - there.pixels()[k]);
      sum += wanted[k];
    }
    for (int k = 0; k < wanted.length; k++) {
      wanted[k] = sum > 0 ? wanted[k] / sum : real[k];
    }
    return wanted;
  }

  /**
   * Shares of layouts: real masks', drawn in a random order again and again, each class times one
   * factor that all layouts share, so that their mean is as wanted (iterative proportional fitting,
   * Deming and Stephan, 1940).
   *
   * @param masks shares of real masks, each with the sum 1
   * @param wanted mean shares
   * @param count number of layouts
   * @return shares of each layout; a class of less than a ten-thousandth is left out
   */
  public static double[][] of(List<double[]> masks, double[] wanted, int count, long seed) {
    int[] order = SeededStream.of(List.of("layouts"), seed).permutation(masks.size());
    double[] factors = new double[wanted.length];
    Arrays.fill(factors, 1);
    double[][] layouts = new double[count][];
    for (int round = 0; round < ROUNDS; round++) {
      double[] mean = new double[wanted.length];
      for (int i = 0; i < count; i++) {
        layouts[i] = tilted(masks.get(order[i % order.length]), factors);
        for (int k = 0; k < mean.length; k++) {
          mean[k] += layouts[i][k] / count;
        }
      }
      for (int k = 0; k < factors.length; k++) {
        factors[k] *= Math.max(LEAST, wanted[k]) / Math.max(LEAST, mean[k]);
      }
    }
    for (int i = 0; i < count; i++) {
      layouts[i] = withoutTraces(layouts[i]);
    }
    return layouts;
  }

  private static double[] tilted(double[] mask, double[] factors) {
    double[] shares = new double[mask.length];
    double sum = 0;
    for (int k = 0; k < shares.length; k++) {
      shares[k] = mask[k] * factors[k];
      sum += shares[k];
    }
    for (int k = 0; k < shares.length; k++) {
      // a mask whose classes are all unwanted stays as it is
      shares[k] = sum > LEAST * LEAST ? shares[k] / sum : mask[k];
    }
    return shares;
  }

  private static double[] withoutTraces(double[] shares) {
    double sum = 0;
    double[] kept = new double[shares.length];
    for (int k = 0; k < kept.length; k++) {
      kept[k] = shares[k] < NO_CLASS ? 0 : shares[k];
      sum += kept[k];
    }
    for (int k = 0; k < kept.length; k++) {
      kept[k] /= sum;
    }
    return kept;
  }
}
