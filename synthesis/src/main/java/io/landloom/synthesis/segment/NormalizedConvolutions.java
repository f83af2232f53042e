package io.landloom.synthesis.segment;

import ai.djl.ndarray.NDArray;
import io.landloom.synthesis.tensor.Layers;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.tensor.Statistics;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.List;

/**
 * Convolutions that are each followed by batch normalisation, by name.
 *
 * @param parameters the network's tensors
 * @param statistics what the normalisation takes
 */
record NormalizedConvolutions(ParameterSet parameters, Statistics statistics) {
  /** The tensors of one. */
  static void addTo(List<TensorSpec> layout, String name, int in, int out, int size) {
    layout.add(Layers.heKernel(name + ".conv", in, out, size));
    layout.addAll(Layers.scaleAndShift(name + ".norm", out));
    layout.add(Layers.runningMean(name + ".norm", out));
    layout.add(Layers.runningVariance(name + ".norm", out));
  }

  /**
   * One of them.
   *
   * @param x (B, C, H, W)
   * @return (B, O, H / stride, W / stride)
   */
  NDArray strided(String name, NDArray x, int stride) {
    NDArray kernel = parameters.get(name + ".conv.weight");
    int padding = (int) kernel.getShape().get(2) / 2;
    return normalized(name, Operators.convolution(x, kernel, null, stride, padding));
  }

  /** One of them at full size, its kernel's cells {@code dilation} apart. */
  NDArray dilated(String name, NDArray x, int dilation) {
    NDArray kernel = parameters.get(name + ".conv.weight");
    return normalized(name, Operators.dilatedConvolution(x, kernel, dilation));
  }

  /** One of them at full size, rectified. */
  NDArray rectified(String name, NDArray x) {
    return Operators.relu(dilated(name, x, 1));
  }

  private NDArray normalized(String name, NDArray x) {
    String norm = name + ".norm";
    return Operators.batchNorm(
        x,
        parameters.get(norm + ".running_mean"),
        parameters.get(norm + ".running_var"),
        parameters.get(norm + ".weight"),
        parameters.get(norm + ".bias"),
        statistics);
  }

  /** Class scores (B, K, H, W) by a 1 x 1 convolution with bias, interpolated to a size. */
  NDArray scores(NDArray x, long height, long width) {
    NDArray scores =
        Operators.convolution(
            x, parameters.get("to_classes.weight"), parameters.get("to_classes.bias"), 1, 0);
    return Operators.resized(scores, height, width);
  }

  /** The tensors of {@link #scores}. */
  static void addScores(List<TensorSpec> layout, int in, int classes) {
    layout.add(Layers.heKernel("to_classes", in, classes, 1));
    layout.add(Layers.bias("to_classes", classes));
  }
}
