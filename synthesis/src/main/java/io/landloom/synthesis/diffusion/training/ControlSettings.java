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
 * @param consistency whether drawn images should show their masks to a segmenter
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
    Consistency consistency,
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

  /**
   * A segmenter's loss on what is drawn, in the last timesteps (Li et al., ECCV 2024, section 3.2).
   *
   * @param segmenter the bundle of the segmenter; {@code none} for no such loss
   * @param weight of the loss beside that of the noise
   * @param lastTimestep later ones do not count: an estimate in one step says little there
   */
  public record Consistency(String segmenter, double weight, int lastTimestep) {
    /** Checks the ranges. */
    public Consistency {
      if (!(weight > 0) || lastTimestep < 0) {
        throw new IllegalArgumentException(
            "consistency.weight "
                + weight
                + " is not above 0, or consistency.lastTimestep "
                + lastTimestep
                + " below 0");
      }
    }

    static Consistency of(Config config) {
      return new Consistency(
          config.getString("segmenter"), config.getDouble("weight"), config.getInt("lastTimestep"));
    }

    boolean given() {
      return !segmenter.equals("none");
    }
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

  /** Everything that decides the result, without where the other bundles lie. */
  public String identity() {
    Consistency anywhere =
        new Consistency(
            consistency.given() ? "given" : "none",
            consistency.weight(),
            consistency.lastTimestep());
    return new ControlSettings(
            "given", backbone, stem, dropout, maskDropout, sampling, anywhere, minSnr, care, course)
        .toString();
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
                Consistency.of(config.getConfig("consistency")),
                config.getDouble("minSnr"),
                new Care(config.getDouble("ema"), config.getDouble("clip")),
                Course.of(config)));
  }
}
