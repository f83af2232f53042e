package io.landloom.synthesis.diffusion.mask;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Makes a mask of class scores whose pixel counts are exactly those asked for, and keeps the pixels
 * of the highest scores: offsets move the classes' boundaries, as in Sinkhorn's iteration, and what
 * is left over changes class where it costs least.
 */
public final class ExactFinisher {
  private static final int ITERATIONS = 20;
  private static final double LEAST_SHARE = 1e-12;

  private ExactFinisher() {}

  /**
   * Assigns every pixel a class.
   *
   * @param logProbabilities of class k at pixel i in {@code [k][i]}
   * @param counts pixels each class is to have, with the number of pixels as their sum
   * @return class of every pixel, with these counts exactly
   * @throws IllegalArgumentException if the sizes or the sum do not agree
   */
  public static int[] finish(double[][] logProbabilities, int[] counts) {
    int pixels = logProbabilities[0].length;
    int asked = Arrays.stream(counts).sum();
    if (counts.length != logProbabilities.length || asked != pixels) {
      throw new IllegalArgumentException(
          String.format(
              "%d pixels of %d classes are asked for, scores are of %d pixels and %d classes",
              asked, counts.length, pixels, logProbabilities.length));
    }
    double[] offsets = offsets(logProbabilities, counts, pixels);
    int[] mask = new int[pixels];
    int[] surplus = counts.clone();
    for (int i = 0; i < surplus.length; i++) {
      surplus[i] = -surplus[i];
    }
    for (int pixel = 0; pixel < pixels; pixel++) {
      mask[pixel] = best(logProbabilities, offsets, pixel);
      surplus[mask[pixel]]++;
    }
    moveSurplus(logProbabilities, offsets, mask, surplus);
    return mask;
  }

  private static double[] offsets(double[][] scores, int[] counts, int pixels) {
    double[] offsets = new double[counts.length];
    for (int iteration = 0; iteration < ITERATIONS; iteration++) {
      double[] shares = softShares(scores, offsets, pixels);
      for (int k = 0; k < offsets.length; k++) {
        double wanted = Math.max(LEAST_SHARE, (double) counts[k] / pixels);
        offsets[k] += Math.log(wanted / Math.max(LEAST_SHARE, shares[k]));
      }
    }
    return offsets;
  }

  private static double[] softShares(double[][] scores, double[] offsets, int pixels) {
    double[] shares = new double[offsets.length];
    double[] weights = new double[offsets.length];
    for (int pixel = 0; pixel < pixels; pixel++) {
      double most = Double.NEGATIVE_INFINITY;
      for (int k = 0; k < weights.length; k++) {
        weights[k] = scores[k][pixel] + offsets[k];
        most = Math.max(most, weights[k]);
      }
      double sum = 0;
      for (int k = 0; k < weights.length; k++) {
        weights[k] = Math.exp(weights[k] - most);
        sum += weights[k];
      }
      for (int k = 0; k < weights.length; k++) {
        shares[k] += weights[k] / sum / pixels;
      }
    }
    return shares;
  }

  private static int best(double[][] scores, double[] offsets, int pixel) {
    int best = 0;
    for (int k = 1; k < offsets.length; k++) {
      if (scores[k][pixel] + offsets[k] > scores[best][pixel] + offsets[best]) {
        best = k;
      }
    }
    return best;
  }

  private record Move(int pixel, int to, double cost) {}

  private static void moveSurplus(double[][] scores, double[] offsets, int[] mask, int[] surplus) {
    List<Move> moves = new ArrayList<>();
    for (int pixel = 0; pixel < mask.length; pixel++) {
      int from = mask[pixel];
      for (int to = 0; surplus[from] > 0 && to < surplus.length; to++) {
        if (surplus[to] < 0) {
          double cost = scores[from][pixel] + offsets[from] - scores[to][pixel] - offsets[to];
          moves.add(new Move(pixel, to, cost));
        }
      }
    }
    moves.sort(Comparator.comparingDouble(Move::cost));
    for (Move move : moves) {
      int from = mask[move.pixel];
      // a moved pixel's class has no surplus, so that none moves twice
      if (surplus[from] > 0 && surplus[move.to] < 0) {
        surplus[from]--;
        surplus[move.to]++;
        mask[move.pixel] = move.to;
      }
    }
  }
}
