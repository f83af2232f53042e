package io.landloom.synthesis.ddpm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import io.landloom.synthesis.tensor.Layers;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.weights.TensorSpec;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * A perceptron with residual connections for every pixel, after gates on the channels of each map
 * (after Luo et al., Remote Sens. 2025, whose details are chosen here).
 *
 * <p>Every map is projected at its own size, and the sum of those of a size is interpolated; since
 * all are linear over channels and over pixels, that equals the projection of all maps at full
 * size, which would not fit into memory. It works at half the images' size.
 */
final class ResidualHead implements HeadNet {
  private static final int REDUCTION = 16;
  private static final int MOST_GROUPS = 32;
  private static final double EPSILON = 1e-5;

  private final Sizes sizes;
  private final ParameterSet parameters;

  /**
   * Sizes of the head.
   *
   * @param channels of every map of the network below
   * @param colours channels of the image's {@link Colours}, 0 where they are not seen
   * @param width channels that maps are projected to
   * @param blocks residual blocks
   * @param classes valid classes
   */
  record Sizes(List<Integer> channels, int colours, int width, int blocks, int classes) {
    Sizes {
      channels = List.copyOf(channels);
    }
  }

  ResidualHead(Sizes sizes, ParameterSet parameters) {
    this.sizes = sizes;
    this.parameters = parameters;
  }

  static List<TensorSpec> layout(Sizes sizes) {
    List<TensorSpec> layout = new ArrayList<>();
    int width = sizes.width();
    for (int map = 0; map < sizes.channels().size(); map++) {
      int channels = sizes.channels().get(map);
      int reduced = Math.max(1, channels / REDUCTION);
      layout.addAll(Layers.scaleAndShift(map(map, "norm"), channels));
      addLinear(layout, map(map, "gate.reduce"), channels, reduced);
      addLinear(layout, map(map, "gate.expand"), reduced, channels);
      layout.add(Layers.plainKernel(map(map, "project"), channels, width, 1));
    }
    if (sizes.colours() > 0) {
      addLinear(layout, "colours.widen", sizes.colours(), 2 * width);
      addLinear(layout, "colours.narrow", 2 * width, width);
    }
    layout.add(Layers.bias("projected", width));
    for (int block = 0; block < sizes.blocks(); block++) {
      layout.addAll(Layers.scaleAndShift(block(block, "norm"), width));
      addLinear(layout, block(block, "widen"), width, 2 * width);
      addLinear(layout, block(block, "narrow"), 2 * width, width);
    }
    addLinear(layout, "to_classes", width, sizes.classes());
    return layout;
  }

  private static void addLinear(List<TensorSpec> layout, String name, int in, int out) {
    layout.add(Layers.matrix(name, in, out));
    layout.add(Layers.bias(name, out));
  }

  private static String map(int map, String part) {
    return "map_" + map + "." + part;
  }

  private static String block(int block, String part) {
    return "block_" + block + "." + part;
  }

  @Override
  public List<NDArray> logits(List<NDArray> features, long height, long width) {
    return List.of(logits(features, gates(features), height, width, x -> x));
  }

  /** The gates of every map, (B, C). */
  List<NDArray> gates(List<NDArray> features) {
    List<NDArray> gates = new ArrayList<>();
    for (int map = 0; map < sizes.channels().size(); map++) {
      NDArray mean = Operators.channelMeans(features.get(map));
      NDArray reduced = Operators.relu(linear(map(map, "gate.reduce"), mean));
      gates.add(Activation.sigmoid(linear(map(map, "gate.expand"), reduced)));
    }
    return gates;
  }

  /**
   * Class scores (B, K, height, width) with gates that {@link #gates} gave.
   *
   * @param dropout what becomes of a residual block's result in training
   */
  NDArray logits(
      List<NDArray> features,
      List<NDArray> gates,
      long height,
      long width,
      UnaryOperator<NDArray> dropout) {
    long rows = Math.max(1, height / 2);
    long columns = Math.max(1, width / 2);
    Map<Shape, NDArray> sums = new LinkedHashMap<>(); // of the maps of a size
    for (int map = 0; map < sizes.channels().size(); map++) {
      String name = map(map, "");
      NDArray feature = features.get(map);
      NDArray gate = gates.get(map);
      NDArray before = sums.get(cells(feature));
      sums.put(
          cells(feature),
          NativeScope.resultOf(
              () -> {
                NDArray y = projected(name, feature, gate);
                return before == null ? y : before.add(y);
              }));
    }
    NDArray sum = null;
    for (NDArray ofSize : sums.values()) {
      NDArray y = Operators.resized(ofSize, rows, columns);
      sum = sum == null ? y : sum.add(y);
    }
    Shape shape = sum.getShape(); // (B, width, height / 2, width / 2)
    NDArray cells = byCell(sum).add(parameters.get("projected.bias")); // (B, N, width)
    if (sizes.colours() > 0) {
      NDArray maps = cells;
      NDArray colours = Operators.resized(features.get(gates.size()), rows, columns);
      cells = NativeScope.resultOf(() -> maps.add(perceptron("colours", byCell(colours))));
    }
    for (int block = 0; block < sizes.blocks(); block++) {
      NDArray before = cells;
      int number = block;
      cells = NativeScope.resultOf(() -> residual(number, before, dropout));
    }
    NDArray scores =
        linear("to_classes", cells)
            .swapAxes(1, 2)
            .reshape(new Shape(shape.get(0), sizes.classes(), rows, columns));
    return Operators.resized(scores, height, width);
  }

  /** (B, C, h, w) to (B, h w, C). */
  private static NDArray byCell(NDArray x) {
    Shape shape = x.getShape();
    return x.reshape(new Shape(shape.get(0), shape.get(1), -1)).swapAxes(1, 2);
  }

  private static Shape cells(NDArray map) {
    return map.getShape().slice(2);
  }

  private NDArray projected(String name, NDArray feature, NDArray gate) {
    long channels = feature.getShape().get(1);
    NDArray scale = parameters.get(name + "norm.weight");
    NDArray shift = parameters.get(name + "norm.bias");
    NDArray x =
        Operators.groupNorm(feature, groups(channels), scale, shift)
            .mul(gate.expandDims(2).expandDims(3));
    return Operators.convolution(x, parameters.get(name + "project.weight"), null, 1, 0);
  }

  private static int groups(long channels) {
    return BigInteger.valueOf(channels).gcd(BigInteger.valueOf(MOST_GROUPS)).intValue();
  }

  private NDArray residual(int block, NDArray x, UnaryOperator<NDArray> dropout) {
    NDArray h =
        Operators.layerNorm(
            x,
            parameters.get(block(block, "norm.weight")),
            parameters.get(block(block, "norm.bias")),
            EPSILON);
    return x.add(dropout.apply(perceptron("block_" + block, h)));
  }

  private NDArray perceptron(String name, NDArray x) {
    return linear(name + ".narrow", Operators.gelu(linear(name + ".widen", x)));
  }

  private NDArray linear(String name, NDArray x) {
    return Operators.linear(x, parameters.get(name + ".weight"), parameters.get(name + ".bias"));
  }
}
