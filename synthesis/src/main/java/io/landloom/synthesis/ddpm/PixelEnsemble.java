package io.landloom.synthesis.ddpm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.tensor.Layers;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.tensor.Statistics;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * Several perceptrons that each class single pixels by their features (Zhang et al., CVPR 2021,
 * section 3.2; Baranchuk et al., ICLR 2022); where they disagree, they do not know.
 */
final class PixelEnsemble implements HeadNet {
  private static final double START = 0.02;
  private static final int FEW_CLASSES = 30;

  private final Sizes sizes;
  private final ParameterSet parameters;

  /**
   * Sizes of the ensemble.
   *
   * @param channels of every map
   * @param members number of perceptrons
   * @param classes valid classes
   */
  record Sizes(List<Integer> channels, int members, int classes) {
    Sizes {
      channels = List.copyOf(channels);
    }

    /** Widths of the two hidden layers. */
    int[] hidden() {
      return classes < FEW_CLASSES ? new int[] {128, 32} : new int[] {256, 128};
    }

    int all() {
      return channels.stream().mapToInt(Integer::intValue).sum();
    }
  }

  PixelEnsemble(Sizes sizes, ParameterSet parameters) {
    this.sizes = sizes;
    this.parameters = parameters;
  }

  static List<TensorSpec> layout(Sizes sizes) {
    List<TensorSpec> layout = new ArrayList<>();
    int[] hidden = sizes.hidden();
    for (int member = 0; member < sizes.members(); member++) {
      addLayer(layout, layer(member, 0), sizes.all(), hidden[0]);
      addNorm(layout, norm(member, 0), hidden[0]);
      addLayer(layout, layer(member, 1), hidden[0], hidden[1]);
      addNorm(layout, norm(member, 1), hidden[1]);
      addLayer(layout, layer(member, 2), hidden[1], sizes.classes());
    }
    return layout;
  }

  private static void addLayer(List<TensorSpec> layout, String name, int in, int out) {
    layout.add(TensorSpec.trained(name + ".weight", new TensorSpec.Start.Normal(START), out, in));
    layout.add(Layers.bias(name, out));
  }

  private static void addNorm(List<TensorSpec> layout, String name, int channels) {
    layout.addAll(Layers.scaleAndShift(name, channels));
    layout.add(Layers.runningMean(name, channels));
    layout.add(Layers.runningVariance(name, channels));
  }

  private static String layer(int member, int layer) {
    return "member_" + member + ".layer_" + layer;
  }

  private static String norm(int member, int layer) {
    return "member_" + member + ".norm_" + layer;
  }

  int members() {
    return sizes.members();
  }

  /**
   * Class scores of pixels by one of the perceptrons.
   *
   * @param rows features of every pixel (P, C), all maps' one after the other
   * @return (P, K)
   */
  NDArray scores(int member, NDArray rows, Statistics statistics) {
    return rest(member, linear(layer(member, 0), rows), statistics);
  }

  private NDArray rest(int member, NDArray first, Statistics statistics) {
    NDArray h = normalized(norm(member, 0), Operators.relu(first), statistics);
    h = Operators.relu(linear(layer(member, 1), h));
    return linear(layer(member, 2), normalized(norm(member, 1), h, statistics));
  }

  @Override
  public List<NDArray> logits(List<NDArray> features, long height, long width) {
    List<NDArray> all = new ArrayList<>();
    for (int member = 0; member < sizes.members(); member++) {
      int number = member;
      all.add(NativeScope.resultOf(() -> logits(number, features, height, width)));
    }
    return all;
  }

  /** The first layer is taken apart by maps, each projected before it is interpolated. */
  private NDArray logits(int member, List<NDArray> features, long height, long width) {
    NDArray weight = parameters.get(layer(member, 0) + ".weight"); // (hidden, C)
    NDArray sum = null;
    int from = 0;
    for (NDArray feature : features) {
      int to = from + (int) feature.getShape().get(1);
      NDArray kernel = weight.get(new NDIndex(":, " + from + ":" + to));
      NDArray narrow =
          Operators.convolution(
              feature, kernel.reshape(new Shape(-1, to - from, 1, 1)), null, 1, 0);
      NDArray part = Operators.resized(narrow, height, width);
      sum = sum == null ? part : sum.add(part);
      from = to;
    }
    long batch = sum.getShape().get(0);
    int hidden = sizes.hidden()[0];
    NDArray rows =
        sum.reshape(new Shape(batch, hidden, -1))
            .swapAxes(1, 2)
            .reshape(new Shape(-1, hidden))
            .add(parameters.get(layer(member, 0) + ".bias"));
    return rest(member, rows, Statistics.RUNNING)
        .reshape(new Shape(batch, -1, sizes.classes()))
        .swapAxes(1, 2)
        .reshape(new Shape(batch, sizes.classes(), height, width));
  }

  private NDArray linear(String name, NDArray x) {
    return Operators.linear(x, parameters.get(name + ".weight"), parameters.get(name + ".bias"));
  }

  private NDArray normalized(String name, NDArray x, Statistics statistics) {
    return Operators.batchNorm(
        x,
        parameters.get(name + ".running_mean"),
        parameters.get(name + ".running_var"),
        parameters.get(name + ".weight"),
        parameters.get(name + ".bias"),
        statistics);
  }
}
