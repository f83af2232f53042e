package io.landloom.synthesis.diffusion.mask;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.tensor.Operators;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * How far the soft proportions of a decoded mask are from those asked for, to be added to the loss
 * of denoising: an own formula, as the one of Xu et al. (Remote Sensing 2025, 17, 2143) could not
 * be read.
 *
 * @param codes of the classes
 * @param distance of proportions
 * @param weights of the classes, of mean 1
 * @param lastTimestep the last timestep that counts; beyond it one step tells too little of the
 *     clean mask
 */
public record ProportionLoss(
    ClassCodes codes, Distance distance, List<Double> weights, int lastTimestep) {
  private static final double LEAST_SHARE = 0.01;
  private static final double TINY = 1e-6;

  /** How a class's proportions differ. */
  public enum Distance {
    /** By the absolute difference. */
    L1("l1") {
      @Override
      NDArray of(NDArray drawn, NDArray asked) {
        return drawn.sub(asked).abs();
      }
    },
    /** By its square. */
    L2("l2") {
      @Override
      NDArray of(NDArray drawn, NDArray asked) {
        return drawn.sub(asked).square();
      }
    },
    /** By the class's part of the divergence of the drawn ones from those asked for. */
    KL("kl") {
      @Override
      NDArray of(NDArray drawn, NDArray asked) {
        return asked.mul(
            Operators.atLeast(asked, TINY).log().sub(Operators.atLeast(drawn, TINY).log()));
      }
    };

    private final String value;

    Distance(String value) {
      this.value = value;
    }

    abstract NDArray of(NDArray drawn, NDArray asked);

    /** The distance that a setting's value names. */
    public static Distance of(String value) {
      return Arrays.stream(values())
          .filter(distance -> distance.value.equals(value))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "proportion.distance '" + value + "' is none of l1, l2, kl"));
    }
  }

  /** The mean absolute difference, all classes alike. */
  public ProportionLoss(ClassCodes codes, int lastTimestep) {
    this(codes, Distance.L1, Collections.nCopies(codes.classes(), 1.0), lastTimestep);
  }

  /**
   * Weights by which rare classes count as much as frequent ones: one over each class's mean share
   * and a hundredth, of mean 1.
   */
  public static List<Double> rareClasses(double[] meanShares) {
    double[] weights = new double[meanShares.length];
    double sum = 0;
    for (int k = 0; k < weights.length; k++) {
      weights[k] = 1 / (meanShares[k] + LEAST_SHARE);
      sum += weights[k];
    }
    double mean = sum / weights.length;
    return Arrays.stream(weights).mapToObj(weight -> weight / mean).toList();
  }

  /** Checks the ranges. */
  public ProportionLoss {
    weights = List.copyOf(weights);
    if (weights.size() != codes.classes()) {
      throw new IllegalArgumentException(
          weights.size() + " weights for " + codes.classes() + " classes");
    }
    if (lastTimestep < 0) {
      throw new IllegalArgumentException("last timestep " + lastTimestep + " is negative");
    }
  }

  /**
   * Soft classes of decoded codes: a softmax of minus the squared distance to each class's code
   * over {@link ClassCodes#temperature()}.
   *
   * @param decoded (B, bits, H, W)
   * @return (B, K, H, W), from 0 to 1 with sum 1 a pixel
   */
  public NDArray softClasses(NDArray decoded) {
    int bits = codes.bits();
    float[] kernel = new float[codes.classes() * bits];
    for (int i = 0; i < kernel.length; i++) {
      // all codes are equally long, so that only twice the product tells the distances apart
      kernel[i] = (float) (2 * codes.bit(i / bits, i % bits) / codes.temperature());
    }
    NDArray weight = decoded.getManager().create(kernel, new Shape(codes.classes(), bits, 1, 1));
    return Operators.convolution(decoded, weight, null, 1, 0).softmax(1);
  }

  /**
   * Proportions of the valid pixels.
   *
   * @param soft (B, K, H, W)
   * @param valid (B, 1, H, W), 1 where a pixel counts and 0 elsewhere, with one pixel at least
   * @return (B, K)
   */
  public static NDArray proportions(NDArray soft, NDArray valid) {
    int[] plane = {2, 3};
    return soft.mul(valid).sum(plane).div(valid.sum(plane));
  }

  /**
   * Mean distance over the classes, and over the masks whose timestep counts.
   *
   * @param drawn proportions (B, K)
   * @param asked proportions (B, K)
   * @param timesteps one a mask
   * @return scalar; 0 if no timestep counts
   */
  public NDArray of(NDArray drawn, NDArray asked, int[] timesteps) {
    double[] counted = new double[timesteps.length];
    for (int i = 0; i < counted.length; i++) {
      counted[i] = timesteps[i] <= lastTimestep ? 1 : 0;
    }
    return of(drawn, asked, drawn.getManager().ones(drawn.getShape()), counted);
  }

  /**
   * Mean distance over the classes, weighted over the masks; the last timestep does not enter.
   *
   * @param known (B, K), 1 for what is asked of a class, 0 where it may have any share
   * @param counted weight of every mask, such as the share of signal at its timestep
   * @return scalar: the sum over the masks, divided by how many have a weight above 0
   */
  public NDArray of(NDArray drawn, NDArray asked, NDArray known, double[] counted) {
    NDManager manager = drawn.getManager();
    float[] ofMask = new float[counted.length];
    int above = 0;
    for (int i = 0; i < ofMask.length; i++) {
      ofMask[i] = (float) counted[i];
      above += counted[i] > 0 ? 1 : 0;
    }
    float[] ofClass = new float[weights.size()];
    for (int k = 0; k < ofClass.length; k++) {
      ofClass[k] = weights.get(k).floatValue();
    }
    NDArray ofClasses =
        distance
            .of(drawn, asked)
            .mul(known)
            .mul(manager.create(ofClass, new Shape(1, ofClass.length)));
    NDArray weighted = ofClasses.mean(new int[] {1}).mul(manager.create(ofMask)).sum();
    return Operators.scaled(weighted, 1.0 / Math.max(1, above));
  }
}
