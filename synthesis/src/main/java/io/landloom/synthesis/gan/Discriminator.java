package io.landloom.synthesis.gan;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import io.landloom.synthesis.tensor.Layers;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The discriminator: one convolutional net on the image with its mask, others on both at half the
 * size and less (Wang et al., TGRS 2023, section III-D; sizes as in methods 3.3).
 */
final class Discriminator {
  private static final double SLOPE = 0.2;
  private static final int KERNEL = 4;
  private static final int PADDING = 2;

  /** Convolution l: its stride and its output's channels in units of ndf. */
  private record Layer(int stride, int out) {}

  private static final List<Layer> LAYERS =
      List.of(new Layer(2, 1), new Layer(2, 2), new Layer(2, 4), new Layer(1, 8));

  /**
   * What one scale says.
   *
   * @param features outputs of the four convolutions with their activation, shallow to deep
   * @param score (B, 1, h, w), positive for real
   */
  record Judgement(List<NDArray> features, NDArray score) {}

  private final ParameterSet parameters;
  private final int scales;

  Discriminator(ParameterSet parameters, int scales) {
    this.parameters = parameters;
    this.scales = scales;
  }

  /**
   * The tensors.
   *
   * @param inputs bands plus class positions
   * @param ndf unit of the channels
   * @param scales sizes at which it looks, each half the one before
   * @param gain of the convolutions' start
   */
  static List<TensorSpec> layout(int inputs, int ndf, int scales, double gain) {
    List<TensorSpec> layout = new ArrayList<>();
    for (int scale = 0; scale < scales; scale++) {
      int in = inputs;
      for (int layer = 0; layer < LAYERS.size(); layer++) {
        String name = name(scale, layer);
        int out = LAYERS.get(layer).out() * ndf;
        layout.add(Layers.kernel(name, in, out, KERNEL, gain));
        layout.add(layer == 0 ? Layers.bias(name, out) : Layers.singularVector(name, out));
        in = out;
      }
      layout.add(Layers.kernel(name(scale, LAYERS.size()), in, 1, KERNEL, gain));
      layout.add(Layers.bias(name(scale, LAYERS.size()), 1));
    }
    return layout;
  }

  private static String name(int scale, int layer) {
    return "scale_" + scale + ".conv_" + layer;
  }

  /**
   * The kernels of one phase, spectrally normalised with one step of power iteration; real and fake
   * images of a phase meet the same kernels.
   */
  Map<String, NDArray> kernels() {
    Map<String, NDArray> kernels = new LinkedHashMap<>();
    for (int scale = 0; scale < scales; scale++) {
      for (int layer = 0; layer <= LAYERS.size(); layer++) {
        String name = name(scale, layer);
        NDArray kernel = parameters.get(name + ".weight");
        String left = name + Layers.LEFT_SUFFIX;
        kernels.put(
            name,
            parameters.contains(left)
                ? Operators.spectralNorm(kernel, parameters.get(left))
                : kernel);
      }
    }
    return kernels;
  }

  /**
   * Judges images.
   *
   * @param image (B, bands, H, W)
   * @param oneHot (B, K+1, H, W)
   * @return a judgement a scale, the full size first
   */
  List<Judgement> forward(NDArray image, NDArray oneHot, Map<String, NDArray> kernels) {
    NDArray x = NDArrays.concat(new NDList(image, oneHot), 1); // (B, bands + K+1, H, W)
    List<Judgement> judgements = new ArrayList<>();
    for (int scale = 0; scale < scales; scale++) {
      x = scale == 0 ? x : Operators.halvedByMean(x);
      judgements.add(scale(scale, x, kernels));
    }
    return judgements;
  }

  private Judgement scale(int scale, NDArray input, Map<String, NDArray> kernels) {
    NDArray x = input;
    List<NDArray> features = new ArrayList<>();
    for (int layer = 0; layer < LAYERS.size(); layer++) {
      x = layer(scale, layer, x, kernels);
      features.add(x); // (B, out ndf, h, w)
    }
    return new Judgement(features, convolution(name(scale, LAYERS.size()), x, kernels, 1));
  }

  private NDArray layer(int scale, int layer, NDArray x, Map<String, NDArray> kernels) {
    return NativeScope.resultOf(
        () -> {
          NDArray h = convolution(name(scale, layer), x, kernels, LAYERS.get(layer).stride());
          return Operators.leakyRelu(layer == 0 ? h : Operators.instanceNorm(h), SLOPE);
        });
  }

  private NDArray convolution(String name, NDArray x, Map<String, NDArray> kernels, int stride) {
    NDArray bias = parameters.contains(name + ".bias") ? parameters.get(name + ".bias") : null;
    return Operators.convolution(x, kernels.get(name), bias, stride, PADDING);
  }
}
