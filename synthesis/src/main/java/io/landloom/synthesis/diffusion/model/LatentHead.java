package io.landloom.synthesis.diffusion.model;

import ai.djl.ndarray.NDArray;
import io.landloom.synthesis.tensor.Layers;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.List;

/**
 * Tells the classes of cells by their latents, far cheaper than by decoding them: two convolutions
 * of single cells.
 *
 * @param parameters arrays that hold the head's among others
 */
public record LatentHead(ParameterSet parameters) {
  private static final String FIRST = "latent_head.0";
  private static final String SECOND = "latent_head.2";

  /** The tensors. */
  public static List<TensorSpec> layout(int channels, int width, int classes) {
    return List.of(
        Layers.plainKernel(FIRST, channels, width, 1),
        Layers.bias(FIRST, width),
        Layers.plainKernel(SECOND, width, classes, 1),
        Layers.bias(SECOND, classes));
  }

  /** Class scores (B, K, H, W) of latents (B, C, H, W). */
  public NDArray logits(NDArray latents) {
    return convolution(SECOND, Operators.silu(convolution(FIRST, latents)));
  }

  private NDArray convolution(String name, NDArray x) {
    return Operators.convolution(
        x, parameters.get(name + ".weight"), parameters.get(name + ".bias"), 1, 0);
  }
}
