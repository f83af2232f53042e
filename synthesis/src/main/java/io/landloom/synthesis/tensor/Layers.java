package io.landloom.synthesis.tensor;

import io.landloom.synthesis.weights.TensorSpec;
import io.landloom.synthesis.weights.TensorSpec.Start;
import java.util.List;

/** How the layers' tensors start, and what they are called. */
public final class Layers {
  /** All zeros. */
  public static final Start ZERO = new Start.Constant(0);

  /** All ones. */
  public static final Start ONE = new Start.Constant(1);

  private Layers() {}

  /**
   * A convolution's kernel (out, in, size, size).
   *
   * @param gain of its normal start (Glorot and Bengio, AISTATS 2010)
   */
  public static TensorSpec kernel(String name, int in, int out, int size, double gain) {
    double fans = (double) size * size * (in + out);
    Start start = new Start.Normal(gain * Math.sqrt(2 / fans));
    return TensorSpec.trained(name + ".weight", start, out, in, size, size);
  }

  /** A convolution's kernel for rectified outputs (He et al., ICCV 2015). */
  public static TensorSpec heKernel(String name, int in, int out, int size) {
    Start start = new Start.Normal(Math.sqrt(2.0 / ((double) size * size * in)));
    return TensorSpec.trained(name + ".weight", start, out, in, size, size);
  }

  /** A kernel (out, in, size, size) whose outputs have about a third of the inputs' variance. */
  public static TensorSpec plainKernel(String name, int in, int out, int size) {
    Start start = new Start.Normal(1 / Math.sqrt(3.0 * size * size * in));
    return TensorSpec.trained(name + ".weight", start, out, in, size, size);
  }

  /** A matrix (out, in) whose outputs have about a third of the inputs' variance. */
  public static TensorSpec matrix(String name, int in, int out) {
    Start start = new Start.Normal(1 / Math.sqrt(3.0 * in));
    return TensorSpec.trained(name + ".weight", start, out, in);
  }

  /** A layer's bias, zero at the start. */
  public static TensorSpec bias(String name, int out) {
    return TensorSpec.trained(name + ".bias", ZERO, out);
  }

  /** Scale and shift of a normalisation, one and zero at the start. */
  public static List<TensorSpec> scaleAndShift(String name, int channels) {
    return List.of(TensorSpec.trained(name + ".weight", ONE, channels), bias(name, channels));
  }

  /** The left singular vector that spectral normalisation follows. */
  public static TensorSpec singularVector(String name, int out) {
    return TensorSpec.buffer(name + LEFT_SUFFIX, new Start.Normal(1 / Math.sqrt(out)), out);
  }

  /** Ending of the name of a singular vector. */
  public static final String LEFT_SUFFIX = ".left";

  /** Running mean of a normalisation. */
  public static TensorSpec runningMean(String name, int channels) {
    return TensorSpec.buffer(name + ".running_mean", ZERO, channels);
  }

  /** Running variance of a normalisation. */
  public static TensorSpec runningVariance(String name, int channels) {
    return TensorSpec.buffer(name + ".running_var", ONE, channels);
  }
}
