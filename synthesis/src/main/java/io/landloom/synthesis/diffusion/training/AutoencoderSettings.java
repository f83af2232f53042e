package io.landloom.synthesis.diffusion.training;

import com.typesafe.config.Config;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.diffusion.mask.ClassCodes;
import io.landloom.synthesis.diffusion.model.DenoiserSizes.Content;
import io.landloom.synthesis.diffusion.network.AutoencoderSizes;
import io.landloom.synthesis.diffusion.network.AveragingStart;
import io.landloom.synthesis.training.Course;
import io.landloom.synthesis.training.NetworkTrainer.Care;
import io.landloom.synthesis.training.SystemDefaults;
import java.util.List;

/**
 * How an autoencoder is built and trained; the defaults and their reasons are in the resource
 * {@code landloom/autoencoder.conf}.
 *
 * @param content what it encodes
 * @param widths channels of the levels
 * @param latentChannels channels of the latent
 * @param blocks residual blocks a level
 * @param groups of channels that are normalised together
 * @param averaging whether it starts as one that shrinks and enlarges, or at random
 * @param lambdas weights of the losses beside the reconstruction's
 * @param adversary the discriminator
 * @param scaleBatches batches that the latents' factor is measured on
 * @param care what keeps the training steady
 * @param course how it is trained
 */
public record AutoencoderSettings(
    Content content,
    List<Integer> widths,
    int latentChannels,
    int blocks,
    int groups,
    boolean averaging,
    Lambdas lambdas,
    Adversary adversary,
    int scaleBatches,
    Care care,
    Course course) {
  private static final SystemDefaults DEFAULTS = SystemDefaults.of("autoencoder");

  /** Weights of the divergence from a standard normal and of the encoder's own features. */
  public record Lambdas(double divergence, double feature) {
    /** Checks the ranges. */
    public Lambdas {
      if (!(divergence >= 0) || !(feature >= 0)) {
        throw new IllegalArgumentException(
            "lambda.divergence " + divergence + " or lambda.feature " + feature + " is below 0");
      }
    }
  }

  /**
   * The discriminator that makes details sharp.
   *
   * @param weight of its judgement; 0 trains without one
   * @param from step it starts at
   * @param width channels of its first layer
   */
  public record Adversary(double weight, int from, int width) {
    /** Checks the ranges. */
    public Adversary {
      if (!(weight >= 0) || from < 0 || width < 1) {
        throw new IllegalArgumentException(
            String.format(
                "adversary.weight %s or from %d is below 0, or width %d below 1",
                weight, from, width));
      }
    }
  }

  /** Checks the ranges. */
  public AutoencoderSettings {
    if (scaleBatches < 1) {
      throw new IllegalArgumentException("scaleBatches " + scaleBatches + " is below 1");
    }
    widths = List.copyOf(widths);
    AutoencoderSizes sizes =
        new AutoencoderSizes(course.bands(), latentChannels, widths, blocks, groups, 1);
    course.requireMultipleOf(sizes.stride());
    if (averaging && content == Content.IMAGES) {
      AveragingStart.require(sizes);
    }
  }

  /**
   * Reads settings; keys that are not given have their defaults.
   *
   * @throws IllegalArgumentException if a key is unknown, of the wrong type or out of range
   */
  public static AutoencoderSettings of(Config given) {
    return DEFAULTS.read(
        given,
        config ->
            new AutoencoderSettings(
                DenoiserSettings.content(config),
                config.getIntList("widths"),
                config.getInt("latentChannels"),
                config.getInt("blocks"),
                config.getInt("groups"),
                DenoiserSettings.choice(config, "start", "random", "averages"),
                new Lambdas(
                    config.getDouble("lambda.divergence"), config.getDouble("lambda.feature")),
                new Adversary(
                    config.getDouble("adversary.weight"),
                    config.getInt("adversary.from"),
                    config.getInt("adversary.width")),
                config.getInt("scaleBatches"),
                new Care(config.getDouble("ema"), config.getDouble("clip")),
                Course.of(config)));
  }

  /** Sizes for a scheme, with latents as they come. */
  AutoencoderSizes sizes(LandCoverScheme scheme) {
    int bands =
        content == Content.IMAGES
            ? course.bands()
            : new ClassCodes(scheme.validClasses().size()).bits();
    return new AutoencoderSizes(bands, latentChannels, widths, blocks, groups, 1);
  }
}
