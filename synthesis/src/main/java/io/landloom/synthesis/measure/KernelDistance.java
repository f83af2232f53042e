package io.landloom.synthesis.measure;

import io.landloom.synthesis.SeededStream;
import java.util.Arrays;
import java.util.List;

/**
 * The kernel distance between two sets of vectors: the unbiased squared maximum mean discrepancy
 * with the kernel (x'y / D + 1)^3, times 1000 (Binkowski et al., ICLR 2018).
 *
 * @param value over all vectors
 * @param deviation standard deviation over random subsets
 * @param subset vectors of each set in a subset
 * @param subsets number of subsets
 */
public record KernelDistance(double value, double deviation, int subset, int subsets) {
  private static final double SCALE = 1000;
  private static final int MOST_IN_A_SUBSET = 1000;

  /**
   * The distance between two sets.
   *
   * <p>A subset has half of the smaller set, at most 1,000: subsets of all vectors would be equal.
   *
   * @param a (N1, D), at least four
   * @param b (N2, D), at least four
   */
  public static KernelDistance between(float[][] a, float[][] b, int subsets, long seed) {
    Rows.check(a, b, 4);
    double[][] kernelA = kernel(a, a);
    double[][] kernelB = kernel(b, b);
    double[][] across = kernel(a, b);
    int size = Math.min(MOST_IN_A_SUBSET, Math.min(a.length, b.length) / 2);
    SeededStream stream = SeededStream.of(List.of("kernel distance"), seed);
    double[] values = new double[subsets];
    for (int i = 0; i < subsets; i++) {
      int[] chosenA = Arrays.copyOf(stream.permutation(a.length), size);
      int[] chosenB = Arrays.copyOf(stream.permutation(b.length), size);
      values[i] = discrepancy(kernelA, kernelB, across, chosenA, chosenB);
    }
    double mean = Arrays.stream(values).average().orElseThrow();
    double squares = Arrays.stream(values).map(value -> (value - mean) * (value - mean)).sum();
    return new KernelDistance(
        SCALE * discrepancy(kernelA, kernelB, across, all(a), all(b)),
        SCALE * Math.sqrt(squares / Math.max(1, subsets - 1)),
        size,
        subsets);
  }

  private static int[] all(float[][] rows) {
    int[] all = new int[rows.length];
    Arrays.setAll(all, i -> i);
    return all;
  }

  private static double[][] kernel(float[][] a, float[][] b) {
    double[][] kernel = new double[a.length][b.length];
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < b.length; j++) {
        double product = 0;
        for (int k = 0; k < a[i].length; k++) {
          product += (double) a[i][k] * b[j][k];
        }
        double base = product / a[i].length + 1;
        kernel[i][j] = base * base * base;
      }
    }
    return kernel;
  }

  private static double discrepancy(
      double[][] kernelA, double[][] kernelB, double[][] across, int[] a, int[] b) {
    double sum = 0;
    for (int i : a) {
      for (int j : b) {
        sum += across[i][j];
      }
    }
    return meanOfPairs(kernelA, a) + meanOfPairs(kernelB, b) - 2 * sum / a.length / b.length;
  }

  private static double meanOfPairs(double[][] kernel, int[] chosen) {
    double sum = 0;
    for (int i : chosen) {
      for (int j : chosen) {
        sum += i == j ? 0 : kernel[i][j];
      }
    }
    return sum / chosen.length / (chosen.length - 1);
  }
}
