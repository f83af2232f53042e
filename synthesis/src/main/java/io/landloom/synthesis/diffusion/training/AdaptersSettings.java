package io.landloom.synthesis.diffusion.training;

import com.typesafe.config.Config;
import io.landloom.synthesis.diffusion.model.DrawForm;
import io.landloom.synthesis.training.Course;
import io.landloom.synthesis.training.NetworkTrainer.Care;
import io.landloom.synthesis.training.SystemDefaults;

/**
 * How adapters of a denoiser of masks are trained; the defaults and their reasons are in the
 * resource {@code landloom/adapters.conf}.
 *
 * @param denoiser the bundle of the denoiser
 * @param rank of the adapters' products
 * @param alpha numerator of their scale, whose denominator is the rank
 * @param shown what of a mask's shares is shown
 * @param sampling how masks are drawn with the result
 * @param minSnr ratio of signal to noise beyond which timesteps weigh less; 0 for none
 * @param proportion the loss of proportions
 * @param care what keeps the training steady
 * @param course how they are trained
 */
public record AdaptersSettings(
    String denoiser,
    int rank,
    double alpha,
    DenoiserSettings.Shown shown,
    DrawForm.Sampling sampling,
    double minSnr,
    DenoiserSettings.Proportion proportion,
    Care care,
    Course course) {
  private static final SystemDefaults DEFAULTS = SystemDefaults.of("adapters");

  /** Checks the ranges. */
  public AdaptersSettings {
    if (rank < 1 || !(alpha > 0)) {
      throw new IllegalArgumentException(
          "rank " + rank + " is below 1, or alpha " + alpha + " not above 0");
    }
    if (denoiser.equals("none")) {
      throw new IllegalArgumentException(
          "adapters change a denoiser; give the folder of its bundle");
    }
  }

  /** Everything that decides the result, without where the other bundle lies. */
  public String identity() {
    return toString().replace("denoiser=" + denoiser + ", ", "");
  }

  /**
   * Reads settings; keys that are not given have their defaults.
   *
   * @throws IllegalArgumentException if a key is unknown, of the wrong type or out of range
   */
  public static AdaptersSettings of(Config given) {
    return DEFAULTS.read(
        given,
        config ->
            new AdaptersSettings(
                config.getString("denoiser"),
                config.getInt("rank"),
                config.getDouble("alpha"),
                new DenoiserSettings.Shown(config.getDouble("dropout"), config.getDouble("sparse")),
                DrawForm.Sampling.of(config.getConfig("sampling")),
                config.getDouble("minSnr"),
                DenoiserSettings.Proportion.of(config.getConfig("proportion")),
                new Care(config.getDouble("ema"), config.getDouble("clip")),
                Course.of(config)));
  }
}
