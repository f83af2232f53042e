package io.landloom.synthesis.measure;

import org.apache.commons.math3.linear.DiagonalMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.SingularValueDecomposition;

/**
 * The Frechet distance between two sets of vectors, each taken as a Gaussian: the squared distance
 * of the means plus Tr(S1 + S2 - 2 (S1 S2)^(1/2)), with covariances over N - 1 (Heusel et al., NIPS
 * 2017, equation 6).
 *
 * <p>The trace of the root needs no matrix root. With few vectors it is the nuclear norm of A B' /
 * sqrt((N1 - 1)(N2 - 1)) for the centred sets A and B; else the sum of the roots of the eigenvalues
 * of S1^(1/2) S2 S1^(1/2). Both are exact.
 */
public final class FrechetDistance {
  private FrechetDistance() {}

  /**
   * The distance between two sets.
   *
   * @param a (N1, D), at least two
   * @param b (N2, D), at least two
   */
  public static double between(float[][] a, float[][] b) {
    Rows.check(a, b, 2);
    double[] meanA = Rows.mean(a);
    double[] meanB = Rows.mean(b);
    double means = 0;
    for (int i = 0; i < meanA.length; i++) {
      means += (meanA[i] - meanB[i]) * (meanA[i] - meanB[i]);
    }
    RealMatrix centredA = Rows.centred(a, meanA);
    RealMatrix centredB = Rows.centred(b, meanB);
    double root =
        Math.min(a.length, b.length) > meanA.length
            ? rootOfManyRows(Rows.covariance(centredA), Rows.covariance(centredB))
            : rootOfFewRows(centredA, centredB);
    return means + Rows.trace(centredA) + Rows.trace(centredB) - 2 * root;
  }

  private static double rootOfFewRows(RealMatrix a, RealMatrix b) {
    double degrees = Math.sqrt((a.getRowDimension() - 1.0) * (b.getRowDimension() - 1.0));
    double norm = 0;
    for (double value :
        new SingularValueDecomposition(a.multiply(b.transpose())).getSingularValues()) {
      norm += value;
    }
    return norm / degrees;
  }

  private static double rootOfManyRows(RealMatrix s1, RealMatrix s2) {
    EigenDecomposition first = new EigenDecomposition(s1);
    RealMatrix root = // of the eigenvalues' roots and the transposed vectors: root' root = S1
        new DiagonalMatrix(roots(first.getRealEigenvalues())).multiply(first.getVT());
    RealMatrix product = root.multiply(s2).multiply(root.transpose());
    // symmetric up to rounding, but the library wants more
    RealMatrix symmetric = product.add(product.transpose()).scalarMultiply(0.5);
    double sum = 0;
    for (double value : roots(new EigenDecomposition(symmetric).getRealEigenvalues())) {
      sum += value;
    }
    return sum;
  }

  private static double[] roots(double[] eigenvalues) {
    double[] roots = new double[eigenvalues.length];
    for (int i = 0; i < roots.length; i++) {
      roots[i] = Math.sqrt(Math.max(0, eigenvalues[i]));
    }
    return roots;
  }

  /**
   * The mean over the dimensions of the distance in one dimension: squared difference of the means
   * plus squared difference of the standard deviations (over N - 1).
   *
   * @param a (N1, D), at least two
   * @param b (N2, D), at least two
   */
  public static double perDimension(float[][] a, float[][] b) {
    Rows.check(a, b, 2);
    double[] meanA = Rows.mean(a);
    double[] meanB = Rows.mean(b);
    double[] deviationA = deviations(a, meanA);
    double[] deviationB = deviations(b, meanB);
    double sum = 0;
    for (int i = 0; i < meanA.length; i++) {
      double means = meanA[i] - meanB[i];
      double deviations = deviationA[i] - deviationB[i];
      sum += means * means + deviations * deviations;
    }
    return sum / meanA.length;
  }

  static double[] deviations(float[][] rows, double[] mean) {
    double[] deviations = new double[mean.length];
    for (float[] row : rows) {
      for (int i = 0; i < mean.length; i++) {
        deviations[i] += (row[i] - mean[i]) * (row[i] - mean[i]);
      }
    }
    for (int i = 0; i < mean.length; i++) {
      deviations[i] = Math.sqrt(deviations[i] / (rows.length - 1));
    }
    return deviations;
  }
}
