package io.landloom.synthesis.gan;

import static io.landloom.synthesis.tensor.Layers.ONE;
import static io.landloom.synthesis.tensor.Layers.ZERO;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.tensor.Layers;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.tensor.Statistics;
import io.landloom.synthesis.training.ClassMaps;
import io.landloom.synthesis.weights.TensorSpec;
import io.landloom.synthesis.weights.TensorSpec.Start;
import java.util.ArrayList;
import java.util.List;

/**
 * The generator: a noise image grown over five doublings, whose normalisations scale and shift each
 * pixel by its class's embedding (Wang et al., TGRS 2023, equations 1 to 5).
 *
 * <p>In training the three convolutions of a block are spectrally normalised; the arrays of a
 * shipped model are already divided by their norm, and have no singular vectors.
 */
final class Generator {
  private static final double SLOPE = 0.2;
  private static final int WIDEST = 16;
  private static final String GAMMA = "gamma";
  private static final String BETA = "beta";
  private static final String MEAN = ".mean";

  /** How the names of the classes' log variances end. */
  static final String LOG_VARIANCE = ".log_variance";

  /** How the names of the strengths of pixels' noise end. */
  static final String PIXEL_NOISE = ".pixel_noise";

  private static final Start NOISE_START = new Start.Constant(0.1f);

  /** A block's name, channels in and out in units of nf, and whether a doubling precedes it. */
  private record Block(String name, int in, int out, int doublings) {
    int middle() {
      return Math.min(in, out);
    }

    /** Whether it is of the first, whose kernels reach over most of an image. */
    boolean coarse() {
      return out == WIDEST;
    }
  }

  private final GeneratorSizes sizes;
  private final ParameterSet parameters;
  private final List<Block> blocks;

  Generator(GeneratorSizes sizes, ParameterSet parameters) {
    this.sizes = sizes;
    this.parameters = parameters;
    this.blocks = blocks(sizes);
  }

  private static List<Block> blocks(GeneratorSizes sizes) {
    return List.of(
        new Block("head", 16, 16, 0),
        new Block("mid_0", 16, 16, 1),
        new Block("mid_1", 16, 16, sizes.has(GeneratorVariant.SIXTH_DOUBLING) ? 1 : 0),
        new Block("up_0", 16, 8, 1),
        new Block("up_1", 8, 4, 1),
        new Block("up_2", 4, 2, 1),
        new Block("up_3", 2, 1, 1));
  }

  /**
   * The tensors of a generator in training.
   *
   * @param gain of the convolutions' start
   */
  static List<TensorSpec> trainingLayout(GeneratorSizes sizes, double gain) {
    List<TensorSpec> layout = new ArrayList<>(layout(sizes, gain));
    for (Block block : blocks(sizes)) {
      for (String convolution : normalizedConvolutions(sizes, block)) {
        int out = channels(sizes, convolution.endsWith("conv_0") ? block.middle() : block.out());
        layout.add(Layers.singularVector(convolution, kernelSets(sizes) * out));
      }
    }
    return layout;
  }

  /** The tensors of a shipped generator, whose kernels are divided by their spectral norm. */
  static List<TensorSpec> shippedLayout(GeneratorSizes sizes) {
    return layout(sizes, 1);
  }

  private static List<TensorSpec> layout(GeneratorSizes sizes, double gain) {
    List<TensorSpec> layout = new ArrayList<>();
    for (String kind : List.of(GAMMA, BETA)) {
      String name = "embedding." + kind;
      long[] shape = {sizes.classes(), sizes.embedding()};
      layout.add(TensorSpec.trained(name + MEAN, new Start.Normal(1), shape));
      layout.add(TensorSpec.trained(name + LOG_VARIANCE, ZERO, shape));
    }
    addStart(layout, sizes, gain);
    for (Block block : blocks(sizes)) {
      addBlock(layout, sizes, block, gain);
    }
    layout.add(Layers.kernel("to_image", sizes.nf(), sizes.bands(), 3, gain));
    layout.add(Layers.bias("to_image", sizes.bands()));
    return layout;
  }

  private static void addStart(List<TensorSpec> layout, GeneratorSizes sizes, double gain) {
    int width = channels(sizes, WIDEST);
    if (sizes.has(GeneratorVariant.MASK_START)) {
      layout.add(Layers.kernel("start", sizes.classes(), width, 3, gain));
    } else {
      width *= sizes.startSize() * sizes.startSize();
      Start unit = new Start.Normal(1 / Math.sqrt(sizes.z()));
      layout.add(TensorSpec.trained("start.weight", unit, width, sizes.z()));
    }
    layout.add(Layers.bias("start", width));
  }

  private static void addBlock(
      List<TensorSpec> layout, GeneratorSizes sizes, Block block, double gain) {
    int in = channels(sizes, block.in());
    int middle = channels(sizes, block.middle());
    int out = channels(sizes, block.out());
    int sets = kernelSets(sizes);
    addNorm(layout, sizes, block.name() + ".norm_0", in);
    layout.add(Layers.kernel(block.name() + ".conv_0", in, sets * middle, 3, gain));
    layout.add(Layers.bias(block.name() + ".conv_0", sets * middle));
    if (takesPixelNoise(sizes, block)) {
      layout.add(TensorSpec.trained(block.name() + PIXEL_NOISE, NOISE_START, middle));
    }
    addNorm(layout, sizes, block.name() + ".norm_1", middle);
    layout.add(Layers.kernel(block.name() + ".conv_1", middle, sets * out, 3, gain));
    layout.add(Layers.bias(block.name() + ".conv_1", sets * out));
    if (in != out) {
      addNorm(layout, sizes, block.name() + ".norm_s", in);
      layout.add(Layers.kernel(block.name() + ".conv_s", in, sets * out, 1, gain));
    }
  }

  private static boolean takesClassNoise(GeneratorSizes sizes, Block block) {
    return !(block.coarse() && sizes.has(GeneratorVariant.FINE_NOISE));
  }

  private static boolean takesPixelNoise(GeneratorSizes sizes, Block block) {
    return sizes.has(GeneratorVariant.PIXEL_NOISE) && takesClassNoise(sizes, block);
  }

  /** Kernels a block's convolution has: one for all classes, or one for each. */
  private static int kernelSets(GeneratorSizes sizes) {
    return sizes.has(GeneratorVariant.PER_CLASS_CONVOLUTIONS) ? sizes.classes() : 1;
  }

  private static void addNorm(
      List<TensorSpec> layout, GeneratorSizes sizes, String name, int channels) {
    int hidden = sizes.mlpHidden();
    Start first = new Start.Normal(Math.sqrt(2.0 / sizes.embedding()));
    for (String kind : List.of(GAMMA, BETA)) {
      String mlp = name + "." + kind;
      layout.add(mlpTensor(sizes, mlp + ".0.weight", first, hidden, sizes.embedding()));
      layout.add(mlpTensor(sizes, mlp + ".0.bias", ZERO, hidden));
      layout.add(mlpTensor(sizes, mlp + ".2.weight", new Start.Normal(0.02), channels, hidden));
      // a scale of about 1: equation 5 multiplies by gamma itself, not by 1 + gamma
      layout.add(mlpTensor(sizes, mlp + ".2.bias", kind.equals(GAMMA) ? ONE : ZERO, channels));
    }
    layout.add(Layers.runningMean(name, channels));
    layout.add(Layers.runningVariance(name, channels));
  }

  private static TensorSpec mlpTensor(
      GeneratorSizes sizes, String name, Start start, long... shape) {
    if (!sizes.has(GeneratorVariant.PER_CLASS_MLP)) {
      return TensorSpec.trained(name, start, shape);
    }
    long[] each = new long[shape.length + 1];
    each[0] = sizes.classes();
    System.arraycopy(shape, 0, each, 1, shape.length);
    return TensorSpec.trained(name, start, each);
  }

  private static List<String> normalizedConvolutions(GeneratorSizes sizes, Block block) {
    if (sizes.has(GeneratorVariant.PLAIN_KERNELS)) {
      return List.of();
    }
    List<String> names =
        new ArrayList<>(List.of(block.name() + ".conv_0", block.name() + ".conv_1"));
    if (block.in() != block.out()) {
      names.add(block.name() + ".conv_s");
    }
    return names;
  }

  /** Names of the convolutions that are spectrally normalised in training. */
  static List<String> normalizedConvolutions(GeneratorSizes sizes) {
    return blocks(sizes).stream()
        .flatMap(block -> normalizedConvolutions(sizes, block).stream())
        .toList();
  }

  private static int channels(GeneratorSizes sizes, int units) {
    return sizes.nf() * units;
  }

  /**
   * Draws images.
   *
   * @param noise of B images
   * @param maps of B masks
   * @return (B, bands, S, S) in -1 .. 1
   */
  NDArray forward(ClassNoise noise, ClassMaps maps, Statistics statistics) {
    Embeddings noisy =
        new Embeddings(embedding(GAMMA, noise.gamma()), embedding(BETA, noise.beta()));
    Embeddings still = sizes.has(GeneratorVariant.FINE_NOISE) ? still(maps.batch()) : noisy;
    int size = sizes.startSize();
    NDArray x = start(noise, maps); // (B, 16 nf, S/32, S/32)
    for (Block block : blocks) {
      NDArray input = x;
      size <<= block.doublings();
      Embeddings embeddings = takesClassNoise(sizes, block) ? noisy : still;
      Styles styles = new Styles(embeddings, maps.oneHot(size), noise.pixels().get(size));
      x =
          NativeScope.resultOf(
              () -> {
                NDArray h = block.doublings() == 0 ? input : Operators.doubled(input);
                return block(block, h, styles, statistics);
              });
    }
    x = Operators.leakyRelu(x, SLOPE); // (B, nf, S, S)
    return plainConvolution("to_image", x).tanh();
  }

  private NDArray start(ClassNoise noise, ClassMaps maps) {
    int size = sizes.startSize();
    if (sizes.has(GeneratorVariant.MASK_START)) {
      return plainConvolution("start", maps.oneHot(size));
    }
    return Operators.linear(noise.z(), parameters.get("start.weight"), parameters.get("start.bias"))
        .reshape(new Shape(maps.batch(), channels(sizes, WIDEST), size, size));
  }

  /** Embeddings (B, K+1, E) of every image's classes. */
  private record Embeddings(NDArray gamma, NDArray beta) {}

  /**
   * Embeddings, the classes' places at one size, and noise of the pixels there (B, 1, H, W), null
   * if the generator takes none.
   */
  private record Styles(Embeddings embeddings, NDArray oneHot, NDArray pixels) {}

  /** The same embeddings for all images: those of no noise. */
  private Embeddings still(int batch) {
    Shape rows = new Shape(batch, sizes.classes(), sizes.embedding());
    return new Embeddings(
        parameters.get("embedding." + GAMMA + MEAN).broadcast(rows),
        parameters.get("embedding." + BETA + MEAN).broadcast(rows));
  }

  private NDArray embedding(String kind, NDArray noise) {
    NDArray mean = parameters.get("embedding." + kind + MEAN); // (K+1, E)
    NDArray logVariance = parameters.get("embedding." + kind + LOG_VARIANCE);
    return noise.mul(Operators.scaled(logVariance, 0.5).exp()).add(mean);
  }

  private NDArray block(Block block, NDArray x, Styles styles, Statistics statistics) {
    String name = block.name();
    NDArray middle = noisy(block, activated(name, 0, x, styles, statistics), styles);
    NDArray dx = activated(name, 1, middle, styles, statistics);
    if (block.in() == block.out()) {
      return x.add(dx);
    }
    NDArray shortcut = modulated(name + ".norm_s", x, styles, statistics);
    return convolution(name + ".conv_s", shortcut, styles.oneHot(), 0).add(dx);
  }

  /** Adds noise of the pixels, a channel by its learned strength (Karras et al., CVPR 2019). */
  private NDArray noisy(Block block, NDArray x, Styles styles) {
    if (!takesPixelNoise(sizes, block)) {
      return x;
    }
    NDArray strength = parameters.get(block.name() + PIXEL_NOISE).reshape(new Shape(1, -1, 1, 1));
    return x.add(styles.pixels().mul(strength));
  }

  private NDArray activated(String block, int i, NDArray x, Styles styles, Statistics statistics) {
    return NativeScope.resultOf(
        () -> {
          NDArray h = modulated(block + ".norm_" + i, x, styles, statistics);
          NDArray activated = Operators.leakyRelu(h, SLOPE);
          return convolution(block + ".conv_" + i, activated, styles.oneHot(), 1);
        });
  }

  /** Normalised x, scaled and shifted by each pixel's class (equation 5): (B, C, H, W). */
  private NDArray modulated(String name, NDArray x, Styles styles, Statistics statistics) {
    NDArray mean = parameters.get(name + ".running_mean");
    NDArray variance = parameters.get(name + ".running_var");
    NDArray gamma = mlp(name + "." + GAMMA, styles.embeddings().gamma()); // (B, K+1, C)
    NDArray beta = mlp(name + "." + BETA, styles.embeddings().beta());
    if (statistics instanceof Statistics.OfBatch) {
      NDArray normal = Operators.batchNorm(x, mean, variance, statistics);
      return normal
          .mul(Operators.gatherRows(gamma, styles.oneHot()))
          .add(Operators.gatherRows(beta, styles.oneHot()));
    }
    // fixed statistics fold into the rows, which are few; no gradient is needed, so in place
    NDArray scale = gamma.mul(Operators.inverseDeviation(variance));
    NDArray shift = beta.sub(scale.mul(mean));
    return Operators.gatherRows(scale, styles.oneHot())
        .muli(x)
        .addi(Operators.gatherRows(shift, styles.oneHot()));
  }

  private NDArray mlp(String name, NDArray x) {
    NDArray hidden = Operators.relu(mlpLayer(name + ".0", x));
    return mlpLayer(name + ".2", hidden);
  }

  private NDArray mlpLayer(String name, NDArray x) {
    NDArray weight = parameters.get(name + ".weight");
    NDArray bias = parameters.get(name + ".bias");
    return sizes.has(GeneratorVariant.PER_CLASS_MLP)
        ? Operators.linearPerRow(x, weight, bias)
        : Operators.linear(x, weight, bias);
  }

  private NDArray convolution(String name, NDArray x, NDArray oneHot, int padding) {
    NDArray bias = parameters.contains(name + ".bias") ? parameters.get(name + ".bias") : null;
    NDArray drawn = Operators.convolution(x, kernel(name), bias, 1, padding);
    return sizes.has(GeneratorVariant.PER_CLASS_CONVOLUTIONS)
        ? Operators.ownPlanes(drawn, oneHot)
        : drawn;
  }

  private NDArray plainConvolution(String name, NDArray x) {
    return Operators.convolution(
        x, parameters.get(name + ".weight"), parameters.get(name + ".bias"), 1, 1);
  }

  private NDArray kernel(String name) {
    NDArray kernel = parameters.get(name + ".weight");
    String left = name + Layers.LEFT_SUFFIX;
    return parameters.contains(left)
        ? Operators.spectralNorm(kernel, parameters.get(left))
        : kernel;
  }
}
