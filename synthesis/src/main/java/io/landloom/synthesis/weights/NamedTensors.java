package io.landloom.synthesis.weights;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Tensors by name, in the order of their names. */
public final class NamedTensors {
  private final TreeMap<String, HostTensor> tensors;

  /** These tensors. */
  public NamedTensors(Map<String, HostTensor> tensors) {
    this.tensors = new TreeMap<>(tensors);
  }

  /** The names, sorted. */
  public List<String> names() {
    return List.copyOf(tensors.keySet());
  }

  /**
   * One tensor.
   *
   * @throws ModelException if there is none of that name
   */
  public HostTensor get(String name) {
    HostTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new ModelException("tensors", "no tensor '" + name + "'");
    }
    return tensor;
  }

  /** The tensors by name; not modifiable. */
  public SortedMap<String, HostTensor> asMap() {
    return Collections.unmodifiableSortedMap(tensors);
  }

  /** Number of elements of all tensors. */
  public long elements() {
    return tensors.values().stream().mapToLong(tensor -> tensor.values().length).sum();
  }

  /** The tensors whose names begin with the prefix, without it. */
  public NamedTensors withoutPrefix(String prefix) {
    Map<String, HostTensor> chosen = new TreeMap<>();
    tensors.forEach(
        (name, tensor) -> {
          if (name.startsWith(prefix)) {
            chosen.put(name.substring(prefix.length()), tensor);
          }
        });
    return new NamedTensors(chosen);
  }

  /** The tensors with a prefix before their names. */
  public NamedTensors withPrefix(String prefix) {
    Map<String, HostTensor> named = new TreeMap<>();
    tensors.forEach((name, tensor) -> named.put(prefix + name, tensor));
    return new NamedTensors(named);
  }

  /** These and others; where both have a name, the others' tensor. */
  public NamedTensors and(NamedTensors others) {
    Map<String, HostTensor> all = new TreeMap<>(tensors);
    all.putAll(others.tensors);
    return new NamedTensors(all);
  }

  /**
   * Checks that exactly the expected tensors are here.
   *
   * @param source what to name in the message
   * @param expected shape of every expected tensor
   * @throws ModelException listing every missing, extra and misshapen tensor
   */
  public void requireShapes(String source, Map<String, long[]> expected) {
    Map<String, long[]> actual = new TreeMap<>();
    tensors.forEach((name, tensor) -> actual.put(name, tensor.shape()));
    requireShapes(source, actual, expected);
  }

  /**
   * Checks that a file has exactly the expected tensors.
   *
   * @param source what to name in the message
   * @param actual shape of every tensor
   * @param expected shape of every expected tensor
   * @throws ModelException listing every missing, extra and misshapen tensor
   */
  public static void requireShapes(
      String source, Map<String, long[]> actual, Map<String, long[]> expected) {
    List<String> problems = new ArrayList<>();
    TreeSet<String> names = new TreeSet<>(expected.keySet());
    names.addAll(actual.keySet());
    for (String name : names) {
      long[] found = actual.get(name);
      long[] shape = expected.get(name);
      if (found == null) {
        problems.add("missing " + name + " " + HostTensor.describe(shape));
      } else if (shape == null) {
        problems.add("extra " + name + " " + HostTensor.describe(found));
      } else if (!Arrays.equals(found, shape)) {
        problems.add(
            "misshapen "
                + name
                + " "
                + HostTensor.describe(found)
                + " instead of "
                + HostTensor.describe(shape));
      }
    }
    if (!problems.isEmpty()) {
      throw new ModelException(
          source, problems.size() + " tensors do not fit: " + String.join("; ", problems));
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NamedTensors that && tensors.equals(that.tensors);
  }

  @Override
  public int hashCode() {
    return tensors.hashCode();
  }

  @Override
  public String toString() {
    return tensors.size() + " tensors of " + elements() + " elements";
  }
}
