package io.landloom.synthesis.diffusion.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.tensor.Layers;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.List;
import java.util.Optional;

/** The layers that the networks share: each reads its tensors by the name it is called with. */
final class Blocks {
  /** Under the root of a network's own normalisations; those of attention differ. */
  static final double EPSILON = 1e-5;

  private static final double SMALL_EPSILON = 1e-6;

  private final ParameterSet parameters;
  private final int groups;
  private final double epsilon;
  private final Optional<LoraAdapters> adapters;

  Blocks(ParameterSet parameters, int groups, double epsilon, Optional<LoraAdapters> adapters) {
    this.parameters = parameters;
    this.groups = groups;
    this.epsilon = epsilon;
    this.adapters = adapters;
  }

  static void addConvolution(List<TensorSpec> layout, String name, int in, int out, int size) {
    layout.add(Layers.plainKernel(name, in, out, size));
    layout.add(Layers.bias(name, out));
  }

  static void addLinear(List<TensorSpec> layout, String name, int in, int out) {
    layout.add(Layers.matrix(name, in, out));
    layout.add(Layers.bias(name, out));
  }

  /** The tensors of {@link #residual}; without a time embedding if its width is 0. */
  static void addResidual(List<TensorSpec> layout, String name, int in, int out, int timeWidth) {
    layout.addAll(Layers.scaleAndShift(name + ".norm1", in));
    addConvolution(layout, name + ".conv1", in, out, 3);
    if (timeWidth > 0) {
      addLinear(layout, name + ".time_emb_proj", timeWidth, out);
    }
    layout.addAll(Layers.scaleAndShift(name + ".norm2", out));
    addConvolution(layout, name + ".conv2", out, out, 3);
    if (in != out) {
      addConvolution(layout, name + ".conv_shortcut", in, out, 1);
    }
  }

  /** The tensors of {@link #transformer}. */
  static void addTransformer(List<TensorSpec> layout, String name, int channels, UNetSizes sizes) {
    layout.addAll(Layers.scaleAndShift(name + ".norm", channels));
    addProjection(layout, name + ".proj_in", channels, sizes.projection());
    String block = name + ".transformer_blocks.0";
    layout.addAll(Layers.scaleAndShift(block + ".norm1", channels));
    addAttention(layout, block + ".attn1", channels, channels);
    layout.addAll(Layers.scaleAndShift(block + ".norm2", channels));
    addAttention(layout, block + ".attn2", channels, sizes.textWidth());
    layout.addAll(Layers.scaleAndShift(block + ".norm3", channels));
    addLinear(layout, block + ".ff.net.0.proj", channels, 8 * channels);
    addLinear(layout, block + ".ff.net.2", 4 * channels, channels);
    addProjection(layout, name + ".proj_out", channels, sizes.projection());
  }

  private static void addProjection(
      List<TensorSpec> layout, String name, int channels, UNetSizes.Projection projection) {
    switch (projection) {
      case CONVOLUTION -> addConvolution(layout, name, channels, channels, 1);
      case LINEAR -> addLinear(layout, name, channels, channels);
    }
  }

  private static void addAttention(
      List<TensorSpec> layout, String name, int channels, int contextWidth) {
    layout.add(Layers.matrix(name + ".to_q", channels, channels));
    layout.add(Layers.matrix(name + ".to_k", contextWidth, channels));
    layout.add(Layers.matrix(name + ".to_v", contextWidth, channels));
    addLinear(layout, name + ".to_out.0", channels, channels);
  }

  /** Convolution of (B, C, H, W) with bias. */
  NDArray convolution(String name, NDArray x, int stride, int padding) {
    return Operators.convolution(
        x, parameters.get(name + ".weight"), parameters.get(name + ".bias"), stride, padding);
  }

  /** Linear layer of (.., I), with bias if it has one, and its adapters' part. */
  NDArray linear(String name, NDArray x) {
    String bias = name + ".bias";
    NDArray y =
        Operators.linear(
            x,
            parameters.get(name + ".weight"),
            parameters.contains(bias) ? parameters.get(bias) : null);
    return adapters.map(all -> all.added(name, x, y)).orElse(y);
  }

  NDArray groupNorm(String name, NDArray x, double under) {
    NDArray scale = parameters.get(name + ".weight");
    return Operators.groupNorm(x, groups, scale, parameters.get(name + ".bias"), under);
  }

  private NDArray groupNormSilu(String name, NDArray x) {
    NDArray scale = parameters.get(name + ".weight");
    return Operators.groupNormSilu(x, groups, scale, parameters.get(name + ".bias"), epsilon);
  }

  private NDArray layerNorm(String name, NDArray x) {
    NDArray scale = parameters.get(name + ".weight");
    return Operators.layerNorm(x, scale, parameters.get(name + ".bias"), EPSILON);
  }

  /** The network's last layers: normalisation, SiLU, convolution. */
  NDArray head(NDArray x) {
    return head("conv_norm_out", "conv_out", x);
  }

  NDArray head(String norm, String convolution, NDArray x) {
    return NativeScope.resultOf(() -> convolution(convolution, groupNormSilu(norm, x), 1, 1));
  }

  /**
   * A residual block.
   *
   * @param x (B, I, H, W)
   * @param time activated time embedding (B, T), or null
   * @return (B, O, H, W)
   */
  NDArray residual(String name, NDArray x, NDArray time) {
    return NativeScope.resultOf(
        () -> {
          NDArray h = groupNormSilu(name + ".norm1", x);
          h = convolution(name + ".conv1", h, 1, 1);
          if (time != null) {
            h = h.add(linear(name + ".time_emb_proj", time).expandDims(2).expandDims(3));
          }
          h = groupNormSilu(name + ".norm2", h);
          h = convolution(name + ".conv2", h, 1, 1);
          String shortcut = name + ".conv_shortcut";
          boolean changesWidth = parameters.contains(shortcut + ".weight");
          return (changesWidth ? convolution(shortcut, x, 1, 0) : x).add(h);
        });
  }

  /**
   * Self-attention, attention to the text and a gated feed-forward layer, over the cells of a map.
   *
   * @param x (B, C, H, W)
   * @param text (B, N, textWidth)
   * @return (B, C, H, W)
   */
  NDArray transformer(String name, NDArray x, NDArray text, int heads) {
    Shape shape = x.getShape();
    NDArray projected =
        NativeScope.resultOf(
            () -> {
              NDArray h = groupNorm(name + ".norm", x, SMALL_EPSILON);
              return isLinear(name + ".proj_in")
                  ? linear(name + ".proj_in", cells(h))
                  : cells(convolution(name + ".proj_in", h, 1, 0)); // (B, H W, C)
            });
    NDArray mixed = mixed(name + ".transformer_blocks.0", projected, text, heads);
    return NativeScope.resultOf(
        () ->
            isLinear(name + ".proj_out")
                // the first array decides in which order the sum lies in memory
                ? x.add(map(linear(name + ".proj_out", mixed), shape))
                : x.add(convolution(name + ".proj_out", map(mixed, shape), 1, 0)));
  }

  private boolean isLinear(String name) {
    return parameters.get(name + ".weight").getShape().dimension() == 2;
  }

  /** (B, C, H, W) to (B, H W, C). */
  static NDArray cells(NDArray x) {
    Shape shape = x.getShape();
    return x.reshape(new Shape(shape.get(0), shape.get(1), -1)).swapAxes(1, 2);
  }

  /** (B, H W, C) to the shape of a map (B, C, H, W). */
  static NDArray map(NDArray cells, Shape shape) {
    return cells.swapAxes(1, 2).reshape(shape);
  }

  private NDArray mixed(String name, NDArray x, NDArray text, int heads) {
    NDArray selfAttended =
        NativeScope.resultOf(
            () -> {
              NDArray h = layerNorm(name + ".norm1", x);
              return attention(name + ".attn1", h, h, heads).add(x);
            });
    NDArray attended =
        NativeScope.resultOf(
            () ->
                attention(name + ".attn2", layerNorm(name + ".norm2", selfAttended), text, heads)
                    .add(selfAttended));
    return NativeScope.resultOf(
        () -> {
          NDArray both = linear(name + ".ff.net.0.proj", layerNorm(name + ".norm3", attended));
          var halves = both.split(2, 2);
          NDArray gated = halves.get(0).mul(Operators.gelu(halves.get(1)));
          return linear(name + ".ff.net.2", gated).add(attended);
        });
  }

  /** Attention of (B, N, C) to a context (B, M, C'), with its four linear layers. */
  NDArray attention(String name, NDArray x, NDArray context, int heads) {
    NDArray query = linear(name + ".to_q", x);
    NDArray key = linear(name + ".to_k", context);
    NDArray value = linear(name + ".to_v", context);
    return linear(name + ".to_out.0", Operators.attention(query, key, value, heads, null));
  }

  /** Twice the size, then a convolution. */
  NDArray doubled(String name, NDArray x) {
    return NativeScope.resultOf(() -> convolution(name, Operators.doubled(x), 1, 1));
  }
}
