package io.landloom.synthesis.diffusion.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.tensor.Layers;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The U-Net that denoises latents under a text (Rombach et al., CVPR 2022, section 3.3), in the
 * form and with the tensor names of Stable Diffusion 1.x.
 */
public final class DenoisingUNet {
  private final UNetSizes sizes;
  private final Blocks blocks;
  private final NoisyEncoder encoder;

  /** The network over its tensors. */
  public DenoisingUNet(UNetSizes sizes, ParameterSet parameters) {
    this(sizes, parameters, Optional.empty());
  }

  /** The network over its tensors, with low-rank changes of its linear layers. */
  public DenoisingUNet(UNetSizes sizes, ParameterSet parameters, Optional<LoraAdapters> adapters) {
    this.sizes = sizes;
    this.blocks = new Blocks(parameters, sizes.groups(), Blocks.EPSILON, adapters);
    this.encoder = new NoisyEncoder(sizes, blocks);
  }

  /** The tensors. */
  public static List<TensorSpec> layout(UNetSizes sizes) {
    List<TensorSpec> layout = new ArrayList<>();
    NoisyEncoder.addTo(layout, sizes);
    Deque<Integer> skips = new ArrayDeque<>(NoisyEncoder.skipWidths(sizes));
    int in = sizes.deepest();
    for (int level = sizes.levels().size() - 1; level >= 0; level--) {
      int out = sizes.width(level);
      String name = upBlock(sizes, level);
      for (int i = 0; i <= sizes.blocks(); i++) {
        int joined = in + skips.removeLast();
        Blocks.addResidual(layout, name + ".resnets." + i, joined, out, sizes.timeWidth());
        if (sizes.levels().get(level).heads() > 0) {
          Blocks.addTransformer(layout, name + ".attentions." + i, out, sizes);
        }
        in = out;
      }
      if (level > 0) {
        Blocks.addConvolution(layout, name + ".upsamplers.0.conv", out, out, 3);
      }
    }
    layout.addAll(Layers.scaleAndShift("conv_norm_out", in));
    Blocks.addConvolution(layout, "conv_out", in, sizes.outChannels(), 3);
    return layout;
  }

  private static String upBlock(UNetSizes sizes, int level) {
    return "up_blocks." + (sizes.levels().size() - 1 - level);
  }

  /**
   * Predicts the noise, or what the network was trained to predict.
   *
   * @param x noisy latents (B, inChannels, H, W); H and W multiples of the sizes' stride
   * @param timesteps one an image
   * @param text (B, N, textWidth)
   * @param control what a ControlNet adds, or nothing
   * @return (B, outChannels, H, W)
   */
  public NDArray forward(
      NDArray x, int[] timesteps, NDArray text, Optional<ControlNet.Signals> control) {
    return forward(x, timesteps, UNetCondition.ofText(text), control);
  }

  /**
   * Predicts like {@link #forward(NDArray, int[], NDArray, Optional)} under a text and shares.
   *
   * @param condition of the images
   */
  public NDArray forward(
      NDArray x, int[] timesteps, UNetCondition condition, Optional<ControlNet.Signals> control) {
    requireDivisible(x.getShape());
    NDArray text = condition.text();
    NDArray time = encoder.time(x.getManager(), timesteps, condition.shares());
    NoisyEncoder.Maps maps = encoder.maps(blocks.convolution("conv_in", x, 1, 1), time, text);
    Deque<NDArray> skips = new ArrayDeque<>(controlled(maps.skips(), control));
    NDArray h = control.map(signals -> maps.middle().add(signals.middle())).orElse(maps.middle());
    for (int level = sizes.levels().size() - 1; level >= 0; level--) {
      String name = upBlock(sizes, level);
      int heads = sizes.levels().get(level).heads();
      for (int i = 0; i <= sizes.blocks(); i++) {
        NDArray joined = NDArrays.concat(new NDList(h, skips.removeLast()), 1);
        h = blocks.residual(name + ".resnets." + i, joined, time);
        if (heads > 0) {
          h = blocks.transformer(name + ".attentions." + i, h, text, heads);
        }
      }
      if (level > 0) {
        h = blocks.doubled(name + ".upsamplers.0.conv", h);
      }
    }
    return blocks.head(h);
  }

  private void requireDivisible(Shape shape) {
    int stride = sizes.stride();
    if (shape.get(2) % stride != 0 || shape.get(3) % stride != 0) {
      throw new IllegalArgumentException(
          "latents " + shape + " do not have a height and width divisible by " + stride);
    }
  }

  private static List<NDArray> controlled(
      List<NDArray> skips, Optional<ControlNet.Signals> control) {
    if (control.isEmpty()) {
      return skips;
    }
    List<NDArray> sums = new ArrayList<>();
    for (int i = 0; i < skips.size(); i++) {
      sums.add(skips.get(i).add(control.get().skips().get(i)));
    }
    return sums;
  }
}
