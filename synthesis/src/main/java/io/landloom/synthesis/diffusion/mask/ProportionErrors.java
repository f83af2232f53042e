package io.landloom.synthesis.diffusion.mask;

import java.util.List;

/**
 * How far masks are from the proportions asked for, in percentage points.
 *
 * @param mean mCPE: mean absolute difference over masks and classes
 * @param ofClasses mean absolute difference of each class over the masks
 * @param dataset mean over the classes of the absolute difference of mean proportions
 */
public record ProportionErrors(double mean, List<Double> ofClasses, double dataset) {
  /** Copies the list. */
  public ProportionErrors {
    ofClasses = List.copyOf(ofClasses);
  }

  /**
   * Compares proportions, each from 0 to 1 and of {@code [mask][class]}.
   *
   * @throws IllegalArgumentException if there are none, or their numbers differ
   */
  public static ProportionErrors of(double[][] drawn, double[][] asked) {
    if (drawn.length == 0 || drawn.length != asked.length) {
      throw new IllegalArgumentException(
          drawn.length + " masks drawn and " + asked.length + " asked for");
    }
    int classes = asked[0].length;
    double[] absolute = new double[classes];
    double[] signed = new double[classes];
    for (int mask = 0; mask < drawn.length; mask++) {
      if (drawn[mask].length != classes || asked[mask].length != classes) {
        throw new IllegalArgumentException(
            String.format(
                "mask %d: %d classes drawn and %d asked for, not %d",
                mask, drawn[mask].length, asked[mask].length, classes));
      }
      for (int k = 0; k < classes; k++) {
        double points = 100 * (drawn[mask][k] - asked[mask][k]) / drawn.length;
        absolute[k] += Math.abs(points);
        signed[k] += points;
      }
    }
    Double[] ofClasses = new Double[classes];
    double mean = 0;
    double dataset = 0;
    for (int k = 0; k < classes; k++) {
      ofClasses[k] = absolute[k];
      mean += absolute[k] / classes;
      dataset += Math.abs(signed[k]) / classes;
    }
    return new ProportionErrors(mean, List.of(ofClasses), dataset);
  }

  /** The error of the class that is furthest off. */
  public double largest() {
    return ofClasses.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
  }
}
