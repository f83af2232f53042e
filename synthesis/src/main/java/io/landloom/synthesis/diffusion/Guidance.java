package io.landloom.synthesis.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.tensor.Operators;
import java.util.Arrays;

/**
 * Classifier-free guidance (Ho and Salimans, 2022, equation 6) with rescaling (Lin et al., WACV
 * 2024, equations 15 and 16).
 *
 * @param weight of the condition: 1 for the conditional prediction itself, more to go beyond it
 * @param rescale share of the result that is scaled to the conditional prediction's deviation, from
 *     0 to 1
 */
public record Guidance(double weight, double rescale) {
  /** Checks the ranges. */
  public Guidance {
    if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY) || !(rescale >= 0 && rescale <= 1)) {
      throw new IllegalArgumentException(
          "guidance weight " + weight + " must be 0 or more, rescale " + rescale + " from 0 to 1");
    }
  }

  /** A network that is asked with and without the condition at every step. */
  public Denoiser guided(Denoiser unconditional, Denoiser conditional) {
    return (x, timestep) ->
        combined(unconditional.predict(x, timestep), conditional.predict(x, timestep));
  }

  /**
   * A network that answers without and with the condition in one batch, which is faster where it is
   * small, and takes the memory of both.
   *
   * @param both of (2B, ..), without the condition in the first half
   */
  public Denoiser guided(Denoiser both) {
    return (x, timestep) -> {
      NDList halves = both.predict(NDArrays.concat(new NDList(x, x), 0), timestep).split(2, 0);
      return combined(halves.get(0), halves.get(1));
    };
  }

  /**
   * The guided prediction.
   *
   * @param unconditional (B, ..)
   * @param conditional (B, ..)
   * @return (B, ..)
   */
  public NDArray combined(NDArray unconditional, NDArray conditional) {
    NDArray guided = unconditional.add(Operators.scaled(conditional.sub(unconditional), weight));
    if (rescale == 0) {
      return guided;
    }
    NDArray matched = guided.mul(deviation(conditional).div(deviation(guided)));
    return Operators.scaled(matched, rescale).add(Operators.scaled(guided, 1 - rescale));
  }

  /** Standard deviation of every image's numbers, (B, 1, ..). */
  private static NDArray deviation(NDArray x) {
    Shape shape = x.getShape();
    NDArray rows = x.reshape(new Shape(shape.get(0), -1));
    NDArray centred = rows.sub(rows.mean(new int[] {1}, true));
    long[] each = new long[shape.dimension()];
    Arrays.fill(each, 1);
    each[0] = shape.get(0);
    return centred.square().mean(new int[] {1}).sqrt().reshape(new Shape(each));
  }
}
