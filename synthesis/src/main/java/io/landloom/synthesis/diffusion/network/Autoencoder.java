package io.landloom.synthesis.diffusion.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.tensor.Layers;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The autoencoder between images and latents, regularised towards a standard normal (Rombach et
 * al., CVPR 2022, section 3.1), in the form and with the tensor names of Stable Diffusion 1.x.
 */
public final class Autoencoder {
  private static final double EPSILON = 1e-6;
  private static final float LEAST_LOG_VARIANCE = -30;
  private static final float MOST_LOG_VARIANCE = 20;

  private final AutoencoderSizes sizes;
  private final Blocks blocks;

  /** The network over its tensors. */
  public Autoencoder(AutoencoderSizes sizes, ParameterSet parameters) {
    this.sizes = sizes;
    this.blocks = new Blocks(parameters, sizes.groups(), EPSILON, Optional.empty());
  }

  /** The tensors. */
  public static List<TensorSpec> layout(AutoencoderSizes sizes) {
    List<TensorSpec> layout = new ArrayList<>();
    addEncoder(layout, sizes);
    addDecoder(layout, sizes);
    int latent = sizes.latentChannels();
    Blocks.addConvolution(layout, "quant_conv", 2 * latent, 2 * latent, 1);
    Blocks.addConvolution(layout, "post_quant_conv", latent, latent, 1);
    return layout;
  }

  private static void addEncoder(List<TensorSpec> layout, AutoencoderSizes sizes) {
    int in = sizes.widths().get(0);
    Blocks.addConvolution(layout, "encoder.conv_in", sizes.bands(), in, 3);
    for (int level = 0; level < sizes.widths().size(); level++) {
      String name = "encoder.down_blocks." + level;
      int out = sizes.widths().get(level);
      for (int i = 0; i < sizes.blocks(); i++) {
        Blocks.addResidual(layout, name + ".resnets." + i, in, out, 0);
        in = out;
      }
      if (level < sizes.widths().size() - 1) {
        Blocks.addConvolution(layout, name + ".downsamplers.0.conv", out, out, 3);
      }
    }
    addMiddle(layout, "encoder.mid_block", in);
    layout.addAll(Layers.scaleAndShift("encoder.conv_norm_out", in));
    Blocks.addConvolution(layout, "encoder.conv_out", in, 2 * sizes.latentChannels(), 3);
  }

  private static void addDecoder(List<TensorSpec> layout, AutoencoderSizes sizes) {
    int in = sizes.deepest();
    Blocks.addConvolution(layout, "decoder.conv_in", sizes.latentChannels(), in, 3);
    addMiddle(layout, "decoder.mid_block", in);
    for (int level = sizes.widths().size() - 1; level >= 0; level--) {
      String name = upBlock(sizes, level);
      int out = sizes.widths().get(level);
      for (int i = 0; i <= sizes.blocks(); i++) {
        Blocks.addResidual(layout, name + ".resnets." + i, in, out, 0);
        in = out;
      }
      if (level > 0) {
        Blocks.addConvolution(layout, name + ".upsamplers.0.conv", out, out, 3);
      }
    }
    layout.addAll(Layers.scaleAndShift("decoder.conv_norm_out", in));
    Blocks.addConvolution(layout, "decoder.conv_out", in, sizes.bands(), 3);
  }

  private static String upBlock(AutoencoderSizes sizes, int level) {
    return "decoder.up_blocks." + (sizes.widths().size() - 1 - level);
  }

  private static void addMiddle(List<TensorSpec> layout, String name, int width) {
    Blocks.addResidual(layout, name + ".resnets.0", width, width, 0);
    String attention = name + ".attentions.0";
    layout.addAll(Layers.scaleAndShift(attention + ".group_norm", width));
    for (String layer : List.of(".to_q", ".to_k", ".to_v", ".to_out.0")) {
      Blocks.addLinear(layout, attention + layer, width, width);
    }
    Blocks.addResidual(layout, name + ".resnets.1", width, width, 0);
  }

  /**
   * A normal distribution of latents, not yet scaled.
   *
   * @param mean (B, latentChannels, H, W)
   * @param logVariance (B, latentChannels, H, W), from -30 to 20
   */
  public record Posterior(NDArray mean, NDArray logVariance) {
    /** A draw, from standard normal numbers of the mean's shape. */
    public NDArray sample(NDArray noise) {
      return mean.add(Operators.scaled(logVariance, 0.5).exp().mul(noise));
    }

    /** Divergence from a standard normal, summed over a latent, (B). */
    public NDArray divergence() {
      NDArray each = mean.square().add(logVariance.exp()).sub(1f).sub(logVariance);
      return Operators.scaled(each.sum(new int[] {1, 2, 3}), 0.5);
    }
  }

  /**
   * Encodes images.
   *
   * @param image (B, bands, S H, S W) in -1 .. 1, with S the sizes' stride
   */
  public Posterior encode(NDArray image) {
    requireDivisible(image.getShape());
    NDArray x = blocks.convolution("encoder.conv_in", image, 1, 1);
    for (int level = 0; level < sizes.widths().size(); level++) {
      String name = "encoder.down_blocks." + level;
      for (int i = 0; i < sizes.blocks(); i++) {
        x = blocks.residual(name + ".resnets." + i, x, null);
      }
      if (level < sizes.widths().size() - 1) {
        x = halved(name + ".downsamplers.0.conv", x);
      }
    }
    x = middle("encoder.mid_block", x);
    x = blocks.head("encoder.conv_norm_out", "encoder.conv_out", x);
    NDList moments = blocks.convolution("quant_conv", x, 1, 0).split(2, 1);
    return new Posterior(
        moments.get(0), moments.get(1).clip(LEAST_LOG_VARIANCE, MOST_LOG_VARIANCE));
  }

  private void requireDivisible(Shape shape) {
    int stride = sizes.stride();
    if (shape.get(2) % stride != 0 || shape.get(3) % stride != 0) {
      throw new IllegalArgumentException(
          "images " + shape + " do not have a height and width divisible by " + stride);
    }
  }

  /** Stride 2 with a row and a column of zeros below and to the right alone. */
  private NDArray halved(String name, NDArray x) {
    return NativeScope.resultOf(
        () -> blocks.convolution(name, x.pad(new Shape(0, 1, 0, 1), 0), 2, 0));
  }

  /**
   * Decodes latents.
   *
   * @param latent (B, latentChannels, H, W), not scaled
   * @return images (B, bands, S H, S W), about -1 .. 1
   */
  public NDArray decode(NDArray latent) {
    NDArray x = blocks.convolution("post_quant_conv", latent, 1, 0);
    x = middle("decoder.mid_block", blocks.convolution("decoder.conv_in", x, 1, 1));
    for (int level = sizes.widths().size() - 1; level >= 0; level--) {
      String name = upBlock(sizes, level);
      for (int i = 0; i <= sizes.blocks(); i++) {
        x = blocks.residual(name + ".resnets." + i, x, null);
      }
      if (level > 0) {
        x = blocks.doubled(name + ".upsamplers.0.conv", x);
      }
    }
    return blocks.head("decoder.conv_norm_out", "decoder.conv_out", x);
  }

  private NDArray middle(String name, NDArray input) {
    NDArray x = blocks.residual(name + ".resnets.0", input, null);
    String attention = name + ".attentions.0";
    NDArray attended =
        NativeScope.resultOf(
            () -> {
              NDArray h = Blocks.cells(blocks.groupNorm(attention + ".group_norm", x, EPSILON));
              // x first, as it decides in which order the sum lies in memory
              return x.add(Blocks.map(blocks.attention(attention, h, h, 1), x.getShape()));
            });
    return blocks.residual(name + ".resnets.1", attended, null);
  }
}
