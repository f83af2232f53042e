package io.landloom.synthesis.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/** Timesteps as networks are told them. */
public final class TimestepWaves {
  private static final double LONGEST_PERIOD = 10_000;

  private TimestepWaves() {}

  /**
   * Cosines and sines of falling frequency (Vaswani et al., NeurIPS 2017, section 3.5; Ho et al.,
   * NeurIPS 2020, appendix B).
   *
   * @param timesteps one an image
   * @param width numbers a timestep, even
   * @return (B, width)
   */
  public static NDArray of(NDManager manager, int[] timesteps, int width) {
    int half = width / 2;
    // in single precision throughout, as the published weights were trained
    NDArray frequencies = manager.arange(half).toType(DataType.FLOAT32, false);
    frequencies = frequencies.mul(-Math.log(LONGEST_PERIOD)).div(half).exp();
    float[] values = new float[timesteps.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = timesteps[i];
    }
    NDArray angles =
        manager
            .create(values, new Shape(values.length, 1))
            .mul(frequencies.reshape(new Shape(1, half)));
    return NDArrays.concat(new NDList(angles.cos(), angles.sin()), 1);
  }
}
