package io.landloom.synthesis.ddpm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.diffusion.TimestepWaves;
import io.landloom.synthesis.tensor.Layers;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;

/**
 * The U-Net that predicts the noise of pixels (Dhariwal and Nichol, NeurIPS 2021, section 3), with
 * the tensor names of the published networks: residual blocks that take the timestep as scale and
 * shift and change sizes, attention of heads of a fixed width; without dropout. Where sizes have a
 * cell of several pixels, their samples are the channels of the first map (chosen, to be fast).
 */
public final class PixelUNet {
  private final PixelUNetSizes sizes;
  private final ParameterSet parameters;
  private final List<Block> encoder;
  private final List<Block> decoder;

  /** The half of the network whose maps are taken. */
  public enum Half {
    /** On the way down. */
    ENCODER("encoder"),
    /** On the way up. */
    DECODER("decoder");

    private final String value;

    Half(String value) {
      this.value = value;
    }

    /** The half of a setting's value. */
    public static Half of(String value) {
      for (Half half : values()) {
        if (half.value.equals(value)) {
          return half;
        }
      }
      throw new IllegalArgumentException("half '" + value + "' is neither encoder nor decoder");
    }

    @Override
    public String toString() {
      return value;
    }
  }

  /** The network over its tensors. */
  public PixelUNet(PixelUNetSizes sizes, ParameterSet parameters) {
    this.sizes = sizes;
    this.parameters = parameters;
    this.encoder = Block.encoder(sizes);
    this.decoder = Block.decoder(sizes);
  }

  /** The tensors. */
  public static List<TensorSpec> layout(PixelUNetSizes sizes) {
    List<TensorSpec> layout = new ArrayList<>();
    addLinear(layout, "time_embed.0", sizes.base(), sizes.timeWidth());
    addLinear(layout, "time_embed.2", sizes.timeWidth(), sizes.timeWidth());
    List<Block> blocks = new ArrayList<>(Block.encoder(sizes));
    blocks.add(Block.middle(sizes));
    blocks.addAll(Block.decoder(sizes));
    for (Block block : blocks) {
      for (int i = 0; i < block.parts().size(); i++) {
        addPart(layout, block.name() + "." + i, block.parts().get(i), sizes.timeWidth());
      }
    }
    layout.addAll(Layers.scaleAndShift("out.0", sizes.channels(0)));
    layout.add(zeroKernel("out.2", sizes.channels(0), sizes.samples()));
    layout.add(Layers.bias("out.2", sizes.samples()));
    return layout;
  }

  private static void addPart(
      List<TensorSpec> layout, String name, Block.Part part, int timeWidth) {
    if (part instanceof Block.Entry entry) {
      layout.add(Layers.plainKernel(name, entry.in(), entry.out(), 3));
      layout.add(Layers.bias(name, entry.out()));
    } else if (part instanceof Block.Attention attention) {
      int channels = attention.out();
      layout.addAll(Layers.scaleAndShift(name + ".norm", channels));
      layout.add(
          TensorSpec.trained(
              name + ".qkv.weight",
              new TensorSpec.Start.Normal(1 / Math.sqrt(3.0 * channels)),
              3L * channels,
              channels,
              1));
      layout.add(Layers.bias(name + ".qkv", 3 * channels));
      layout.add(TensorSpec.trained(name + ".proj_out.weight", Layers.ZERO, channels, channels, 1));
      layout.add(Layers.bias(name + ".proj_out", channels));
    } else if (part instanceof Block.Residual residual) {
      int in = residual.in();
      int out = residual.out();
      layout.addAll(Layers.scaleAndShift(name + ".in_layers.0", in));
      layout.add(Layers.plainKernel(name + ".in_layers.2", in, out, 3));
      layout.add(Layers.bias(name + ".in_layers.2", out));
      addLinear(layout, name + ".emb_layers.1", timeWidth, 2 * out);
      layout.addAll(Layers.scaleAndShift(name + ".out_layers.0", out));
      layout.add(zeroKernel(name + ".out_layers.3", out, out));
      layout.add(Layers.bias(name + ".out_layers.3", out));
      if (in != out) {
        layout.add(Layers.plainKernel(name + ".skip_connection", in, out, 1));
        layout.add(Layers.bias(name + ".skip_connection", out));
      }
    }
  }

  private static void addLinear(List<TensorSpec> layout, String name, int in, int out) {
    layout.add(Layers.matrix(name, in, out));
    layout.add(Layers.bias(name, out));
  }

  /** A kernel that adds nothing at the start, so that each block begins as an identity. */
  private static TensorSpec zeroKernel(String name, int in, int out) {
    return TensorSpec.trained(name + ".weight", Layers.ZERO, out, in, 3, 3);
  }

  /**
   * Predicts the noise.
   *
   * @param x noisy images (B, bands, H, W); H and W multiples of the sizes' stride
   * @param timesteps one an image
   * @return (B, bands, H, W)
   */
  public NDArray forward(NDArray x, int[] timesteps) {
    Way way = down(x, timesteps);
    NDArray h = run(Block.middle(sizes), way.end(), way.time());
    for (Block block : decoder) {
      h = run(block, joined(h, way.skips().pop()), way.time());
    }
    NDArray last = h;
    return NativeScope.resultOf(
        () -> {
          NDArray noise = convolution("out.2", Operators.silu(groupNorm("out.0", last)), 1);
          return Operators.pixelShuffle(noise, sizes.cell());
        });
  }

  /**
   * The maps that blocks give; no block after the last of them is run.
   *
   * @param x noisy images (B, bands, H, W)
   * @param timesteps one an image
   * @param blocks numbers of blocks of that half, from 0
   * @return one a number, (B, C, H / s, W / s), see {@link #sizesOf}
   */
  public List<NDArray> maps(NDArray x, int[] timesteps, Half half, List<Integer> blocks) {
    requireBlocks(half, blocks);
    int last = blocks.stream().mapToInt(Integer::intValue).max().orElseThrow();
    List<NDArray> all = new ArrayList<>();
    if (half == Half.ENCODER) {
      requireFits(x.getShape());
      NDArray time = time(x.getManager(), timesteps);
      NDArray h = Operators.pixelUnshuffle(x, sizes.cell());
      for (Block block : encoder.subList(0, last + 1)) {
        h = run(block, h, time);
        all.add(h);
      }
    } else {
      Way way = down(x, timesteps);
      NDArray h = run(Block.middle(sizes), way.end(), way.time());
      for (Block block : decoder.subList(0, last + 1)) {
        h = run(block, joined(h, way.skips().pop()), way.time());
        all.add(h);
      }
    }
    return blocks.stream().map(all::get).toList();
  }

  /**
   * Size of a map.
   *
   * @param channels its channels
   * @param stride pixels of the image for one of its cells
   */
  public record MapSize(int channels, int stride) {}

  /** The sizes of the maps that blocks give. */
  public static List<MapSize> sizesOf(PixelUNetSizes sizes, Half half) {
    List<Block> blocks = half == Half.ENCODER ? Block.encoder(sizes) : Block.decoder(sizes);
    return blocks.stream().map(block -> new MapSize(block.out(), block.stride())).toList();
  }

  /** Tells by its name whether the maps that blocks give depend on a tensor. */
  static Predicate<String> behind(PixelUNetSizes sizes, Half half, List<Integer> blocks) {
    int last = blocks.stream().mapToInt(Integer::intValue).max().orElseThrow();
    List<Block> run = new ArrayList<>(Block.encoder(sizes));
    if (half == Half.ENCODER) {
      run = run.subList(0, last + 1);
    } else {
      run.add(Block.middle(sizes));
      run.addAll(Block.decoder(sizes).subList(0, last + 1));
    }
    List<String> names = new ArrayList<>(run.stream().map(block -> block.name() + ".").toList());
    if (run.size() > 1) {
      names.add("time_embed."); // the first block alone does not ask for the time
    }
    return name -> names.stream().anyMatch(name::startsWith);
  }

  private void requireBlocks(Half half, List<Integer> blocks) {
    int count = half == Half.ENCODER ? encoder.size() : decoder.size();
    if (blocks.isEmpty() || !blocks.stream().allMatch(block -> block >= 0 && block < count)) {
      throw new IllegalArgumentException(
          "blocks " + blocks + " are not some of 0.." + (count - 1) + " of the " + half);
    }
  }

  /**
   * The way down.
   *
   * @param skips maps that the way up takes in, the next one first
   * @param end the last of them
   * @param time activated embedding (B, timeWidth)
   */
  private record Way(Deque<NDArray> skips, NDArray end, NDArray time) {}

  private Way down(NDArray x, int[] timesteps) {
    requireFits(x.getShape());
    NDArray time = time(x.getManager(), timesteps);
    Deque<NDArray> skips = new ArrayDeque<>();
    NDArray h = Operators.pixelUnshuffle(x, sizes.cell());
    for (Block block : encoder) {
      h = run(block, h, time);
      skips.push(h);
    }
    return new Way(skips, h, time);
  }

  private void requireFits(Shape shape) {
    int stride = sizes.stride();
    if (shape.get(1) != sizes.bands() || shape.get(2) % stride != 0 || shape.get(3) % stride != 0) {
      throw new IllegalArgumentException(
          String.format(
              "images %s, but the network reads (B, %d, H, W) with H and W multiples of %d",
              shape, sizes.bands(), stride));
    }
  }

  private NDArray time(NDManager manager, int[] timesteps) {
    return NativeScope.resultOf(
        () -> {
          NDArray waves = TimestepWaves.of(manager, timesteps, sizes.base());
          NDArray h = Operators.silu(linear("time_embed.0", waves));
          return Operators.silu(linear("time_embed.2", h));
        });
  }

  private static NDArray joined(NDArray h, NDArray skip) {
    return NDArrays.concat(new NDList(h, skip), 1);
  }

  private NDArray run(Block block, NDArray input, NDArray time) {
    NDArray h = input;
    for (int i = 0; i < block.parts().size(); i++) {
      String name = block.name() + "." + i;
      Block.Part part = block.parts().get(i);
      NDArray before = h;
      h = NativeScope.resultOf(() -> run(name, part, before, time));
    }
    return h;
  }

  private NDArray run(String name, Block.Part part, NDArray x, NDArray time) {
    if (part instanceof Block.Residual residual) {
      return residual(name, x, time, residual.scale());
    }
    return part instanceof Block.Attention attention
        ? attention(name, x, attention.out() / sizes.headChannels())
        : convolution(name, x, 1);
  }

  private NDArray residual(String name, NDArray x, NDArray time, Block.Scale scale) {
    NDArray h = scaled(Operators.silu(groupNorm(name + ".in_layers.0", x)), scale);
    h = convolution(name + ".in_layers.2", h, 1);
    NDList halves = linear(name + ".emb_layers.1", time).split(2, 1); // (B, C) each
    NDArray factor = halves.get(0).add(1).expandDims(2).expandDims(3);
    NDArray shift = halves.get(1).expandDims(2).expandDims(3);
    h = groupNorm(name + ".out_layers.0", h).mul(factor).add(shift);
    h = convolution(name + ".out_layers.3", Operators.silu(h), 1);
    NDArray kept = scaled(x, scale);
    String skip = name + ".skip_connection";
    boolean widens = parameters.contains(skip + ".weight");
    return (widens ? convolution(skip, kept, 0) : kept).add(h);
  }

  private static NDArray scaled(NDArray x, Block.Scale scale) {
    return switch (scale) {
      case SAME -> x;
      case HALVED -> Operators.halvedByPlainMean(x);
      case DOUBLED -> Operators.doubled(x);
    };
  }

  private NDArray attention(String name, NDArray x, int heads) {
    Shape shape = x.getShape();
    long batch = shape.get(0);
    long channels = shape.get(1);
    NDArray cells =
        groupNorm(name + ".norm", x).reshape(new Shape(batch, channels, -1)).swapAxes(1, 2);
    NDArray all = linear1(name + ".qkv", cells); // (B, N, 3 C), of each head query, key and value
    NDArray byHead = all.reshape(new Shape(batch, -1, heads, 3, channels / heads));
    NDArray[] parts = new NDArray[3];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = byHead.get(new NDIndex(":, :, :, " + i)).reshape(new Shape(batch, -1, channels));
    }
    NDArray attended = Operators.attention(parts[0], parts[1], parts[2], heads, null);
    return linear1(name + ".proj_out", attended).swapAxes(1, 2).reshape(shape).add(x);
  }

  /** A convolution over single cells (O, I, 1), as a linear layer of (B, N, I). */
  private NDArray linear1(String name, NDArray x) {
    NDArray weight = parameters.get(name + ".weight");
    Shape shape = weight.getShape();
    return Operators.linear(
        x, weight.reshape(shape.get(0), shape.get(1)), parameters.get(name + ".bias"));
  }

  private NDArray linear(String name, NDArray x) {
    return Operators.linear(x, parameters.get(name + ".weight"), parameters.get(name + ".bias"));
  }

  private NDArray convolution(String name, NDArray x, int padding) {
    return Operators.convolution(
        x, parameters.get(name + ".weight"), parameters.get(name + ".bias"), 1, padding);
  }

  private NDArray groupNorm(String name, NDArray x) {
    return Operators.groupNorm(
        x, sizes.groups(), parameters.get(name + ".weight"), parameters.get(name + ".bias"));
  }
}
