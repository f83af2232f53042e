package io.landloom.synthesis.diffusion.mask;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.tensor.Operators;

/**
 * How far the soft proportions of a decoded mask are from those asked for, to be added to the loss
 * of denoising: an own formula, as the one of Xu et al. (Remote Sensing 2025, 17, 2143) could not
 * be read.
 *
 * @param codes of the classes
 * @param lastTimestep the last timestep that counts; beyond it one step tells too little of the
 *     clean mask
 */
public record ProportionLoss(ClassCodes codes, int lastTimestep) {
  /** Checks the range. */
  public ProportionLoss {
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
   * Mean absolute difference over the classes, and over the masks whose timestep counts.
   *
   * @param drawn proportions (B, K)
   * @param asked proportions (B, K)
   * @param timesteps one a mask
   * @return scalar; 0 if no timestep counts
   */
  public NDArray of(NDArray drawn, NDArray asked, int[] timesteps) {
    NDManager manager = drawn.getManager();
    float[] counted = new float[timesteps.length];
    float sum = 0;
    for (int i = 0; i < counted.length; i++) {
      counted[i] = timesteps[i] <= lastTimestep ? 1 : 0;
      sum += counted[i];
    }
    NDArray ofMasks = drawn.sub(asked).abs().mean(new int[] {1});
    NDArray weighted = ofMasks.mul(manager.create(counted)).sum();
    return Operators.scaled(weighted, 1 / Math.max(1, sum));
  }
}
