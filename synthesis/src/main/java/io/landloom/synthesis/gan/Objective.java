package io.landloom.synthesis.gan;

import ai.djl.ndarray.NDArray;
import java.util.EnumMap;
import java.util.Map;

/** The terms that generator and conductor minimise together, summed as they come. */
final class Objective {
  /** A term. */
  enum Term {
    ADVERSARIAL,
    FEATURE_MATCHING,
    PERCEPTUAL,
    CONDUCTOR_REAL,
    CONDUCTOR_FAKE
  }

  private final Map<Term, NDArray> terms = new EnumMap<>(Term.class);
  private NDArray total;

  void add(Term term, NDArray loss, double weight) {
    NDArray weighted = weight == 1 ? loss : loss.mul(weight);
    total = total == null ? weighted : total.add(weighted);
    terms.put(term, loss);
  }

  /** The weighted sum. */
  NDArray total() {
    return total;
  }

  /** A term without its weight. */
  NDArray term(Term term) {
    return terms.get(term);
  }

  /** The terms as numbers, 0 for those that were not added. */
  StepLosses losses(long step, float discriminator) {
    return new StepLosses(
        step,
        discriminator,
        value(Term.ADVERSARIAL),
        value(Term.FEATURE_MATCHING),
        value(Term.PERCEPTUAL),
        value(Term.CONDUCTOR_REAL),
        value(Term.CONDUCTOR_FAKE));
  }

  private float value(Term term) {
    return terms.containsKey(term) ? terms.get(term).getFloat() : 0;
  }
}
