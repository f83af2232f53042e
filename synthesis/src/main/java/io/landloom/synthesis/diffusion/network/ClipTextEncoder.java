package io.landloom.synthesis.diffusion.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.tensor.Layers;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.weights.TensorSpec;
import io.landloom.synthesis.weights.TensorSpec.Start;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * CLIP's text transformer (Radford et al., ICML 2021, section 2.4), whose last states condition
 * Stable Diffusion 1.x; with the tensor names of its folders.
 */
public final class ClipTextEncoder {
  private static final String ROOT = "text_model.";
  private static final String TOKENS = ROOT + "embeddings.token_embedding.weight";
  private static final String POSITIONS = ROOT + "embeddings.position_embedding.weight";
  private static final double EPSILON = 1e-5;

  private final Sizes sizes;
  private final ParameterSet parameters;
  private final Blocks blocks;

  /** The function between the two layers of a feed-forward part. */
  public enum Activation {
    /** CLIP's own approximation. */
    QUICK_GELU,
    /** The exact function. */
    GELU
  }

  /**
   * Sizes.
   *
   * @param vocabulary number of tokens
   * @param positions longest text in tokens
   * @param width numbers of a token
   * @param hidden numbers between the layers of a feed-forward part
   * @param layers number of transformer blocks
   * @param heads of attention, a divisor of the width
   * @param activation of the feed-forward parts
   */
  public record Sizes(
      int vocabulary,
      int positions,
      int width,
      int hidden,
      int layers,
      int heads,
      Activation activation) {
    /** Stable Diffusion 1.5's, of 123,060,480 numbers. */
    public static final Sizes STABLE_DIFFUSION_1 =
        new Sizes(49408, 77, 768, 3072, 12, 12, Activation.QUICK_GELU);

    /** Checks the numbers. */
    public Sizes {
      if (vocabulary < 1
          || positions < 1
          || width < 1
          || hidden < 1
          || layers < 1
          || heads < 1
          || width % heads != 0) {
        throw new IllegalArgumentException(
            String.format(
                "vocabulary %d, positions %d, width %d, hidden %d, layers %d and heads %d must be"
                    + " at least 1, and the heads divide the width",
                vocabulary, positions, width, hidden, layers, heads));
      }
    }
  }

  /** The network over its tensors. */
  public ClipTextEncoder(Sizes sizes, ParameterSet parameters) {
    this.sizes = sizes;
    this.parameters = parameters;
    this.blocks = new Blocks(parameters, 1, EPSILON, Optional.empty());
  }

  /** The tensors. */
  public static List<TensorSpec> layout(Sizes sizes) {
    List<TensorSpec> layout = new ArrayList<>();
    Start start = new Start.Normal(0.02);
    layout.add(TensorSpec.trained(TOKENS, start, sizes.vocabulary(), sizes.width()));
    layout.add(TensorSpec.trained(POSITIONS, start, sizes.positions(), sizes.width()));
    for (int layer = 0; layer < sizes.layers(); layer++) {
      String name = layer(layer);
      layout.addAll(Layers.scaleAndShift(name + "layer_norm1", sizes.width()));
      for (String projection : List.of("q_proj", "k_proj", "v_proj", "out_proj")) {
        String linear = name + "self_attn." + projection;
        Blocks.addLinear(layout, linear, sizes.width(), sizes.width());
      }
      layout.addAll(Layers.scaleAndShift(name + "layer_norm2", sizes.width()));
      Blocks.addLinear(layout, name + "mlp.fc1", sizes.width(), sizes.hidden());
      Blocks.addLinear(layout, name + "mlp.fc2", sizes.hidden(), sizes.width());
    }
    layout.addAll(Layers.scaleAndShift(ROOT + "final_layer_norm", sizes.width()));
    return layout;
  }

  private static String layer(int layer) {
    return ROOT + "encoder.layers." + layer + ".";
  }

  /**
   * Encodes texts.
   *
   * @param manager of the result
   * @param tokens of the texts, all of one length of at most the sizes' positions
   * @return (B, N, width)
   * @throws IllegalArgumentException if the lengths differ or a token is not in the vocabulary
   */
  public NDArray forward(NDManager manager, List<int[]> tokens) {
    int length = tokens.get(0).length;
    NDArray places = parameters.get(POSITIONS).get(new NDIndex("0:" + length));
    NDArray x =
        parameters
            .get(TOKENS)
            .get(new NDIndex("{}", manager.create(flat(tokens, length))))
            .reshape(new Shape(tokens.size(), length, sizes.width()))
            .add(places); // (B, N, width)
    NDArray mask = onlyBackwards(manager, length);
    for (int layer = 0; layer < sizes.layers(); layer++) {
      x = block(layer(layer), x, mask);
    }
    return norm(ROOT + "final_layer_norm", x);
  }

  private long[] flat(List<int[]> tokens, int length) {
    long[] flat = new long[tokens.size() * length];
    for (int i = 0; i < flat.length; i++) {
      int[] text = tokens.get(i / length);
      if (text.length != length || length > sizes.positions()) {
        throw new IllegalArgumentException(
            String.format(
                "text %d has %d tokens, not %d, of at most %d",
                i / length, text.length, length, sizes.positions()));
      }
      int token = text[i % length];
      if (token < 0 || token >= sizes.vocabulary()) {
        throw new IllegalArgumentException(
            "token " + token + " is outside 0.." + (sizes.vocabulary() - 1));
      }
      flat[i] = token;
    }
    return flat;
  }

  /** Minus infinity (N, N) where a token would look at a later one. */
  private static NDArray onlyBackwards(NDManager manager, int length) {
    float[] mask = new float[length * length];
    for (int row = 0; row < length; row++) {
      for (int column = row + 1; column < length; column++) {
        mask[row * length + column] = Float.NEGATIVE_INFINITY;
      }
    }
    return manager.create(mask, new Shape(length, length));
  }

  private NDArray block(String name, NDArray x, NDArray mask) {
    return NativeScope.resultOf(
        () -> {
          NDArray h = norm(name + "layer_norm1", x);
          String attention = name + "self_attn.";
          NDArray attended =
              Operators.attention(
                  blocks.linear(attention + "q_proj", h),
                  blocks.linear(attention + "k_proj", h),
                  blocks.linear(attention + "v_proj", h),
                  sizes.heads(),
                  mask);
          NDArray y = x.add(blocks.linear(attention + "out_proj", attended));
          NDArray hidden = blocks.linear(name + "mlp.fc1", norm(name + "layer_norm2", y));
          return y.add(blocks.linear(name + "mlp.fc2", activated(hidden)));
        });
  }

  private NDArray activated(NDArray x) {
    return switch (sizes.activation()) {
      case QUICK_GELU -> Operators.quickGelu(x);
      case GELU -> Operators.gelu(x);
    };
  }

  private NDArray norm(String name, NDArray x) {
    NDArray scale = parameters.get(name + ".weight");
    return Operators.layerNorm(x, scale, parameters.get(name + ".bias"), EPSILON);
  }
}
