package io.landloom.synthesis.diffusion.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.diffusion.NoiseLevel;
import io.landloom.synthesis.diffusion.NoiseSchedule;
import io.landloom.synthesis.diffusion.Prediction;
import io.landloom.synthesis.tensor.Operators;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import java.util.function.ToDoubleFunction;

/**
 * The squared error of what a network predicts of noisy data (Ho et al., NeurIPS 2020, equation
 * 14), with every image at a noise level of its own; it knows nothing of what the network is
 * conditioned on.
 *
 * @param schedule noise levels of the timesteps
 * @param prediction what the network predicts
 * @param mostRatio ratio of signal to noise beyond which a timestep weighs less (gamma of Hang et
 *     al., ICCV 2023, section 3.4, in the weights of the published code for each prediction);
 *     infinite where all timesteps weigh the same
 */
public record NoiseLoss(NoiseSchedule schedule, Prediction prediction, double mostRatio) {
  /** Checks the range, and that the prediction says something at every timestep. */
  public NoiseLoss {
    if (!(mostRatio > 0)) {
      throw new IllegalArgumentException(
          "ratio of signal to noise " + mostRatio + " is not above 0");
    }
    if (prediction == Prediction.NOISE && schedule.level(schedule.steps() - 1).signal() == 0) {
      throw new IllegalArgumentException(
          "a prediction of noise says nothing where there is no signal; let the network predict"
              + " velocity, or keep some signal at the last timestep");
    }
  }

  /** The loss without weights of timesteps. */
  public NoiseLoss(NoiseSchedule schedule, Prediction prediction) {
    this(schedule, prediction, Double.POSITIVE_INFINITY);
  }

  /**
   * Data with noise.
   *
   * @param noisy (B, ..)
   * @param target what the network is to predict, (B, ..)
   * @param timesteps one an image
   */
  public record Noised(NDArray noisy, NDArray target, int[] timesteps) {}

  /**
   * What a network made of noisy data.
   *
   * @param loss scalar
   * @param output the network's, (B, ..)
   * @param noised what it looked at
   */
  public record Guess(NDArray loss, NDArray output, Noised noised) {}

  /**
   * Adds noise.
   *
   * @param clean data (B, ..), about unit variance
   * @param noise standard normal numbers of the same shape
   * @param timesteps one an image
   * @throws IllegalArgumentException if there is no such timestep
   */
  public Noised noised(NDArray clean, NDArray noise, int[] timesteps) {
    NDArray alpha = perImage(clean, timesteps, NoiseLevel::alpha);
    NDArray sigma = perImage(clean, timesteps, NoiseLevel::sigma);
    NDArray target =
        switch (prediction) {
          case NOISE -> noise;
          case VELOCITY -> noise.mul(alpha).sub(clean.mul(sigma));
        };
    return new Noised(clean.mul(alpha).add(noise.mul(sigma)), target, timesteps);
  }

  /** Noises data, asks the network and measures its error. */
  public <C> Guess of(
      NoisyNetwork<C> network, NDArray clean, NDArray noise, int[] timesteps, C condition) {
    Noised noised = noised(clean, noise, timesteps);
    NDArray output = network.predict(noised.noisy(), timesteps, condition);
    return new Guess(of(output, noised), output, noised);
  }

  /**
   * Mean over the images of each one's mean squared error times the weight of its timestep.
   *
   * @param output the network's, (B, ..)
   */
  public NDArray of(NDArray output, Noised noised) {
    NDArray squares = output.sub(noised.target()).square();
    if (mostRatio == Double.POSITIVE_INFINITY) {
      return squares.mean();
    }
    return squares.mul(perTimestep(squares, noised.timesteps(), this::weight)).mean();
  }

  /**
   * Weight of a timestep.
   *
   * @throws IllegalArgumentException if there is no such timestep
   */
  public double weight(int timestep) {
    if (mostRatio == Double.POSITIVE_INFINITY) {
      return 1;
    }
    double signal = schedule.level(timestep).signal();
    double ratio = signal / (1 - signal);
    return switch (prediction) {
      case NOISE -> Math.min(ratio, mostRatio) / ratio;
      case VELOCITY -> Math.min(ratio, mostRatio) / (ratio + 1);
    };
  }

  /**
   * The clean data that a network's output amounts to, in one step.
   *
   * @param output the network's, (B, ..)
   */
  public NDArray clean(NDArray output, Noised noised) {
    NDArray alpha = perImage(output, noised.timesteps(), NoiseLevel::alpha);
    NDArray sigma = perImage(output, noised.timesteps(), NoiseLevel::sigma);
    return switch (prediction) {
      case NOISE -> noised.noisy().sub(output.mul(sigma)).div(alpha);
      case VELOCITY -> noised.noisy().mul(alpha).sub(output.mul(sigma));
    };
  }

  private NDArray perImage(NDArray like, int[] timesteps, ToDoubleFunction<NoiseLevel> factor) {
    return perTimestep(like, timesteps, timestep -> factor.applyAsDouble(schedule.level(timestep)));
  }

  /** A number of every image's timestep, (B, 1, ..). */
  private static NDArray perTimestep(NDArray like, int[] timesteps, IntToDoubleFunction of) {
    Shape shape = like.getShape();
    if (shape.get(0) != timesteps.length) {
      throw new IllegalArgumentException(
          shape.get(0) + " images, but timesteps for " + timesteps.length);
    }
    float[] numbers = new float[timesteps.length];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) of.applyAsDouble(timesteps[i]);
    }
    long[] each = new long[shape.dimension()];
    Arrays.fill(each, 1);
    each[0] = timesteps.length;
    NDManager manager = like.getManager();
    return Operators.ownCopy(manager.create(numbers, new Shape(each)));
  }
}
