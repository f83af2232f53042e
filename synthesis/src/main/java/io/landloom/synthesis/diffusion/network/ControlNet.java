package io.landloom.synthesis.diffusion.network;

import ai.djl.ndarray.NDArray;
import io.landloom.synthesis.tensor.Layers;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A trainable copy of a U-Net's first half that looks at a condition image and adds to the frozen
 * U-Net's skips through convolutions that start at zero (Zhang et al., ICCV 2023), with the tensor
 * names of published ControlNets for Stable Diffusion 1.x.
 */
public final class ControlNet {
  private static final String STEM = "controlnet_cond_embedding";

  private final Blocks blocks;
  private final NoisyEncoder encoder;
  private final Sizes sizes;

  /**
   * Sizes.
   *
   * @param unet of the U-Net that is controlled
   * @param conditionChannels channels of the condition image
   * @param stem widths on the way from the image to the latent's size; each but the first halves
   *     the cells along an edge
   */
  public record Sizes(UNetSizes unet, int conditionChannels, List<Integer> stem) {
    /** Checks the numbers. */
    public Sizes {
      stem = List.copyOf(stem);
      if (conditionChannels < 1 || stem.isEmpty()) {
        throw new IllegalArgumentException(
            "condition channels " + conditionChannels + " and widths of the stem " + stem);
      }
    }

    /** Pixels of the condition image along an edge for one cell of the latent. */
    public int stride() {
      return 1 << (stem.size() - 1);
    }
  }

  /**
   * What is added to a U-Net.
   *
   * @param skips to the maps on its way down, in order
   * @param middle to the map in its middle
   */
  public record Signals(List<NDArray> skips, NDArray middle) {}

  /** The network over its tensors. */
  public ControlNet(Sizes sizes, ParameterSet parameters) {
    this.sizes = sizes;
    this.blocks = new Blocks(parameters, sizes.unet().groups(), Blocks.EPSILON, Optional.empty());
    this.encoder = new NoisyEncoder(sizes.unet(), blocks);
  }

  /** The tensors; those that add to the U-Net start at zero. */
  public static List<TensorSpec> layout(Sizes sizes) {
    UNetSizes unet = sizes.unet();
    List<TensorSpec> layout = new ArrayList<>();
    NoisyEncoder.addTo(layout, unet);
    List<Integer> stem = sizes.stem();
    Blocks.addConvolution(layout, STEM + ".conv_in", sizes.conditionChannels(), stem.get(0), 3);
    for (int i = 0; i < stem.size() - 1; i++) {
      int in = stem.get(i);
      Blocks.addConvolution(layout, STEM + ".blocks." + 2 * i, in, in, 3);
      Blocks.addConvolution(layout, STEM + ".blocks." + (2 * i + 1), in, stem.get(i + 1), 3);
    }
    addZeroConvolution(layout, STEM + ".conv_out", stem.get(stem.size() - 1), unet.width(0), 3);
    List<Integer> skips = NoisyEncoder.skipWidths(unet);
    for (int i = 0; i < skips.size(); i++) {
      addZeroConvolution(layout, "controlnet_down_blocks." + i, skips.get(i), skips.get(i), 1);
    }
    addZeroConvolution(layout, "controlnet_mid_block", unet.deepest(), unet.deepest(), 1);
    return layout;
  }

  private static void addZeroConvolution(
      List<TensorSpec> layout, String name, int in, int out, int size) {
    layout.add(TensorSpec.trained(name + ".weight", Layers.ZERO, out, in, size, size));
    layout.add(Layers.bias(name, out));
  }

  /**
   * What to add to the U-Net.
   *
   * @param x noisy latents (B, C, H, W)
   * @param timesteps one an image
   * @param text (B, N, textWidth)
   * @param condition (B, conditionChannels, stride H, stride W)
   * @param scale factor of all that is added
   */
  public Signals forward(
      NDArray x, int[] timesteps, NDArray text, NDArray condition, double scale) {
    return forward(x, timesteps, UNetCondition.ofText(text), condition, scale);
  }

  /**
   * What to add to a U-Net that looks at a text and shares.
   *
   * @param asked the U-Net's condition
   */
  public Signals forward(
      NDArray x, int[] timesteps, UNetCondition asked, NDArray condition, double scale) {
    NDArray time = encoder.time(x.getManager(), timesteps, asked.shares());
    NDArray first = blocks.convolution("conv_in", x, 1, 1).add(stem(condition));
    NoisyEncoder.Maps maps = encoder.maps(first, time, asked.text());
    List<NDArray> skips = new ArrayList<>();
    for (int i = 0; i < maps.skips().size(); i++) {
      skips.add(added("controlnet_down_blocks." + i, maps.skips().get(i), scale));
    }
    return new Signals(skips, added("controlnet_mid_block", maps.middle(), scale));
  }

  private NDArray added(String name, NDArray map, double scale) {
    return NativeScope.resultOf(() -> Operators.scaled(blocks.convolution(name, map, 1, 0), scale));
  }

  private NDArray stem(NDArray condition) {
    return NativeScope.resultOf(
        () -> {
          NDArray h = Operators.silu(blocks.convolution(STEM + ".conv_in", condition, 1, 1));
          for (int i = 0; i < 2 * (sizes.stem().size() - 1); i++) {
            h = Operators.silu(blocks.convolution(STEM + ".blocks." + i, h, 1 + i % 2, 1));
          }
          return blocks.convolution(STEM + ".conv_out", h, 1, 1); // (B, width 0, H, W)
        });
  }
}
