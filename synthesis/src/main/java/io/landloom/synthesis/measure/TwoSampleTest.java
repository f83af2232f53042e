package io.landloom.synthesis.measure;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.landloom.synthesis.SeededStream;
import io.landloom.synthesis.tensor.TorchEngine;
import java.util.Arrays;
import java.util.List;

/**
 * The classifier two-sample test, C2ST (Lopez-Paz and Oquab, ICLR 2017): a small network learns to
 * tell half of the reals from half of the fakes and is asked about the other halves.
 *
 * @param auc probability that a held-out real image looks more real than a held-out fake: 0.5 where
 *     they cannot be told apart, 1 where they always can
 * @param accuracy share of the held-out images told right
 * @param chance standard deviation of the accuracy if they cannot be told apart
 * @param trained images learnt from
 * @param heldOut images asked about
 */
public record TwoSampleTest(double auc, double accuracy, double chance, int trained, int heldOut) {
  /**
   * How the network learns.
   *
   * @param steps steps of Adam
   * @param batch images a step, half of them real
   * @param learningRate step size
   * @param seed seed of halves, weights, order and augmentation
   */
  public record Training(int steps, int batch, double learningRate, long seed) {
    /** Checks the ranges. */
    public Training {
      if (steps < 1 || batch < 2 || batch % 2 != 0) {
        throw new IllegalArgumentException(
            steps + " steps of " + batch + " images: expected at least 1 step of an even number");
      }
    }
  }

  /**
   * Tests two sets of images of equal number and size.
   *
   * @throws IllegalArgumentException if they differ, or there are fewer than four of each
   */
  public static TwoSampleTest of(Images real, Images fake, Training training, Device device) {
    if (real.size() != fake.size() || real.size() < 4) {
      throw new IllegalArgumentException(
          real.size()
              + " real and "
              + fake.size()
              + " fake images: expected equal numbers, from 4");
    }
    int[] realOrder = order(real, training.seed(), "real");
    int[] fakeOrder = order(fake, training.seed(), "fake");
    int half = real.size() / 2;
    try (NDManager manager = TorchEngine.newManager(device);
        RealnessClassifier classifier =
            new RealnessClassifier(manager, real.image(0).bands(), training.seed())) {
      RealnessClassifier.Half learnt =
          new RealnessClassifier.Half(
              real, fake, Arrays.copyOf(realOrder, half), Arrays.copyOf(fakeOrder, half));
      classifier.learn(learnt, training);
      float[] onReal = classifier.judge(real, Arrays.copyOfRange(realOrder, half, real.size()));
      float[] onFake = classifier.judge(fake, Arrays.copyOfRange(fakeOrder, half, fake.size()));
      int heldOut = onReal.length + onFake.length;
      return new TwoSampleTest(
          auc(onReal, onFake),
          accuracy(onReal, onFake),
          Math.sqrt(0.25 / heldOut),
          2 * half,
          heldOut);
    }
  }

  private static int[] order(Images images, long seed, String set) {
    return SeededStream.of(List.of("halves of images", set), seed).permutation(images.size());
  }

  /** Probability that a number of the first set exceeds one of the second; ties count half. */
  static double auc(float[] higher, float[] lower) {
    double sum = 0;
    for (float high : higher) {
      for (float low : lower) {
        sum += high > low ? 1 : high == low ? 0.5 : 0;
      }
    }
    return sum / higher.length / lower.length;
  }

  private static double accuracy(float[] onReal, float[] onFake) {
    int right = 0;
    for (float score : onReal) {
      right += score > 0 ? 1 : 0;
    }
    for (float score : onFake) {
      right += score > 0 ? 0 : 1;
    }
    return (double) right / (onReal.length + onFake.length);
  }
}
