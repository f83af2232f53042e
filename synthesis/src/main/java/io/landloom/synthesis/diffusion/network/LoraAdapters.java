package io.landloom.synthesis.diffusion.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.tensor.Layers;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.weights.HostTensor;
import io.landloom.synthesis.weights.NamedTensors;
import io.landloom.synthesis.weights.TensorSpec;
import io.landloom.synthesis.weights.TensorSpec.Start;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Changes of a network's matrices by products of two thin ones, W + s B A (Hu et al., ICLR 2022,
 * equation 3): beside the frozen network while they are trained, or merged into it.
 *
 * <p>Layer NAME has the tensors {@code NAME.lora_A.weight} (r, in) and {@code NAME.lora_B.weight}
 * (out, r); convolutions (r, in, k, k) and (out, r, 1, 1).
 */
public final class LoraAdapters implements AutoCloseable {
  /** Ending of the names of the matrices that make r numbers of a layer's inputs. */
  public static final String DOWN = ".lora_A.weight";

  /** Ending of the names of the matrices that make a layer's outputs of r numbers. */
  public static final String UP = ".lora_B.weight";

  private static final String WEIGHT = ".weight";
  private static final List<String> TARGETS =
      List.of(".to_q.weight", ".to_k.weight", ".to_v.weight", ".to_out.0.weight");

  private final ParameterSet parameters;
  private final Map<String, Double> scales;

  /**
   * Adapters over their tensors.
   *
   * @param scales factor s of every layer's product
   */
  public LoraAdapters(ParameterSet parameters, Map<String, Double> scales) {
    this.parameters = parameters;
    this.scales = new TreeMap<>(scales);
  }

  /**
   * The tensors of adapters of all projections of a network's attention: A starts with deviation 1
   * / r, B at zero, so that the network starts unchanged.
   *
   * @param network tensors of the network
   * @param rank r, at least 1
   */
  public static List<TensorSpec> layout(List<TensorSpec> network, int rank) {
    if (rank < 1) {
      throw new IllegalArgumentException("rank " + rank + " is below 1");
    }
    List<TensorSpec> layout = new ArrayList<>();
    for (TensorSpec spec : network) {
      if (TARGETS.stream().anyMatch(spec.name()::endsWith)) {
        String layer = layer(spec.name(), WEIGHT);
        Start start = new Start.Normal(1.0 / rank);
        layout.add(TensorSpec.trained(layer + DOWN, start, rank, spec.shape()[1]));
        layout.add(TensorSpec.trained(layer + UP, Layers.ZERO, spec.shape()[0], rank));
      }
    }
    return layout;
  }

  private static String layer(String name, String ending) {
    return name.substring(0, name.length() - ending.length());
  }

  /** Adapters to be trained, all with the scale alpha / r. */
  public static LoraAdapters initialized(
      NDManager manager, List<TensorSpec> network, int rank, double alpha, long seed) {
    List<TensorSpec> layout = layout(network, rank);
    Map<String, Double> scales = new TreeMap<>();
    layout.stream()
        .map(TensorSpec::name)
        .filter(name -> name.endsWith(DOWN))
        .forEach(name -> scales.put(layer(name, DOWN), alpha / rank));
    return new LoraAdapters(ParameterSet.initialized(manager, layout, seed), scales);
  }

  /** Adapters over their tensors, all with one scale. */
  public static LoraAdapters over(ParameterSet parameters, double scale) {
    Map<String, Double> scales = new TreeMap<>();
    parameters
        .trained()
        .forEach(name -> scales.put(layer(name, name.endsWith(DOWN) ? DOWN : UP), scale));
    return new LoraAdapters(parameters, scales);
  }

  /** The matrices, to be trained. */
  public ParameterSet parameters() {
    return parameters;
  }

  /** Names of the layers that are changed. */
  public List<String> layers() {
    return List.copyOf(scales.keySet());
  }

  /** A layer's output (.., out) and what its adapters add for the input (.., in). */
  NDArray added(String layer, NDArray input, NDArray output) {
    Double scale = scales.get(layer);
    if (scale == null) {
      return output;
    }
    NDArray narrow = Operators.linear(input, parameters.get(layer + DOWN), null);
    NDArray wide = Operators.linear(narrow, parameters.get(layer + UP), null);
    return output.add(scale == 1 ? wide : Operators.scaled(wide, scale));
  }

  /**
   * Adds the products to a network's arrays, until the result is closed.
   *
   * @throws IllegalArgumentException if the network lacks a layer
   */
  public Merged mergeInto(ParameterSet network) {
    Map<String, NDArray> before = new LinkedHashMap<>();
    try (NativeScope scope = NativeScope.inference(network.manager())) {
      for (String layer : scales.keySet()) {
        NDArray weight = network.get(layer + WEIGHT);
        before.put(layer, NativeScope.keep(weight.duplicate(), network.manager()));
      }
    }
    addTo(network);
    return new Merged(network, before);
  }

  /**
   * Adds the products to a network's arrays for good.
   *
   * @throws IllegalArgumentException if the network lacks a layer
   */
  public void addTo(ParameterSet network) {
    try (NativeScope scope = NativeScope.inference(network.manager())) {
      for (Map.Entry<String, Double> entry : scales.entrySet()) {
        NDArray weight = network.get(entry.getKey() + WEIGHT);
        weight.addi(Operators.scaled(product(entry.getKey(), weight.getShape()), entry.getValue()));
      }
    }
  }

  private NDArray product(String layer, Shape shape) {
    NDArray down = parameters.get(layer + DOWN);
    NDArray up = parameters.get(layer + UP);
    long rank = down.getShape().get(0);
    return up.reshape(new Shape(-1, rank)).matMul(down.reshape(new Shape(rank, -1))).reshape(shape);
  }

  /** A network with the products added; closing puts the arrays back bit by bit. */
  public static final class Merged implements AutoCloseable {
    private final ParameterSet network;
    private final Map<String, NDArray> before;

    private Merged(ParameterSet network, Map<String, NDArray> before) {
      this.network = network;
      this.before = before;
    }

    @Override
    public void close() {
      try (NativeScope scope = NativeScope.inference(network.manager())) {
        before.forEach((layer, weight) -> weight.copyTo(network.get(layer + WEIGHT)));
      }
      before.values().forEach(NDArray::close);
      before.clear();
    }
  }

  /**
   * The matrices alone, as they are saved: B is multiplied by the scale, so that every reader gets
   * the same product.
   */
  public NamedTensors toHost() {
    Map<String, HostTensor> tensors = new TreeMap<>();
    parameters
        .toHost()
        .asMap()
        .forEach(
            (name, tensor) ->
                tensors.put(
                    name,
                    name.endsWith(UP) ? scaled(tensor, scales.get(layer(name, UP))) : tensor));
    return new NamedTensors(tensors);
  }

  private static HostTensor scaled(HostTensor tensor, double scale) {
    float[] values = tensor.values().clone();
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (values[i] * scale);
    }
    return new HostTensor(tensor.shape(), values);
  }

  @Override
  public void close() {
    parameters.close();
  }
}
