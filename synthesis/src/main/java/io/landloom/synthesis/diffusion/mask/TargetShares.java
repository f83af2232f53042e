package io.landloom.synthesis.diffusion.mask;

import io.landloom.synthesis.SeededStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The shares of the valid pixels that a mask is asked to give to some classes, or to all.
 *
 * @param shares from 0 to 1 of every class, in the scheme's order; NaN where a class may have any
 */
public record TargetShares(List<Double> shares) {
  private static final double REVEALED = 0.3;
  private static final double MOST_TOO_MUCH = 1e-6;

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if a share is outside 0..1, or their sum is above 1, or below
   *     1 where all are given
   */
  public TargetShares {
    shares = List.copyOf(shares);
    double sum = 0;
    int known = 0;
    for (int k = 0; k < shares.size(); k++) {
      double share = shares.get(k);
      if (share < 0 || share > 1) {
        throw new IllegalArgumentException("class " + k + ": share " + share + " is outside 0..1");
      }
      known += Double.isNaN(share) ? 0 : 1;
      sum += Double.isNaN(share) ? 0 : share;
    }
    boolean tooLittle = known == shares.size() && sum < 1 - MOST_TOO_MUCH;
    if (sum > 1 + MOST_TOO_MUCH || tooLittle) {
      throw new IllegalArgumentException("shares " + shares + " sum to " + sum + ", not 1");
    }
  }

  /** The shares of an array. */
  public static TargetShares of(double[] shares) {
    List<Double> all = new ArrayList<>();
    for (double share : shares) {
      all.add(share);
    }
    return new TargetShares(all);
  }

  /** Nothing asked of any class. */
  public static TargetShares free(int classes) {
    return new TargetShares(Collections.nCopies(classes, Double.NaN));
  }

  /** All shares of a mask; nothing is asked where it has no valid pixel. */
  public static TargetShares of(byte[] positions, int classes) {
    double[] counted = counted(positions, classes);
    return Double.isNaN(counted[0]) ? free(classes) : of(counted);
  }

  /**
   * The shares of a mask's valid pixels.
   *
   * @param positions one a pixel; those from {@code classes} on are not valid
   * @return NaN for every class where no pixel is valid
   */
  public static double[] counted(byte[] positions, int classes) {
    double[] shares = new double[classes];
    long valid = 0;
    for (byte position : positions) {
      if ((position & 0xFF) < classes) {
        shares[position & 0xFF]++;
        valid++;
      }
    }
    for (int k = 0; k < classes; k++) {
      shares[k] = valid == 0 ? Double.NaN : shares[k] / valid;
    }
    return shares;
  }

  /** Number of classes. */
  public int classes() {
    return shares.size();
  }

  /** Whether something is asked of a class. */
  public boolean isKnown(int position) {
    return !Double.isNaN(shares.get(position));
  }

  /** Whether something is asked of every class. */
  public boolean isFull() {
    return shares.stream().noneMatch(share -> share.isNaN());
  }

  /** The shares, 0 where they are free, then 1 for every class that is known and 0 elsewhere. */
  public float[] numbers() {
    float[] numbers = new float[2 * classes()];
    for (int k = 0; k < classes(); k++) {
      if (isKnown(k)) {
        numbers[k] = shares.get(k).floatValue();
        numbers[classes() + k] = 1;
      }
    }
    return numbers;
  }

  /**
   * A part of the shares, as a sparse request has it: each present class with probability 0.3, at
   * least one, and one of the absent classes.
   */
  public TargetShares revealed(SeededStream stream) {
    int[] order = stream.permutation(classes());
    double[] some = TargetShares.free(classes()).toArray();
    boolean any = false;
    boolean absent = false;
    for (int k : order) {
      boolean present = isKnown(k) && shares.get(k) > 0;
      boolean shown = present && stream.nextShare() < REVEALED;
      if (shown || (isKnown(k) && !present && !absent)) {
        some[k] = shares.get(k);
      }
      any |= shown;
      absent |= isKnown(k) && !present;
    }
    for (int i = 0; i < order.length && !any; i++) {
      int k = order[i];
      any = isKnown(k) && shares.get(k) > 0;
      some[k] = any ? shares.get(k) : some[k];
    }
    return of(some);
  }

  /** The shares as an array, NaN where they are free. */
  public double[] toArray() {
    return shares.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /**
   * The largest difference of a known class's share, over what is tolerated of it: at most 1 where
   * the mask will do.
   *
   * @param drawn shares of a mask
   * @param tolerance least difference that is tolerated
   * @param relative part of the asked share that is tolerated where that is more
   */
  public double miss(double[] drawn, double tolerance, double relative) {
    double worst = 0;
    for (int k = 0; k < classes(); k++) {
      if (isKnown(k)) {
        double asked = shares.get(k);
        double allowed = Math.max(tolerance, relative * asked);
        worst = Math.max(worst, Math.abs(drawn[k] - asked) / allowed);
      }
    }
    return worst;
  }

  /**
   * What a finisher is to reach: the asked shares where they are known, and the drawn ones of the
   * others scaled to what is left.
   *
   * @param drawn shares of a mask
   * @param pixels of the mask
   * @return pixels of every class, with {@code pixels} as their sum
   */
  public int[] counts(double[] drawn, int pixels) {
    double known = 0;
    double free = 0;
    for (int k = 0; k < classes(); k++) {
      known += isKnown(k) ? shares.get(k) : 0;
      free += isKnown(k) ? 0 : drawn[k];
    }
    double[] exact = new double[classes()];
    double sum = 0;
    for (int k = 0; k < classes(); k++) {
      exact[k] =
          isKnown(k)
              ? shares.get(k)
              : free > 0 ? drawn[k] / free * Math.max(0, 1 - known) : Math.max(0, 1 - known);
      sum += exact[k];
    }
    return rounded(exact, sum, pixels);
  }

  /** Largest remainders; the first of equals. */
  private static int[] rounded(double[] exact, double sum, int pixels) {
    int[] counts = new int[exact.length];
    List<Integer> order = new ArrayList<>();
    int left = pixels;
    for (int k = 0; k < exact.length; k++) {
      exact[k] *= pixels / sum;
      counts[k] = (int) Math.floor(exact[k]);
      left -= counts[k];
      order.add(k);
    }
    order.sort((a, b) -> Double.compare(exact[b] - counts[b], exact[a] - counts[a]));
    for (int i = 0; i < left; i++) {
      counts[order.get(i)]++;
    }
    return counts;
  }
}
