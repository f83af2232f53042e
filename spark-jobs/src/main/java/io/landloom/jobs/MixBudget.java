package io.landloom.jobs;

import io.landloom.jobs.run.JobException;
import java.util.Optional;

/**
 * How many synthetic pairs go with the real patches of the training split.
 *
 * @param alpha {@code plan.alpha}; null where it is not given
 * @param count {@code plan.count}, pairs in all; null where it is not given
 * @param mode {@code mix.mode}: ratio, where alpha is of the real patches, or share, where it is of
 *     both together
 */
record MixBudget(Double alpha, Long count, String mode) {
  static MixBudget of(Settings settings) {
    boolean hasAlpha = settings.optionalText("plan.alpha").isPresent();
    boolean hasCount = settings.optionalText("plan.count").isPresent();
    String mode = settings.choice("mix.mode", "ratio", "share");
    if (hasAlpha && hasCount) {
      throw JobException.user("plan.alpha and plan.count are both set; give one of them");
    }
    Double alpha = hasAlpha ? settings.real("plan.alpha", 0, 1000) : null;
    if (hasAlpha && mode.equals("share") && alpha >= 1) {
      throw JobException.user(
          "plan.alpha = " + alpha + ": as a share of the mixed set it must be under 1");
    }
    return new MixBudget(
        alpha, hasCount ? (long) settings.integer("plan.count", 0, Integer.MAX_VALUE) : null, mode);
  }

  /** Pairs in all beside so many real patches; empty where a target says how many. */
  Optional<Long> pairs(long real) {
    if (alpha == null) {
      return Optional.ofNullable(count);
    }
    double ratio = mode.equals("share") ? alpha / (1 - alpha) : alpha;
    return Optional.of(Math.round(ratio * real));
  }

  /** In words. */
  String text() {
    if (alpha != null) {
      return mode.equals("share") ? alpha + " of the mixed set" : alpha + " of the real patches";
    }
    return count == null ? "the fewest pairs" : count + " pairs";
  }
}
