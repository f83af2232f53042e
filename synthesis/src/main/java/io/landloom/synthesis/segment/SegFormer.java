package io.landloom.synthesis.segment;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
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
 * SegFormer (Xie et al., NeurIPS 2021) in the form of B0: four stages of two transformer blocks
 * whose keys and values are of coarser maps, read out together; without drop paths and dropout.
 */
final class SegFormer implements SegmentationNet {
  /** Pixels of the image for one cell of the coarsest map. */
  static final int STRIDE = 32;

  private static final int[] HEADS = {1, 2, 5, 8};
  private static final int[] REDUCTIONS = {8, 4, 2, 1};
  private static final int BLOCKS = 2;
  private static final int WIDENING = 4;
  private static final int MOST_JOINED = 256;
  private static final double EPSILON = 1e-6;
  private static final String[] READ = {"query", "key", "value", "out"};

  private final ParameterSet parameters;

  SegFormer(ParameterSet parameters) {
    this.parameters = parameters;
  }

  /**
   * The tensors.
   *
   * @param width channels of an attention head, and of the first stage: 32 are B0's, 64 B1's
   */
  static List<TensorSpec> layout(int bands, int width, int classes) {
    List<TensorSpec> layout = new ArrayList<>();
    int in = bands;
    int joined = Math.min(MOST_JOINED, 8 * width);
    for (int stage = 0; stage < HEADS.length; stage++) {
      int out = width * HEADS[stage];
      addConvolution(layout, name(stage, "patches"), in, out, stage == 0 ? 7 : 3);
      layout.addAll(Layers.scaleAndShift(name(stage, "patches_norm"), out));
      for (int block = 0; block < BLOCKS; block++) {
        addBlock(layout, name(stage, "block_" + block), out, REDUCTIONS[stage]);
      }
      layout.addAll(Layers.scaleAndShift(name(stage, "norm"), out));
      addLinear(layout, name(stage, "joined"), out, joined);
      in = out;
    }
    NormalizedConvolutions.addTo(layout, "fused", HEADS.length * joined, joined, 1);
    NormalizedConvolutions.addScores(layout, joined, classes);
    return layout;
  }

  private static String name(int stage, String part) {
    return "stage_" + stage + "." + part;
  }

  private static void addConvolution(
      List<TensorSpec> layout, String name, int in, int out, int size) {
    layout.add(Layers.plainKernel(name, in, out, size));
    layout.add(Layers.bias(name, out));
  }

  private static void addLinear(List<TensorSpec> layout, String name, int in, int out) {
    layout.add(Layers.matrix(name, in, out));
    layout.add(Layers.bias(name, out));
  }

  private static void addBlock(List<TensorSpec> layout, String name, int channels, int reduction) {
    layout.addAll(Layers.scaleAndShift(name + ".attention_norm", channels));
    for (String part : READ) {
      addLinear(layout, name + ".attention." + part, channels, channels);
    }
    if (reduction > 1) {
      addConvolution(layout, name + ".reduced", channels, channels, reduction);
      layout.addAll(Layers.scaleAndShift(name + ".reduced_norm", channels));
    }
    layout.addAll(Layers.scaleAndShift(name + ".mixing_norm", channels));
    addLinear(layout, name + ".mixing.widen", channels, WIDENING * channels);
    addConvolution(layout, name + ".mixing.depthwise", 1, WIDENING * channels, 3);
    addLinear(layout, name + ".mixing.narrow", WIDENING * channels, channels);
  }

  @Override
  public NDArray forward(NDArray image, Statistics statistics) {
    NormalizedConvolutions convolutions = new NormalizedConvolutions(parameters, statistics);
    NDList joined = new NDList();
    NDArray x = image;
    Shape finest = null;
    for (int stage = 0; stage < HEADS.length; stage++) {
      x = stage(stage, x); // (B, C, H / 4, W / 4), then half of it each
      Shape size = x.getShape();
      finest = stage == 0 ? size : finest;
      NDArray narrow = map(linear(name(stage, "joined"), cells(x)), size);
      joined.add(0, Operators.resized(narrow, finest.get(2), finest.get(3)));
    }
    NDArray fused = convolutions.rectified("fused", NDArrays.concat(joined, 1));
    return convolutions.scores(fused, image.getShape().get(2), image.getShape().get(3));
  }

  private NDArray stage(int stage, NDArray input) {
    int stride = stage == 0 ? 4 : 2;
    String patches = name(stage, "patches");
    NDArray first =
        NativeScope.resultOf(
            () -> {
              int padding = (int) parameters.get(patches + ".weight").getShape().get(2) / 2;
              return convolution(patches, input, stride, padding);
            });
    Shape size = first.getShape();
    NDArray x = norm(patches + "_norm", cells(first)); // (B, N, C)
    for (int block = 0; block < BLOCKS; block++) {
      String name = name(stage, "block_" + block);
      NDArray before = x;
      NDArray attended =
          NativeScope.resultOf(() -> before.add(attention(name, stage, before, size)));
      x = NativeScope.resultOf(() -> attended.add(mixing(name, attended, size)));
    }
    return map(norm(name(stage, "norm"), x), size);
  }

  /** Attention to a coarser map (section 3.1, "efficient self-attention"). */
  private NDArray attention(String name, int stage, NDArray tokens, Shape size) {
    NDArray x = norm(name + ".attention_norm", tokens);
    NDArray seen = x;
    if (REDUCTIONS[stage] > 1) {
      NDArray coarse = convolution(name + ".reduced", map(x, size), REDUCTIONS[stage], 0);
      seen = norm(name + ".reduced_norm", cells(coarse));
    }
    String part = name + ".attention.";
    NDArray attended =
        Operators.attention(
            linear(part + "query", x),
            linear(part + "key", seen),
            linear(part + "value", seen),
            HEADS[stage],
            null);
    return linear(part + "out", attended);
  }

  /** The feed-forward layer that sees its neighbours (section 3.1, "Mix-FFN"). */
  private NDArray mixing(String name, NDArray tokens, Shape size) {
    NDArray wide = linear(name + ".mixing.widen", norm(name + ".mixing_norm", tokens));
    String depthwise = name + ".mixing.depthwise";
    NDArray mixed =
        Operators.depthwiseConvolution(
            map(wide, size),
            parameters.get(depthwise + ".weight"),
            parameters.get(depthwise + ".bias"));
    return linear(name + ".mixing.narrow", Operators.gelu(cells(mixed)));
  }

  private NDArray convolution(String name, NDArray x, int stride, int padding) {
    return Operators.convolution(
        x, parameters.get(name + ".weight"), parameters.get(name + ".bias"), stride, padding);
  }

  private NDArray linear(String name, NDArray x) {
    return Operators.linear(x, parameters.get(name + ".weight"), parameters.get(name + ".bias"));
  }

  private NDArray norm(String name, NDArray x) {
    return Operators.layerNorm(
        x, parameters.get(name + ".weight"), parameters.get(name + ".bias"), EPSILON);
  }

  /** (B, C, H, W) to (B, H W, C). */
  private static NDArray cells(NDArray x) {
    Shape shape = x.getShape();
    return x.reshape(new Shape(shape.get(0), shape.get(1), -1)).swapAxes(1, 2);
  }

  /** (B, H W, C) to (B, C, H, W) of a map's height and width. */
  private static NDArray map(NDArray cells, Shape size) {
    Shape shape = cells.getShape();
    return cells
        .swapAxes(1, 2)
        .reshape(new Shape(shape.get(0), shape.get(2), size.get(2), size.get(3)));
  }
}
