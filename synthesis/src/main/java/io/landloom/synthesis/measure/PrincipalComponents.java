package io.landloom.synthesis.measure;

import java.util.Arrays;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.RealMatrix;

/** The axes along which some vectors vary most. */
public final class PrincipalComponents {
  private final double[] mean;
  private final double[][] axes; // (K, D), of unit length
  private final double share;

  private PrincipalComponents(double[] mean, double[][] axes, double share) {
    this.mean = mean;
    this.axes = axes;
    this.share = share;
  }

  /**
   * The components of some vectors.
   *
   * @param rows (N, D), at least two
   * @param count how many, largest first, at most min(N - 1, D)
   */
  public static PrincipalComponents of(float[][] rows, int count) {
    Rows.check(rows, rows, 2);
    int most = Math.min(rows.length - 1, rows[0].length);
    if (count < 1 || count > most) {
      throw new IllegalArgumentException(count + " principal components, outside 1.." + most);
    }
    double[] mean = Rows.mean(rows);
    // the eigenvalues of a symmetric matrix come largest first
    EigenDecomposition eigen = new EigenDecomposition(Rows.covariance(Rows.centred(rows, mean)));
    double[][] axes = new double[count][];
    for (int i = 0; i < count; i++) {
      axes[i] = eigen.getEigenvector(i).toArray();
    }
    double[] variances = eigen.getRealEigenvalues();
    double kept = Arrays.stream(variances, 0, count).sum();
    return new PrincipalComponents(mean, axes, kept / Arrays.stream(variances).sum());
  }

  /** Number of components. */
  public int count() {
    return axes.length;
  }

  /** Share of the variance that the components hold, 0 to 1. */
  public double share() {
    return share;
  }

  /** Coordinates of vectors along the axes: (N, D) to (N, K). */
  public float[][] project(float[][] rows) {
    RealMatrix projected =
        Rows.centred(rows, mean).multiply(new Array2DRowRealMatrix(axes, false).transpose());
    float[][] result = new float[rows.length][axes.length];
    for (int row = 0; row < rows.length; row++) {
      for (int i = 0; i < axes.length; i++) {
        result[row][i] = (float) projected.getEntry(row, i);
      }
    }
    return result;
  }
}
