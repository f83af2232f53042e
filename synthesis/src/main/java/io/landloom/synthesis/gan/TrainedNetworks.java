package io.landloom.synthesis.gan;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.landloom.synthesis.SeededStream;
import io.landloom.synthesis.gan.CsebganSettings.ConductorMode;
import io.landloom.synthesis.gan.CsebganSettings.ConductorRole;
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
    List<TensorSpec> generator = Generator.trainingLayout(sizes, settings.initialGain());
    this.average = initialized("generator", generator, settings.seed());
    add("generator", generator, settings);
    add(
        "discriminator",
        Discriminator.layout(
            sizes.bands() + sizes.classes(),
            settings.widths().ndf(),
            settings.scales(),
            settings.initialGain()),
        settings);
    add("conductor", conductorLayout(settings, sizes), settings);
  }

  private static List<TensorSpec> conductorLayout(CsebganSettings settings, GeneratorSizes sizes) {
    return settings.conductor().mode() == ConductorMode.NONE
        ? List.of()
        : UNet.layout(sizes.bands(), settings.widths().conductor(), sizes.classes() - 1);
  }

  private void add(String name, List<TensorSpec> layout, CsebganSettings settings) {
    ParameterSet parameters = initialized(name, layout, settings.seed());
    CsebganSettings.Optimizer optimizer = settings.optimizer();
    parts.put(
        name, new Part(parameters, new Adam(parameters, optimizer.beta1(), optimizer.beta2())));
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
  void restore(NamedTensors tensors, long steps, ConductorRole role) {
    long ahead = Math.min(steps, role.stepsAhead());
    parts.forEach(
        (network, part) -> {
          part.parameters().restore(tensors.withoutPrefix(network + "."));
          boolean conducts = network.equals("conductor") && role.mode() == ConductorMode.FROZEN;
          part.adam()
              .restore(
                  tensors.withoutPrefix("adam." + network + "."), conducts ? ahead : steps - ahead);
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
