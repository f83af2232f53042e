package io.landloom.synthesis.segment;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import io.landloom.synthesis.tensor.Layers;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.tensor.Statistics;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * A U-Net of five levels (Ronneberger et al., MICCAI 2015) with batch normalisation: the plain
 * segmenter, and CSEBGAN's conductor.
 */
public final class UNet implements SegmentationNet {
  /** Pixels of the image for one cell of the deepest level. */
  public static final int STRIDE = 16;

  private static final int LEVELS = 5;

  private final ParameterSet parameters;

  /** The network over its tensors. */
  public UNet(ParameterSet parameters) {
    this.parameters = parameters;
  }

  /**
   * The tensors.
   *
   * @param width channels of the first level; each level below has twice as many
   * @param classes valid classes
   */
  public static List<TensorSpec> layout(int bands, int width, int classes) {
    List<TensorSpec> layout = new ArrayList<>();
    int in = bands;
    for (int level = 0; level < LEVELS; level++) {
      addPair(layout, "down_" + level, in, width << level);
      in = width << level;
    }
    for (int level = LEVELS - 2; level >= 0; level--) {
      addPair(layout, "up_" + level, in + (width << level), width << level);
      in = width << level;
    }
    layout.add(Layers.heKernel("to_classes", in, classes, 1));
    layout.add(Layers.bias("to_classes", classes));
    return layout;
  }

  private static void addPair(List<TensorSpec> layout, String name, int in, int out) {
    for (int i = 0; i < 2; i++) {
      String norm = name + ".norm_" + i;
      layout.add(Layers.heKernel(name + ".conv_" + i, i == 0 ? in : out, out, 3));
      layout.add(TensorSpec.trained(norm + ".weight", Layers.ONE, out));
      layout.add(Layers.bias(norm, out));
      layout.add(Layers.runningMean(norm, out));
      layout.add(Layers.runningVariance(norm, out));
    }
  }

  /**
   * Segments images.
   *
   * @param image (B, bands, H, W); H and W multiples of {@value #STRIDE}
   * @return logits (B, K, H, W)
   */
  @Override
  public NDArray forward(NDArray image, Statistics statistics) {
    Deque<NDArray> skips = new ArrayDeque<>();
    NDArray x = pair("down_0", image, statistics);
    for (int level = 1; level < LEVELS; level++) {
      skips.push(x);
      x = pair("down_" + level, Operators.halvedByMaximum(x), statistics);
    }
    for (int level = LEVELS - 2; level >= 0; level--) {
      x = NDArrays.concat(new NDList(Operators.doubled(x), skips.pop()), 1);
      x = pair("up_" + level, x, statistics); // (B, width 2^level, H / 2^level, W / 2^level)
    }
    return Operators.convolution(
        x, parameters.get("to_classes.weight"), parameters.get("to_classes.bias"), 1, 0);
  }

  private NDArray pair(String name, NDArray input, Statistics statistics) {
    return NativeScope.resultOf(() -> newPair(name, input, statistics));
  }

  private NDArray newPair(String name, NDArray input, Statistics statistics) {
    NDArray x = input;
    for (int i = 0; i < 2; i++) {
      String norm = name + ".norm_" + i;
      x = Operators.convolution(x, parameters.get(name + ".conv_" + i + ".weight"), null, 1, 1);
      x =
          Operators.batchNorm(
              x,
              parameters.get(norm + ".running_mean"),
              parameters.get(norm + ".running_var"),
              parameters.get(norm + ".weight"),
              parameters.get(norm + ".bias"),
              statistics);
      x = Operators.relu(x);
    }
    return x;
  }
}
