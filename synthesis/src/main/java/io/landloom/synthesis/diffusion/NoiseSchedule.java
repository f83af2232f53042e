package io.landloom.synthesis.diffusion;

import java.util.function.DoubleUnaryOperator;

/**
 * The noise level of every timestep of training, from little noise to much (Ho et al., NeurIPS
 * 2020, equation 4).
 */
public final class NoiseSchedule {
  private final double[] signal;

  private NoiseSchedule(double[] signal) {
    this.signal = signal;
  }

  /**
   * Variances of the steps' noise ("beta") that grow linearly.
   *
   * @param first beta of timestep 0
   * @param last beta of the last timestep
   * @param steps number of timesteps, at least 2
   */
  public static NoiseSchedule linear(double first, double last, int steps) {
    return of(first, last, steps, share -> first + (last - first) * share);
  }

  /**
   * Betas whose roots grow linearly, as Stable Diffusion was trained with (Rombach et al., CVPR
   * 2022): 0.00085, 0.012 and 1000 there.
   */
  public static NoiseSchedule scaledLinear(double first, double last, int steps) {
    double from = Math.sqrt(first);
    double to = Math.sqrt(last);
    return of(
        first,
        last,
        steps,
        share -> {
          double root = from + (to - from) * share;
          return root * root;
        });
  }

  private static NoiseSchedule of(
      double first, double last, int steps, DoubleUnaryOperator betaOfShare) {
    if (steps < 2) {
      throw new IllegalArgumentException(steps + " timesteps are fewer than 2");
    }
    if (!(first > 0 && first <= last && last < 1)) {
      throw new IllegalArgumentException(
          "betas from " + first + " to " + last + " do not rise between 0 and 1");
    }
    double[] signal = new double[steps];
    double product = 1;
    for (int t = 0; t < steps; t++) {
      product *= 1 - betaOfShare.applyAsDouble((double) t / (steps - 1));
      signal[t] = product;
    }
    return new NoiseSchedule(signal);
  }

  /**
   * The same stretched so that the last timestep is noise alone (Lin et al., WACV 2024, algorithm
   * 1); then only {@link Prediction#VELOCITY} says anything there.
   */
  public NoiseSchedule withZeroTerminalSignal() {
    double first = Math.sqrt(signal[0]);
    double last = Math.sqrt(signal[signal.length - 1]);
    double[] stretched = new double[signal.length];
    for (int t = 0; t < signal.length; t++) {
      double alpha = (Math.sqrt(signal[t]) - last) * first / (first - last);
      stretched[t] = alpha * alpha;
    }
    return new NoiseSchedule(stretched);
  }

  /**
   * The same levels for what is scaled before noise is added (Chen, arXiv 2301.10972): at every
   * timestep the ratio of signal to noise is that of this schedule times the factor's square.
   *
   * @param factor above 0, at most 1
   */
  public NoiseSchedule withScaledSignal(double factor) {
    if (!(factor > 0 && factor <= 1)) {
      throw new IllegalArgumentException("scale " + factor + " is not above 0 and at most 1");
    }
    double[] scaled = new double[signal.length];
    for (int t = 0; t < signal.length; t++) {
      double power = factor * factor * signal[t];
      scaled[t] = power / (1 - signal[t] + power);
    }
    return new NoiseSchedule(scaled);
  }

  /** Number of timesteps. */
  public int steps() {
    return signal.length;
  }

  /**
   * The noise level of a timestep.
   *
   * @throws IllegalArgumentException if there is no such timestep
   */
  public NoiseLevel level(int timestep) {
    if (timestep < 0 || timestep >= signal.length) {
      throw new IllegalArgumentException(
          "timestep " + timestep + " is outside 0.." + (signal.length - 1));
    }
    return new NoiseLevel(signal[timestep]);
  }
}
