package io.landloom.synthesis.diffusion.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.SeededStream;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.training.PatchSampler;

/**
 * What a training step draws beside its patches: a function of the seed, the step and the place in
 * the batch, so that a training can stop and go on anywhere.
 *
 * @param sampler whose seed and purpose the draws have
 * @param step number of the step, from 0
 * @param batch images of the step
 */
public record StepDraws(PatchSampler sampler, long step, int batch) {
  /** Random numbers for an image of the batch, by what they are for. */
  public SeededStream stream(String what, int image) {
    return sampler.stream(what, step * batch + image);
  }

  /**
   * A timestep for every image, each as likely.
   *
   * @param steps number of timesteps of the schedule
   */
  public int[] timesteps(int steps) {
    int[] timesteps = new int[batch];
    for (int i = 0; i < batch; i++) {
      timesteps[i] = stream("timestep", i).nextInt(steps);
    }
    return timesteps;
  }

  /**
   * Standard normal numbers.
   *
   * @param what they are for
   * @param shape (B, ..)
   */
  public NDArray normal(NDManager manager, String what, Shape shape) {
    int each = Math.toIntExact(shape.size() / batch);
    float[] numbers = new float[batch * each];
    for (int i = 0; i < batch; i++) {
      System.arraycopy(stream(what, i).normal(each), 0, numbers, i * each, each);
    }
    return Operators.ownCopy(manager.create(numbers, shape));
  }

  /** For every image, whether an event of a probability happens. */
  public boolean[] chosen(String what, double probability) {
    boolean[] chosen = new boolean[batch];
    for (int i = 0; i < batch; i++) {
      chosen[i] = stream(what, i).nextShare() < probability;
    }
    return chosen;
  }
}
