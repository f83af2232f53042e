package io.landloom.synthesis.segment;

import ai.djl.ndarray.NDArray;
import io.landloom.synthesis.tensor.Layers;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * A residual network (He et al., CVPR 2016) with group normalisation that segments: a stem at full
 * size, four stages at strides 2, 4, 8 and 16, and a pyramid of their maps (Lin et al., CVPR 2017)
 * that is read out at full size.
 *
 * <p>No layer looks at other images of the batch, so the features of an image are its own.
 */
final class ResidualNet {
  /** Pixels of the image for one cell of the last stage. */
  static final int STRIDE = 16;

  /** Quarter turns the rotation head tells apart. */
  static final int ROTATIONS = 4;

  private static final int STAGES = 4;
  private static final int CHANNELS_A_GROUP = 4;
  private static final int MOST_GROUPS = 32;
  private static final String ROTATION = "rotation";

  private final Sizes sizes;
  private final ParameterSet parameters;

  /**
   * Sizes of the network.
   *
   * @param bands samples a pixel
   * @param width channels of the first stage, a multiple of 8; each further stage has twice as many
   * @param blocks residual blocks a stage
   * @param classes valid classes
   */
  record Sizes(int bands, int width, int blocks, int classes) {
    Sizes {
      require(bands, width, blocks, classes);
    }

    static void require(int bands, int width, int blocks, int classes) {
      if (bands < 1 || blocks < 1 || classes < 1) {
        throw new IllegalArgumentException(
            String.format(
                "bands %d, blocks %d and classes %d must be at least 1", bands, blocks, classes));
      }
      if (width < 2 * CHANNELS_A_GROUP || width % (2 * CHANNELS_A_GROUP) != 0) {
        throw new IllegalArgumentException("width " + width + " is not a multiple of 8");
      }
    }

    /** Channels of the stem (0) and of the stages (1 to 4). */
    int channels(int stage) {
      return stage == 0 ? width / 2 : width << (stage - 1);
    }

    /** Channels of the stem and of all stages, shallow to deep. */
    List<Integer> channels() {
      List<Integer> channels = new ArrayList<>();
      for (int stage = 0; stage <= STAGES; stage++) {
        channels.add(channels(stage));
      }
      return channels;
    }
  }

  ResidualNet(Sizes sizes, ParameterSet parameters) {
    this.sizes = sizes;
    this.parameters = parameters;
  }

  /** The tensors in training, the rotation head's among them. */
  static List<TensorSpec> trainingLayout(Sizes sizes) {
    List<TensorSpec> layout = new ArrayList<>(shippedLayout(sizes));
    TensorSpec.Start start = new TensorSpec.Start.Normal(Math.sqrt(1.0 / sizes.channels(STAGES)));
    layout.add(TensorSpec.trained(ROTATION + ".weight", start, ROTATIONS, sizes.channels(STAGES)));
    layout.add(Layers.bias(ROTATION, ROTATIONS));
    return layout;
  }

  /** The tensors of features and classes. */
  static List<TensorSpec> shippedLayout(Sizes sizes) {
    List<TensorSpec> layout = new ArrayList<>();
    addConvolution(layout, "stem", sizes.bands(), sizes.channels(0), 3);
    for (int stage = 1; stage <= STAGES; stage++) {
      for (int block = 0; block < sizes.blocks(); block++) {
        String name = block(stage, block);
        int in = sizes.channels(block == 0 ? stage - 1 : stage);
        int out = sizes.channels(stage);
        addConvolution(layout, name + ".first", in, out, 3);
        addConvolution(layout, name + ".second", out, out, 3);
        if (block == 0) {
          addConvolution(layout, name + ".shortcut", in, out, 1);
        }
      }
    }
    for (int level = 0; level <= STAGES; level++) {
      layout.add(Layers.heKernel(lateral(level), sizes.channels(level), sizes.width(), 1));
      addConvolution(layout, merged(level), sizes.width(), sizes.width(), level == 0 ? 1 : 3);
    }
    layout.add(Layers.heKernel("to_classes", sizes.width(), sizes.classes(), 1));
    layout.add(Layers.bias("to_classes", sizes.classes()));
    return layout;
  }

  private static void addConvolution(
      List<TensorSpec> layout, String name, int in, int out, int size) {
    layout.add(Layers.heKernel(name + ".conv", in, out, size));
    layout.addAll(Layers.scaleAndShift(name + ".norm", out));
  }

  private static String block(int stage, int block) {
    return "stage_" + stage + ".block_" + block;
  }

  private static String lateral(int level) {
    return "lateral_" + level;
  }

  private static String merged(int level) {
    return "merged_" + level;
  }

  /**
   * The maps of stem and stages, after their activations.
   *
   * @param image (B, bands, H, W) in -1 .. 1; H and W multiples of {@value #STRIDE}
   * @return (B, C, H / s, W / s) for s = 1, 2, 4, 8, 16
   */
  List<NDArray> maps(NDArray image) {
    List<NDArray> maps = new ArrayList<>();
    NDArray x = part(() -> Operators.relu(normalized("stem", image, 1)));
    maps.add(x);
    for (int stage = 1; stage <= STAGES; stage++) {
      for (int block = 0; block < sizes.blocks(); block++) {
        String name = block(stage, block);
        int stride = block == 0 ? 2 : 1;
        NDArray input = x;
        x = part(() -> residual(name, input, stride));
      }
      maps.add(x);
    }
    return maps;
  }

  private static NDArray part(Supplier<NDArray> supplier) {
    return NativeScope.resultOf(supplier);
  }

  private NDArray residual(String name, NDArray input, int stride) {
    NDArray x = Operators.relu(normalized(name + ".first", input, stride));
    x = normalized(name + ".second", x, 1);
    NDArray shortcut = stride == 1 ? input : normalized(name + ".shortcut", input, stride);
    return Operators.relu(x.add(shortcut));
  }

  private NDArray normalized(String name, NDArray input, int stride) {
    NDArray kernel = parameters.get(name + ".conv.weight");
    int padding = (int) kernel.getShape().get(2) / 2;
    NDArray x = Operators.convolution(input, kernel, null, stride, padding);
    int channels = (int) kernel.getShape().get(0);
    return Operators.groupNorm(
        x,
        Math.min(MOST_GROUPS, channels / CHANNELS_A_GROUP),
        parameters.get(name + ".norm.weight"),
        parameters.get(name + ".norm.bias"));
  }

  /**
   * Class scores of every pixel.
   *
   * @param maps of {@link #maps}
   * @return logits (B, K, H, W)
   */
  NDArray logits(List<NDArray> maps) {
    NDArray x = null;
    for (int level = STAGES; level >= 0; level--) {
      int here = level;
      NDArray deeper = x;
      x = part(() -> merged(here, maps.get(here), deeper));
    }
    return Operators.convolution(
        x, parameters.get("to_classes.weight"), parameters.get("to_classes.bias"), 1, 0);
  }

  private NDArray merged(int level, NDArray map, NDArray deeper) {
    NDArray x = Operators.convolution(map, parameters.get(lateral(level) + ".weight"), null, 1, 0);
    if (deeper != null) {
      x = x.add(Operators.doubled(deeper));
    }
    return Operators.relu(normalized(merged(level), x, 1));
  }

  /** Scores (B, 4) of the quarter turns, from the pooled vectors (B, C). */
  NDArray rotationLogits(NDArray vectors) {
    return Operators.linear(
        vectors, parameters.get(ROTATION + ".weight"), parameters.get(ROTATION + ".bias"));
  }
}
