package io.landloom.synthesis.diffusion.training;

import com.typesafe.config.Config;
import io.landloom.synthesis.diffusion.model.DrawForm;
import io.landloom.synthesis.training.Course;
import io.landloom.synthesis.training.NetworkTrainer.Care;
import io.landloom.synthesis.training.SystemDefaults;
import java.util.List;

/**
 * How a ControlNet is built and trained; the defaults and their reasons are in the resource {@code
 * landloom/controlnet.conf}.
 *
 * @param denoiser the bundle of the denoiser of images
 * @param backbone whether the denoiser stays as it is
 * @param stem widths on the way from the mask to the latent's size
 * @param dropout probability that the shares are not shown
 * @param maskDropout probability that the mask is not shown
 * @param sampling how images are drawn with the result
 * @param minSnr ratio of signal to noise beyond which timesteps weigh less; 0 for none
 * @param care what keeps the training steady
 * @param course how it is trained
 */
public record ControlSettings(
    String denoiser,
    Backbone backbone,
    List<Integer> stem,
    double dropout,
    double maskDropout,
    DrawForm.Sampling sampling,
    double minSnr,
    Care care,
    Course course) {
  private static final SystemDefaults DEFAULTS = SystemDefaults.of("controlnet");

  /** What becomes of the denoiser. */
  public enum Backbone {
    /** It stays as it is (Zhang et al., ICCV 2023). */
    FROZEN,
    /** It goes on learning beside the ControlNet. */
    TRAINED
  }

  /** Checks the ranges. */
  public ControlSettings {
    stem = List.copyOf(stem);
    DenoiserSettings.requireShare("dropout", dropout);
    DenoiserSettings.requireShare("maskDropout", maskDropout);
    if (denoiser.equals("none")) {
      throw new IllegalArgumentException(
          "a ControlNet controls a denoiser; give the folder of its bundle");
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
  public static ControlSettings of(Config given) {
    return DEFAULTS.read(
        given,
        config ->
            new ControlSettings(
                config.getString("denoiser"),
                DenoiserSettings.choice(config, "backbone", "frozen", "trained")
                    ? Backbone.TRAINED
                    : Backbone.FROZEN,
                config.getIntList("stem"),
                config.getDouble("dropout"),
                config.getDouble("maskDropout"),
                DrawForm.Sampling.of(config.getConfig("sampling")),
                config.getDouble("minSnr"),
                new Care(config.getDouble("ema"), config.getDouble("clip")),
                Course.of(config)));
  }
}
