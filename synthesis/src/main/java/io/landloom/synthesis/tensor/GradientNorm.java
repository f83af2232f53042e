package io.landloom.synthesis.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import java.util.List;

/** The Euclidean norm of all gradients of a network together. */
public final class GradientNorm {
  /** Added to the norm that divides, as PyTorch does. */
  private static final double TINY = 1e-6;

  private GradientNorm() {}

  /**
   * Scales all gradients down so that their norm is at most a number (Pascanu et al., ICML 2013,
   * algorithm 1); call it after the backward pass.
   *
   * @param most largest norm
   * @return the norm before
   */
  public static double clip(ParameterSet parameters, double most) {
    try (NativeScope scope = NativeScope.inference(parameters.manager())) {
      List<NDArray> gradients =
          parameters.trained().stream().map(name -> parameters.get(name).getGradient()).toList();
      NDList squares = new NDList();
      gradients.forEach(gradient -> squares.add(gradient.square().sum()));
      double norm = Math.sqrt(NDArrays.stack(squares).sum().getFloat());
      if (norm > most) {
        gradients.forEach(gradient -> gradient.muli(most / (norm + TINY)));
      }
      return norm;
    }
  }
}
