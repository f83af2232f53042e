package io.landloom.synthesis.measure;

import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.RealMatrix;

/** Vectors of images, one a row, as matrices. */
final class Rows {
  private Rows() {}

  /**
   * Checks two sets that are compared.
   *
   * @param least fewest rows of either
   */
  static void check(float[][] a, float[][] b, int least) {
    if (a.length < least || b.length < least) {
      throw new IllegalArgumentException(
          a.length + " and " + b.length + " vectors, at least " + least + " of each are needed");
    }
    int width = a[0].length;
    check(a, width, "first");
    check(b, width, "second");
  }

  private static void check(float[][] rows, int width, String which) {
    for (int row = 0; row < rows.length; row++) {
      if (rows[row].length != width) {
        throw new IllegalArgumentException(
            String.format(
                "vector %d of the %s set has %d numbers, not %d",
                row, which, rows[row].length, width));
      }
      for (int i = 0; i < width; i++) {
        if (!Float.isFinite(rows[row][i])) {
          throw new IllegalArgumentException(
              String.format(
                  "number %d of vector %d of the %s set is %s", i, row, which, rows[row][i]));
        }
      }
    }
  }

  /** Mean of the rows. */
  static double[] mean(float[][] rows) {
    double[] mean = new double[rows[0].length];
    for (float[] row : rows) {
      for (int i = 0; i < mean.length; i++) {
        mean[i] += row[i];
      }
    }
    for (int i = 0; i < mean.length; i++) {
      mean[i] /= rows.length;
    }
    return mean;
  }

  /** The rows minus their mean (N, D). */
  static RealMatrix centred(float[][] rows, double[] mean) {
    double[][] centred = new double[rows.length][mean.length];
    for (int row = 0; row < rows.length; row++) {
      for (int i = 0; i < mean.length; i++) {
        centred[row][i] = rows[row][i] - mean[i];
      }
    }
    return new Array2DRowRealMatrix(centred, false);
  }

  /** Covariance with N - 1 (D, D). */
  static RealMatrix covariance(RealMatrix centred) {
    return centred
        .transpose()
        .multiply(centred)
        .scalarMultiply(1.0 / (centred.getRowDimension() - 1));
  }

  /** Sum of squares over N - 1: the covariance's trace. */
  static double trace(RealMatrix centred) {
    double norm = centred.getFrobeniusNorm();
    return norm * norm / (centred.getRowDimension() - 1);
  }

  /** Squared Euclidean distance of every row of the one to every row of the other. */
  static double[][] squaredDistances(float[][] a, float[][] b) {
    double[][] distances = new double[a.length][b.length];
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < b.length; j++) {
        double sum = 0;
        for (int k = 0; k < a[i].length; k++) {
          double difference = (double) a[i][k] - b[j][k];
          sum += difference * difference;
        }
        distances[i][j] = sum;
      }
    }
    return distances;
  }
}
