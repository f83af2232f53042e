package io.landloom.synthesis.diffusion.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.landloom.synthesis.diffusion.TimestepWaves;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** The half that U-Net and ControlNet have in common: time embedding, way down and middle. */
final class NoisyEncoder {
  private final UNetSizes sizes;
  private final Blocks blocks;

  NoisyEncoder(UNetSizes sizes, Blocks blocks) {
    this.sizes = sizes;
    this.blocks = blocks;
  }

  static void addTo(List<TensorSpec> layout, UNetSizes sizes) {
    Blocks.addConvolution(layout, "conv_in", sizes.inChannels(), sizes.width(0), 3);
    Blocks.addLinear(layout, "time_embedding.linear_1", sizes.width(0), sizes.timeWidth());
    Blocks.addLinear(layout, "time_embedding.linear_2", sizes.timeWidth(), sizes.timeWidth());
    if (sizes.shares() > 0) {
      Blocks.addLinear(layout, "class_embedding.linear_1", sizes.shares(), sizes.timeWidth());
      Blocks.addLinear(layout, "class_embedding.linear_2", sizes.timeWidth(), sizes.timeWidth());
    }
    int in = sizes.width(0);
    for (int level = 0; level < sizes.levels().size(); level++) {
      int out = sizes.width(level);
      String name = "down_blocks." + level;
      for (int i = 0; i < sizes.blocks(); i++) {
        Blocks.addResidual(layout, name + ".resnets." + i, in, out, sizes.timeWidth());
        if (sizes.levels().get(level).heads() > 0) {
          Blocks.addTransformer(layout, name + ".attentions." + i, out, sizes);
        }
        in = out;
      }
      if (level < sizes.levels().size() - 1) {
        Blocks.addConvolution(layout, name + ".downsamplers.0.conv", out, out, 3);
      }
    }
    for (int i = 0; i < 2; i++) {
      Blocks.addResidual(layout, "mid_block.resnets." + i, in, in, sizes.timeWidth());
    }
    Blocks.addTransformer(layout, "mid_block.attentions.0", in, sizes);
  }

  /** Channels of every skip, in the order they are made. */
  static List<Integer> skipWidths(UNetSizes sizes) {
    List<Integer> widths = new ArrayList<>(List.of(sizes.width(0)));
    for (int level = 0; level < sizes.levels().size(); level++) {
      int made = sizes.blocks() + (level < sizes.levels().size() - 1 ? 1 : 0);
      for (int i = 0; i < made; i++) {
        widths.add(sizes.width(level));
      }
    }
    return widths;
  }

  /**
   * The activated embedding of timesteps, their waves through two layers, and of what is added to
   * it.
   *
   * @param timesteps one an image
   * @return (B, 4 width)
   * @throws IllegalArgumentException if the network takes shares and there are none, or the other
   *     way round
   */
  NDArray time(NDManager manager, int[] timesteps, Optional<NDArray> shares) {
    if (shares.isPresent() != sizes.shares() > 0) {
      throw new IllegalArgumentException(
          "the network takes " + sizes.shares() + " shares, given are " + shares);
    }
    return NativeScope.resultOf(
        () -> {
          NDArray waves = TimestepWaves.of(manager, timesteps, sizes.width(0));
          NDArray h = Operators.silu(blocks.linear("time_embedding.linear_1", waves));
          NDArray embedding = blocks.linear("time_embedding.linear_2", h);
          return Operators.silu(shares.map(embedding(embedding)).orElse(embedding));
        });
  }

  private UnaryOperator<NDArray> embedding(NDArray ofTime) {
    return shares -> {
      NDArray h = Operators.silu(blocks.linear("class_embedding.linear_1", shares));
      return ofTime.add(blocks.linear("class_embedding.linear_2", h));
    };
  }

  /**
   * The maps on the way down and in the middle.
   *
   * @param skips all maps on the way down, the first included
   * @param middle (B, deepest, H / stride, W / stride)
   */
  record Maps(List<NDArray> skips, NDArray middle) {}

  /**
   * Walks down.
   *
   * @param first map (B, width 0, H, W) after {@code conv_in}
   * @param time activated embedding
   * @param text (B, N, textWidth)
   */
  Maps maps(NDArray first, NDArray time, NDArray text) {
    List<NDArray> skips = new ArrayList<>(List.of(first));
    NDArray x = first;
    for (int level = 0; level < sizes.levels().size(); level++) {
      String name = "down_blocks." + level;
      int heads = sizes.levels().get(level).heads();
      for (int i = 0; i < sizes.blocks(); i++) {
        x = blocks.residual(name + ".resnets." + i, x, time);
        if (heads > 0) {
          x = blocks.transformer(name + ".attentions." + i, x, text, heads);
        }
        skips.add(x);
      }
      if (level < sizes.levels().size() - 1) {
        x = blocks.convolution(name + ".downsamplers.0.conv", x, 2, 1);
        skips.add(x);
      }
    }
    x = blocks.residual("mid_block.resnets.0", x, time);
    x = blocks.transformer("mid_block.attentions.0", x, text, sizes.middleHeads());
    return new Maps(skips, blocks.residual("mid_block.resnets.1", x, time));
  }
}
