package io.landloom.jobs.plan;

import io.landloom.synthesis.SeededStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * Shares to ask of drawn layouts: each is like a real mask's, and their mean is what brings a
 * dataset to its goal.
 *
 * <p>They are real masks' shares, each class times one factor that all layouts have in common,
 * fitted so that the mean is as wanted (iterative proportional fitting, Deming and Stephan, 1940).
 * A rare class is in few masks, whose layouts can be no more than full of it: such masks are taken
 * more often, until all of them full of it would do for every class, and then, while there is
 * place, until half of each would.
 */
public final class LayoutShares {
  private static final int ROUNDS = 200;
  private static final double LEAST = 1e-9;
  private static final double NO_CLASS = 1e-3;

  /** Shares from a quarter on are thought to fill a layout if need be. */
  private static final double MUCH = 4;

  /** Of a mask with more than this of a class, a layout is thought to have no less. */
  private static final double FULL = 0.9;

  /** Farthest that a factor goes from the mean one: of a class that cannot be had, or must not. */
  private static final double FARTHEST = 1e6;

  private final List<double[]> masks;
  private final int[] chosen;
  private final double[] factors;

  private LayoutShares(List<double[]> masks, int[] chosen, double[] factors) {
    this.masks = masks;
    this.chosen = chosen;
    this.factors = factors;
  }

  /** No layouts. */
  static LayoutShares none() {
    return new LayoutShares(List.of(), new int[0], new double[0]);
  }

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
   * Layouts after real masks.
   *
   * @param masks shares of real masks, each with the sum 1
   * @param wanted mean shares; a class that no mask shows is asked of no layout
   * @param missing how many layouts at least should show each class
   * @param count number of layouts
   * @param seed of which masks they are like, and of their order
   */
  public static LayoutShares of(
      List<double[]> masks, double[] wanted, long[] missing, int count, long seed) {
    int[] chosen = chosen(masks, wanted, missing, count, seed);
    int[] times = new int[masks.size()];
    for (int mask : chosen) {
      times[mask]++;
    }
    double[] factors = new double[wanted.length];
    Arrays.fill(factors, 1);
    for (int round = 0; round < ROUNDS; round++) {
      double[] mean = new double[wanted.length];
      for (int i = 0; i < times.length; i++) {
        if (times[i] > 0) {
          double[] tilted = tilted(masks.get(i), factors);
          for (int k = 0; k < mean.length; k++) {
            mean[k] += tilted[k] * times[i] / count;
          }
        }
      }
      adapt(factors, wanted, mean);
    }
    return new LayoutShares(masks, chosen, factors);
  }

  private static int[] chosen(
      List<double[]> masks, double[] wanted, long[] missing, int count, long seed) {
    SeededStream random = SeededStream.of(List.of("layouts"), seed);
    int[] order = random.permutation(masks.size());
    Choice choice = new Choice(masks, wanted, count);
    List<Integer> classes = byRarity(masks);
    for (int k : classes) {
      double least = Math.max(choice.wanted[k] - 0.5, missing[k]);
      choice.takeUntil(showing(order, masks, k), () -> choice.shown[k] >= least);
    }
    for (int k : classes) {
      choice.takeUntil(showing(order, masks, k), () -> choice.room[k] >= choice.wanted[k] - 0.5);
    }
    choice.fill(order);
    int[] places = random.permutation(count);
    return IntStream.range(0, count).map(i -> choice.chosen[places[i]]).toArray();
  }

  private static int[] showing(int[] order, List<double[]> masks, int position) {
    return Arrays.stream(order).filter(mask -> masks.get(mask)[position] >= NO_CLASS).toArray();
  }

  /** Which masks layouts are like, as they are being chosen. */
  private static final class Choice {
    private final List<double[]> masks;
    private final double[] wanted; // of all layouts
    private final int[] chosen;
    private final long[] shown;
    private final double[] room;
    private final int[] firm;
    private int size;

    Choice(List<double[]> masks, double[] wanted, int count) {
      this.masks = masks;
      this.wanted = Arrays.stream(wanted).map(share -> share * count).toArray();
      this.chosen = new int[count];
      this.shown = new long[wanted.length];
      this.room = new double[wanted.length];
      this.firm = new int[wanted.length];
    }

    /** Takes masks, again and again, until they are enough, none fits or all are chosen. */
    void takeUntil(int[] from, BooleanSupplier enough) {
      boolean took = true;
      while (took) {
        took = false;
        for (int mask : from) {
          if (size == chosen.length || enough.getAsBoolean()) {
            return;
          }
          took |= takeIfFits(mask);
        }
      }
    }

    /** Takes masks as they come, those that do not fit only where no other does. */
    void fill(int[] order) {
      for (int next = 0; size < chosen.length; next++) {
        boolean took = false;
        for (int mask : order) {
          took |= size < chosen.length && takeIfFits(mask);
        }
        if (!took) {
          take(order[next % order.length]);
        }
      }
    }

    /** Unless it is of one class alone, of which there would be too much. */
    private boolean takeIfFits(int mask) {
      double[] shares = masks.get(mask);
      for (int k = 0; k < shares.length; k++) {
        if (isFirm(shares, k) && firm[k] + 1 > wanted[k] + 0.5) {
          return false;
        }
      }
      take(mask);
      return true;
    }

    private void take(int mask) {
      chosen[size++] = mask;
      double[] shares = masks.get(mask);
      for (int k = 0; k < shares.length; k++) {
        shown[k] += shares[k] >= NO_CLASS ? 1 : 0;
        room[k] += room(shares[k]);
        firm[k] += isFirm(shares, k) ? 1 : 0;
      }
    }

    /** Whether a layout cannot have less of a class: it has nothing else that is wanted. */
    private boolean isFirm(double[] shares, int position) {
      boolean other = false;
      for (int k = 0; k < shares.length; k++) {
        other |= k != position && wanted[k] > 0 && shares[k] >= NO_CLASS;
      }
      return shares[position] > FULL && !other;
    }
  }

  /** What a layout is thought to hold of a class, by the share of the mask that it is like. */
  private static double room(double share) {
    return share < NO_CLASS ? 0 : Math.max(0.5, Math.min(1, MUCH * share));
  }

  /** Classes, those that fewest masks show first. */
  private static List<Integer> byRarity(List<double[]> masks) {
    int classes = masks.get(0).length;
    long[] shown = new long[classes];
    for (double[] mask : masks) {
      for (int k = 0; k < classes; k++) {
        shown[k] += mask[k] >= NO_CLASS ? 1 : 0;
      }
    }
    List<Integer> order = new ArrayList<>(IntStream.range(0, classes).boxed().toList());
    order.sort(Comparator.comparingLong(k -> shown[k]));
    return order;
  }

  /** Moves factors towards what is wanted, and about 1 as a whole. */
  private static void adapt(double[] factors, double[] wanted, double[] mean) {
    double logarithms = 0;
    double weights = 0;
    for (int k = 0; k < factors.length; k++) {
      if (mean[k] > 0) {
        factors[k] *= Math.max(LEAST, wanted[k]) / Math.max(LEAST, mean[k]);
        logarithms += wanted[k] * Math.log(factors[k]);
        weights += wanted[k];
      }
    }
    double middle = weights > 0 ? Math.exp(logarithms / weights) : 1;
    for (int k = 0; k < factors.length; k++) {
      factors[k] = Math.max(1 / FARTHEST, Math.min(FARTHEST, factors[k] / middle));
    }
  }

  private static double[] tilted(double[] mask, double[] factors) {
    double[] shares = new double[mask.length];
    double sum = 0;
    for (int k = 0; k < shares.length; k++) {
      shares[k] = mask[k] * factors[k];
      sum += shares[k];
    }
    for (int k = 0; k < shares.length; k++) {
      shares[k] /= sum;
    }
    return shares;
  }

  /** How many layouts. */
  public int size() {
    return chosen.length;
  }

  /** Shares of a layout; a class of less than a thousandth is left out. */
  public double[] of(int layout) {
    return asked(chosen[layout]);
  }

  private double[] asked(int mask) {
    double[] shares = tilted(masks.get(mask), factors);
    double sum = 0;
    for (int k = 0; k < shares.length; k++) {
      shares[k] = shares[k] < NO_CLASS ? 0 : shares[k];
      sum += shares[k];
    }
    for (int k = 0; k < shares.length; k++) {
      shares[k] /= sum;
    }
    return shares;
  }

  /**
   * What masks of these shares will hold.
   *
   * @param classes number of classes
   * @param maskPixels pixels of a mask
   * @param copies how often each counts
   */
  public Tally tally(int classes, long maskPixels, int copies) {
    long[] times = new long[masks.size()];
    for (int mask : chosen) {
      times[mask] += copies;
    }
    double[] sums = new double[classes];
    long[] patches = new long[classes];
    for (int i = 0; i < times.length; i++) {
      if (times[i] > 0) {
        double[] shares = asked(i);
        for (int k = 0; k < classes; k++) {
          sums[k] += shares[k] * times[i];
          patches[k] += shares[k] > 0 ? times[i] : 0;
        }
      }
    }
    long[] pixels = new long[classes];
    for (int k = 0; k < classes; k++) {
      pixels[k] = Math.round(sums[k] * maskPixels);
    }
    return new Tally(pixels, patches, (long) chosen.length * copies);
  }
}
