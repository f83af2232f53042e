package io.landloom.synthesis.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.SeededStream;
import io.landloom.synthesis.weights.HostTensor;
import io.landloom.synthesis.weights.NamedTensors;
import io.landloom.synthesis.weights.TensorSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A network's arrays on a device, by the names of its weights file. */
public final class ParameterSet implements AutoCloseable {
  private final NDManager manager;
  private final Map<String, NDArray> arrays = new LinkedHashMap<>();
  private final List<String> trained = new ArrayList<>();

  private ParameterSet(NDManager manager) {
    this.manager = manager;
  }

  private static ParameterSet empty(NDManager parent) {
    return new ParameterSet(parent.newSubManager());
  }

  /** Arrays before training: a function of the seed and each tensor's name. */
  public static ParameterSet initialized(NDManager parent, List<TensorSpec> layout, long seed) {
    Map<String, HostTensor> tensors = new TreeMap<>();
    for (TensorSpec spec : layout) {
      int count = Math.toIntExact(new Shape(spec.shape()).size());
      tensors.put(spec.name(), new HostTensor(spec.shape(), start(spec, count, seed)));
    }
    return of(parent, layout, new NamedTensors(tensors));
  }

  private static float[] start(TensorSpec spec, int count, long seed) {
    if (spec.start() instanceof TensorSpec.Start.Normal normal) {
      float[] values = SeededStream.of(List.of("initial weights", spec.name()), seed).normal(count);
      for (int i = 0; i < count; i++) {
        values[i] = (float) (values[i] * normal.standardDeviation());
      }
      return values;
    }
    float[] values = new float[count];
    Arrays.fill(values, ((TensorSpec.Start.Constant) spec.start()).value());
    return values;
  }

  /** Arrays with the values of tensors that were checked against the layout. */
  public static ParameterSet of(NDManager parent, List<TensorSpec> layout, NamedTensors tensors) {
    ParameterSet set = empty(parent);
    for (TensorSpec spec : layout) {
      set.put(spec.name(), tensors.get(spec.name()));
      if (spec.role() == TensorSpec.Role.TRAINED) {
        set.trained.add(spec.name());
      }
    }
    return set;
  }

  /** Where tensors come from, one at a time. */
  public interface Source {
    /** The tensor of a name. */
    HostTensor read(String name) throws IOException;
  }

  /**
   * Arrays with the values of a source that was checked against the layout; Java's memory holds one
   * tensor at a time.
   *
   * @throws IOException if a tensor cannot be read
   */
  public static ParameterSet streamed(NDManager parent, List<TensorSpec> layout, Source source)
      throws IOException {
    ParameterSet set = empty(parent);
    try {
      for (TensorSpec spec : layout) {
        set.put(spec.name(), source.read(spec.name()));
        if (spec.role() == TensorSpec.Role.TRAINED) {
          set.trained.add(spec.name());
        }
      }
      return set;
    } catch (IOException | RuntimeException e) {
      set.close();
      throw e;
    }
  }

  private void put(String name, HostTensor tensor) {
    try (NDArray borrowed = manager.create(tensor.values(), new Shape(tensor.shape()))) {
      arrays.put(name, NativeScope.keep(Operators.ownCopy(borrowed), manager));
    }
  }

  /** A set of its own with copies of all arrays. */
  public ParameterSet duplicate(NDManager parent) {
    ParameterSet copy = empty(parent);
    try (NativeScope scope = NativeScope.inference(manager)) {
      arrays.forEach(
          (name, array) ->
              copy.arrays.put(name, NativeScope.keep(Operators.ownCopy(array), copy.manager)));
    }
    copy.trained.addAll(trained);
    return copy;
  }

  /** The arrays whose names begin with a prefix, without it: the same arrays, not copies. */
  public ParameterSet within(String prefix) {
    ParameterSet view = new ParameterSet(manager);
    arrays.forEach(
        (name, array) -> {
          if (name.startsWith(prefix)) {
            view.arrays.put(name.substring(prefix.length()), array);
          }
        });
    trained.stream()
        .filter(name -> name.startsWith(prefix))
        .forEach(name -> view.trained.add(name.substring(prefix.length())));
    return view;
  }

  /** The array of a name. */
  public NDArray get(String name) {
    NDArray array = arrays.get(name);
    if (array == null) {
      throw new IllegalArgumentException("the network has no array '" + name + "'");
    }
    return array;
  }

  /** Whether there is an array of this name. */
  public boolean contains(String name) {
    return arrays.containsKey(name);
  }

  /** The manager the arrays belong to. */
  public NDManager manager() {
    return manager;
  }

  /** Names of the trained arrays, in the layout's order. */
  public List<String> trained() {
    return List.copyOf(trained);
  }

  /** Lets the trained arrays collect gradients. */
  public void unfreeze() {
    trained.forEach(name -> arrays.get(name).setRequiresGradient(true));
  }

  /** Keeps the trained arrays out of what is recorded from now on. */
  public void freeze() {
    trained.forEach(name -> arrays.get(name).setRequiresGradient(false));
  }

  /** Moves every trained array a share of the way towards another set's array. */
  public void approach(ParameterSet other, double share) {
    try (NativeScope scope = NativeScope.inference(manager)) {
      for (String name : trained) {
        NDArray array = arrays.get(name);
        array.muli(1 - share).addi(other.get(name).mul(share));
      }
    }
  }

  /** Copies of all arrays in Java's memory. */
  public NamedTensors toHost() {
    Map<String, HostTensor> tensors = new TreeMap<>();
    arrays.forEach((name, array) -> tensors.put(name, toHost(array)));
    return new NamedTensors(tensors);
  }

  /** Shapes of all arrays by name. */
  public Map<String, long[]> shapes() {
    Map<String, long[]> shapes = new TreeMap<>();
    arrays.forEach((name, array) -> shapes.put(name, array.getShape().getShape()));
    return shapes;
  }

  /** Replaces the values of all arrays by those of tensors checked against {@link #shapes()}. */
  public void restore(NamedTensors tensors) {
    try (NativeScope scope = NativeScope.inference(manager)) {
      arrays.forEach(
          (name, array) ->
              scope.manager().create(tensors.get(name).values(), array.getShape()).copyTo(array));
    }
  }

  static HostTensor toHost(NDArray array) {
    return new HostTensor(array.getShape().getShape(), array.toFloatArray());
  }

  @Override
  public void close() {
    manager.close();
  }
}
