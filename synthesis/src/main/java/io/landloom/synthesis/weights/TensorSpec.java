package io.landloom.synthesis.weights;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One tensor a network has: its name, shape, start and role.
 *
 * @param name name in the weights file
 * @param shape sizes of the dimensions
 * @param start values before training
 * @param role whether the optimizer changes it
 */
public record TensorSpec(String name, long[] shape, Start start, Role role) {
  /** What changes a tensor. */
  public enum Role {
    /** The optimizer. */
    TRAINED,
    /** The forward pass, in training only. */
    BUFFER
  }

  /** Values of a tensor before training. */
  public sealed interface Start {
    /** The same value everywhere. */
    record Constant(float value) implements Start {}

    /** Independent normal numbers with mean 0. */
    record Normal(double standardDeviation) implements Start {}
  }

  /** A trained tensor. */
  public static TensorSpec trained(String name, Start start, long... shape) {
    return new TensorSpec(name, shape, start, Role.TRAINED);
  }

  /** A buffer. */
  public static TensorSpec buffer(String name, Start start, long... shape) {
    return new TensorSpec(name, shape, start, Role.BUFFER);
  }

  /** The same under a name that begins with a prefix. */
  public TensorSpec withPrefix(String prefix) {
    return new TensorSpec(prefix + name, shape, start, role);
  }

  /** The shapes of a layout by name. */
  public static Map<String, long[]> shapes(List<TensorSpec> layout) {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    layout.forEach(spec -> shapes.put(spec.name(), spec.shape()));
    return shapes;
  }
}
