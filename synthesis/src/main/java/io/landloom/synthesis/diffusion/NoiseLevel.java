package io.landloom.synthesis.diffusion;

/**
 * How much of a noisy latent is signal: x = alpha z + sigma noise with alpha^2 + sigma^2 = 1.
 *
 * @param signal alpha^2, the share of the signal in the variance, from 0 to 1 ("alpha bar" of Ho et
 *     al., NeurIPS 2020, equation 4)
 */
public record NoiseLevel(double signal) {
  /** No noise. */
  public static final NoiseLevel CLEAN = new NoiseLevel(1);

  /** Checks the range. */
  public NoiseLevel {
    if (!(signal >= 0 && signal <= 1)) {
      throw new IllegalArgumentException("signal " + signal + " is outside 0..1");
    }
  }

  /** Factor of the clean latent. */
  public double alpha() {
    return Math.sqrt(signal);
  }

  /** Factor of the noise. */
  public double sigma() {
    return Math.sqrt(1 - signal);
  }

  /** Half of the logarithm of the ratio of signal to noise; infinite without noise. */
  public double logRatio() {
    return Math.log(alpha()) - Math.log(sigma());
  }
}
