package io.landloom.synthesis.measure;

import java.util.Arrays;

/**
 * Precision, recall, density and coverage of fakes among reals (Kynkaanniemi et al., NeurIPS 2019;
 * Naeem et al., ICML 2020). A ball around a vector reaches, but does not hold, its k-th nearest
 * neighbour in its own set.
 *
 * @param precision share of the fakes inside a real ball
 * @param recall share of the reals inside a fake ball
 * @param density mean number of real balls a fake is in, over k
 * @param coverage share of the real balls that hold a fake
 */
public record Neighbourhoods(double precision, double recall, double density, double coverage) {
  /**
   * Compares two sets of equal size.
   *
   * @param real (N, D)
   * @param fake (N, D)
   * @param k neighbours, from 1 to N - 1
   */
  public static Neighbourhoods of(float[][] real, float[][] fake, int k) {
    if (real.length != fake.length || k < 1 || k >= real.length) {
      throw new IllegalArgumentException(
          real.length
              + " real and "
              + fake.length
              + " fake vectors with k = "
              + k
              + ": expected equal numbers and k below them");
    }
    Rows.check(real, fake, 2);
    double[] realRadii = radii(real, k);
    double[] fakeRadii = radii(fake, k);
    double[][] distances = Rows.squaredDistances(real, fake);
    int n = real.length;
    long precise = 0;
    long balls = 0;
    for (int j = 0; j < n; j++) {
      int holding = 0;
      for (int i = 0; i < n; i++) {
        holding += distances[i][j] < realRadii[i] ? 1 : 0;
      }
      precise += holding > 0 ? 1 : 0;
      balls += holding;
    }
    long recalled = 0;
    long covered = 0;
    for (int i = 0; i < n; i++) {
      boolean inFake = false;
      boolean holdsFake = false;
      for (int j = 0; j < n; j++) {
        inFake |= distances[i][j] < fakeRadii[j];
        holdsFake |= distances[i][j] < realRadii[i];
      }
      recalled += inFake ? 1 : 0;
      covered += holdsFake ? 1 : 0;
    }
    double all = n;
    return new Neighbourhoods(precise / all, recalled / all, balls / all / k, covered / all);
  }

  /** Squared distance of each vector to its k-th nearest other one. */
  private static double[] radii(float[][] rows, int k) {
    double[][] distances = Rows.squaredDistances(rows, rows);
    double[] radii = new double[rows.length];
    for (int i = 0; i < rows.length; i++) {
      Arrays.sort(distances[i]); // the first is the vector itself
      radii[i] = distances[i][k];
    }
    return radii;
  }
}
