package io.landloom.synthesis.gan;

import ai.djl.ndarray.NDArray;
import io.landloom.synthesis.gan.Discriminator.Judgement;
import io.landloom.synthesis.tensor.Operators;
import java.util.List;

/**
 * The adversarial and feature-matching terms (Wang et al., TGRS 2023, equations 8 to 13); each is a
 * mean over the discriminator's scales.
 */
final class Losses {
  private Losses() {}

  /** What the discriminator minimises: hinge on real and on fake scores (equation 12). */
  static NDArray discriminator(List<Judgement> real, List<Judgement> fake) {
    NDArray sum = null;
    for (int scale = 0; scale < real.size(); scale++) {
      NDArray onReal = Operators.relu(real.get(scale).score().neg().add(1)).mean();
      NDArray onFake = Operators.relu(fake.get(scale).score().add(1)).mean();
      sum = plus(sum, onReal.add(onFake));
    }
    return sum.div(real.size());
  }

  /** What the generator minimises: the negative score of its images. */
  static NDArray adversarial(List<Judgement> fake) {
    NDArray sum = null;
    for (Judgement judgement : fake) {
      sum = plus(sum, judgement.score().mean().neg());
    }
    return sum.div(fake.size());
  }

  /**
   * Mean absolute difference of the discriminator's features.
   *
   * @param firstLayer features below this one do not count; with the deepest alone the fakes of one
   *     mask stay diverse
   */
  static NDArray featureMatching(List<Judgement> real, List<Judgement> fake, int firstLayer) {
    NDArray sum = null;
    for (int scale = 0; scale < real.size(); scale++) {
      List<NDArray> expected = real.get(scale).features();
      List<NDArray> drawn = fake.get(scale).features();
      for (int layer = firstLayer; layer < expected.size(); layer++) {
        sum = plus(sum, expected.get(layer).sub(drawn.get(layer)).abs().mean());
      }
    }
    return sum.div(real.size());
  }

  /**
   * Mean absolute difference of a perceptual net's maps, each with its weight; maps without weight
   * do not count.
   */
  static NDArray perceptual(List<NDArray> real, List<NDArray> fake, List<Double> weights) {
    NDArray sum = null;
    for (int level = 0; level < weights.size(); level++) {
      if (weights.get(level) > 0) {
        NDArray difference = real.get(level).sub(fake.get(level)).abs().mean();
        sum = plus(sum, difference.mul(weights.get(level)));
      }
    }
    return sum;
  }

  private static NDArray plus(NDArray sum, NDArray term) {
    return sum == null ? term : sum.add(term);
  }
}
