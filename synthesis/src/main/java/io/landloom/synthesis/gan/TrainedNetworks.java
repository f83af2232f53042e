package io.landloom.synthesis.gan;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.landloom.synthesis.SeededStream;
import io.landloom.synthesis.segment.UNet;
import io.landloom.synthesis.tensor.Adam;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.tensor.TorchEngine;
import io.landloom.synthesis.weights.HostTensor;
import io.landloom.synthesis.weights.NamedTensors;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The three networks in training, their optimizers, and the generator's moving average. */
final class TrainedNetworks implements AutoCloseable {
  private static final double BETA_1 = 0;
  private static final double BETA_2 = 0.9;
  private static final String AVERAGE = "average";

  /**
   * One network in training.
   *
   * @param parameters its arrays
   * @param adam its optimizer
   */
  record Part(ParameterSet parameters, Adam adam) {}

  private final NDManager manager;
  private final Map<String, Part> parts = new LinkedHashMap<>();
  private final ParameterSet average;

  TrainedNetworks(CsebganSettings settings, GeneratorSizes sizes, Device device) {
    this.manager = TorchEngine.newManager(device);
    int inputs = sizes.bands() + sizes.classes();
    this.average = initialized("generator", Generator.trainingLayout(sizes), settings.seed());
    add("generator", Generator.trainingLayout(sizes), settings.seed());
    add("discriminator", Discriminator.layout(inputs, settings.ndf()), settings.seed());
    add(
        "conductor",
        UNet.layout(sizes.bands(), settings.conductorWidth(), sizes.classes() - 1),
        settings.seed());
  }

  private void add(String name, List<TensorSpec> layout, long seed) {
    ParameterSet parameters = initialized(name, layout, seed);
    parts.put(name, new Part(parameters, new Adam(parameters, BETA_1, BETA_2)));
    parameters.unfreeze();
  }

  private ParameterSet initialized(String name, List<TensorSpec> layout, long seed) {
    long ownSeed = SeededStream.of(List.of(name), seed).nextLong();
    return ParameterSet.initialized(manager, layout, ownSeed);
  }

  NDManager manager() {
    return manager;
  }

  Part generator() {
    return parts.get("generator");
  }

  Part discriminator() {
    return parts.get("discriminator");
  }

  Part conductor() {
    return parts.get("conductor");
  }

  /** The moving average of the generator; its buffers stay as they started. */
  ParameterSet average() {
    return average;
  }

  /** Everything, as {@code NETWORK.NAME}, {@code adam.NETWORK.MOMENT.NAME} and average.NAME. */
  NamedTensors toHost() {
    Map<String, HostTensor> all = new TreeMap<>();
    parts.forEach(
        (network, part) -> {
          prefixed(all, network + ".", part.parameters().toHost().asMap());
          prefixed(all, "adam." + network + ".", part.adam().toHost().asMap());
        });
    prefixed(all, AVERAGE + ".", average.toHost().asMap());
    return new NamedTensors(all);
  }

  /** Shapes of {@link #toHost()}. */
  Map<String, long[]> shapes() {
    Map<String, long[]> all = new TreeMap<>();
    parts.forEach(
        (network, part) -> {
          prefixed(all, network + ".", part.parameters().shapes());
          prefixed(all, "adam." + network + ".", part.adam().shapes());
        });
    prefixed(all, AVERAGE + ".", average.shapes());
    return all;
  }

  private static <T> void prefixed(Map<String, T> all, String prefix, Map<String, T> some) {
    some.forEach((name, value) -> all.put(prefix + name, value));
  }

  /** Goes on from tensors that were checked against {@link #shapes()}. */
  void restore(NamedTensors tensors, long steps) {
    parts.forEach(
        (network, part) -> {
          part.parameters().restore(tensors.withoutPrefix(network + "."));
          part.adam().restore(tensors.withoutPrefix("adam." + network + "."), steps);
        });
    average.restore(tensors.withoutPrefix(AVERAGE + "."));
  }

  /** Native arrays that live as long as the networks. */
  int nativeArrays() {
    int arrays = manager.getManagedArrays().size() + average.manager().getManagedArrays().size();
    for (Part part : parts.values()) {
      arrays += part.parameters().manager().getManagedArrays().size();
    }
    return arrays;
  }

  @Override
  public void close() {
    manager.close();
  }
}
