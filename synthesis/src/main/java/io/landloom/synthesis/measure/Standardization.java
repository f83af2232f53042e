package io.landloom.synthesis.measure;

/** Vectors in units of the spread of some others, those of real training images. */
public final class Standardization {
  private static final double FLAT = 1e-6;

  private final double[] mean;
  private final double[] deviation;

  private Standardization(double[] mean, double[] deviation) {
    this.mean = mean;
    this.deviation = deviation;
  }

  /**
   * The units of some vectors: their means and standard deviations (over N - 1).
   *
   * @param rows (N, D), at least two
   */
  public static Standardization of(float[][] rows) {
    Rows.check(rows, rows, 2);
    double[] mean = Rows.mean(rows);
    return new Standardization(mean, FrechetDistance.deviations(rows, mean));
  }

  /** The vectors in these units; 0 where the units' own vectors did not vary. */
  public float[][] apply(float[][] rows) {
    float[][] result = new float[rows.length][mean.length];
    for (int row = 0; row < rows.length; row++) {
      for (int i = 0; i < mean.length; i++) {
        boolean flat = deviation[i] <= FLAT * Math.max(1, Math.abs(mean[i]));
        result[row][i] = flat ? 0 : (float) ((rows[row][i] - mean[i]) / deviation[i]);
      }
    }
    return result;
  }
}
