package io.landloom.synthesis.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.landloom.synthesis.weights.HostTensor;
import io.landloom.synthesis.weights.NamedTensors;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Adam (Kingma and Ba, ICLR 2015) over the trained arrays of one network, with weights that decay
 * apart from the gradient if asked for (Loshchilov and Hutter, ICLR 2019).
 *
 * <p>The moments are made at once, so that no scope of a training step can free them.
 */
public final class Adam {
  private static final float EPSILON = 1e-8f;
  private static final String FIRST = "first.";
  private static final String SECOND = "second.";

  private final ParameterSet parameters;
  private final double beta1;
  private final double beta2;
  private final double weightDecay;
  private final Map<String, NDArray> first = new LinkedHashMap<>();
  private final Map<String, NDArray> second = new LinkedHashMap<>();
  private long steps;

  /** An optimizer with zero moments, whose weights do not decay; open no scope around it. */
  public Adam(ParameterSet parameters, double beta1, double beta2) {
    this(parameters, beta1, beta2, 0);
  }

  /**
   * An optimizer with zero moments; open no scope around it.
   *
   * @param weightDecay share that a step of rate 1 takes off every array
   */
  public Adam(ParameterSet parameters, double beta1, double beta2, double weightDecay) {
    this.parameters = parameters;
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.weightDecay = weightDecay;
    for (String name : parameters.trained()) {
      first.put(name, zeros(name));
      second.put(name, zeros(name));
    }
  }

  private NDArray zeros(String name) {
    NDArray zeros = parameters.manager().zeros(parameters.get(name).getShape());
    return NativeScope.keep(zeros, parameters.manager());
  }

  /** Updates every trained array by its gradient, then clears the gradients. */
  public void step(double learningRate) {
    steps++;
    double correction = Math.sqrt(1 - Math.pow(beta2, steps)) / (1 - Math.pow(beta1, steps));
    for (String name : parameters.trained()) {
      PtNDArray array = (PtNDArray) parameters.get(name);
      decay(array, learningRate);
      try (NDArray gradient = array.getGradient()) {
        JniUtils.adamUpdate(
            array,
            (PtNDArray) gradient,
            (PtNDArray) first.get(name),
            (PtNDArray) second.get(name),
            (float) learningRate,
            (float) (learningRate * correction),
            0f,
            1f,
            -1f,
            (float) beta1,
            (float) beta2,
            EPSILON,
            false);
      }
      JniUtils.zeroGrad(array);
    }
  }

  private void decay(NDArray array, double learningRate) {
    if (weightDecay > 0) {
      try (GradMode off = GradMode.off()) {
        array.muli(1 - learningRate * weightDecay);
      }
    }
  }

  /** Steps taken. */
  public long steps() {
    return steps;
  }

  /** The moments, as {@code first.NAME} and {@code second.NAME}. */
  public NamedTensors toHost() {
    Map<String, HostTensor> tensors = new TreeMap<>();
    first.forEach((name, array) -> tensors.put(FIRST + name, ParameterSet.toHost(array)));
    second.forEach((name, array) -> tensors.put(SECOND + name, ParameterSet.toHost(array)));
    return new NamedTensors(tensors);
  }

  /** Shapes of the moments by name. */
  public Map<String, long[]> shapes() {
    Map<String, long[]> shapes = new TreeMap<>();
    first.forEach((name, array) -> shapes.put(FIRST + name, array.getShape().getShape()));
    second.forEach((name, array) -> shapes.put(SECOND + name, array.getShape().getShape()));
    return shapes;
  }

  /** Continues from moments that were checked against {@link #shapes()}. */
  public void restore(NamedTensors moments, long stepsTaken) {
    try (NativeScope scope = NativeScope.inference(parameters.manager())) {
      first.forEach((name, array) -> copy(scope, moments.get(FIRST + name), array));
      second.forEach((name, array) -> copy(scope, moments.get(SECOND + name), array));
    }
    steps = stepsTaken;
  }

  private static void copy(NativeScope scope, HostTensor values, NDArray target) {
    scope.manager().create(values.values(), target.getShape()).copyTo(target);
  }
}
