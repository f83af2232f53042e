package io.landloom.synthesis.diffusion.training;

import ai.djl.ndarray.NDArray;
import io.landloom.synthesis.tensor.Layers;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * Judges whether pieces of an image are real (Isola et al., CVPR 2017, section 3.2.2), with the
 * hinge loss.
 *
 * @param parameters its arrays
 */
record PatchDiscriminator(ParameterSet parameters) {
  private static final int HALVINGS = 3;
  private static final double SLOPE = 0.2;

  static List<TensorSpec> layout(int bands, int width) {
    List<TensorSpec> layout = new ArrayList<>();
    int in = bands;
    for (int i = 0; i < HALVINGS; i++) {
      int out = width << i;
      layout.add(Layers.heKernel("conv_" + i, in, out, 3));
      layout.add(Layers.bias("conv_" + i, out));
      in = out;
    }
    layout.add(Layers.plainKernel("conv_out", in, 1, 3));
    layout.add(Layers.bias("conv_out", 1));
    return layout;
  }

  /** Scores (B, 1, H / 8, W / 8) of images (B, bands, H, W); real ones are to have high ones. */
  NDArray scores(NDArray image) {
    NDArray x = image;
    for (int i = 0; i < HALVINGS; i++) {
      x = convolution("conv_" + i, x, 2);
      x = Operators.leakyRelu(i == 0 ? x : Operators.instanceNorm(x), SLOPE);
    }
    return convolution("conv_out", x, 1);
  }

  private NDArray convolution(String name, NDArray x, int stride) {
    return Operators.convolution(
        x, parameters.get(name + ".weight"), parameters.get(name + ".bias"), stride, 1);
  }

  /** What it minimises. */
  NDArray loss(NDArray real, NDArray fake) {
    NDArray ofReal = Operators.relu(scores(real).neg().add(1)).mean();
    return Operators.scaled(ofReal.add(Operators.relu(scores(fake).add(1)).mean()), 0.5);
  }
}
