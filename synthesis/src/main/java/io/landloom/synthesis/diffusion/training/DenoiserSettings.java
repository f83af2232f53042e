package io.landloom.synthesis.diffusion.training;

import com.typesafe.config.Config;
import io.landloom.geo.landcover.LandCoverClass;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.diffusion.mask.ClassCodes;
import io.landloom.synthesis.diffusion.mask.PromptTokens;
import io.landloom.synthesis.diffusion.mask.ProportionLoss;
import io.landloom.synthesis.diffusion.model.DenoiserSizes;
import io.landloom.synthesis.diffusion.model.DenoiserSizes.Content;
import io.landloom.synthesis.diffusion.model.DenoiserSizes.Space;
import io.landloom.synthesis.diffusion.model.DrawForm;
import io.landloom.synthesis.diffusion.network.ClipTextEncoder;
import io.landloom.synthesis.diffusion.network.UNetSizes;
import io.landloom.synthesis.training.Course;
import io.landloom.synthesis.training.NetworkTrainer.Care;
import io.landloom.synthesis.training.SystemDefaults;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a denoiser is built and trained; the defaults and their reasons are in the resource {@code
 * landloom/denoiser.conf}.
 *
 * @param content what it draws
 * @param space what noise is added to
 * @param cell pixels along an edge of a cell of class codes
 * @param autoencoder the bundle of the autoencoder, or {@code none}
 * @param levels of the U-Net
 * @param middleHeads heads of the attention in its middle
 * @param blocks residual blocks a level
 * @param groups of channels that are normalised together
 * @param selfConditioning whether the network is shown its last estimate
 * @param asking how target shares are given
 * @param shown what of them is shown in training
 * @param form how noise is seen and what is drawn
 * @param minSnr ratio of signal to noise beyond which timesteps weigh less; 0 for none
 * @param proportion the loss of proportions
 * @param care what keeps the training steady
 * @param course how it is trained
 */
public record DenoiserSettings(
    Content content,
    Space space,
    int cell,
    String autoencoder,
    List<UNetSizes.Level> levels,
    int middleHeads,
    int blocks,
    int groups,
    boolean selfConditioning,
    Asking asking,
    Shown shown,
    DrawForm form,
    double minSnr,
    Proportion proportion,
    Care care,
    Course course) {
  private static final SystemDefaults DEFAULTS = SystemDefaults.of("denoiser");

  /** How target shares are given. */
  public enum Condition {
    /** As numbers, added to the time embedding. */
    SHARES,
    /** As the words of a prompt. */
    PROMPT
  }

  /**
   * How target shares are given.
   *
   * @param condition numbers or words
   * @param captions whether words say more of a mask than its shares
   * @param width numbers of a token
   * @param length tokens of a prompt
   * @param layers of the text encoder
   * @param heads of its attention
   */
  public record Asking(
      Condition condition, boolean captions, int width, int length, int layers, int heads) {}

  /**
   * What of a mask's shares is shown in training.
   *
   * @param dropout probability that none is
   * @param sparse probability that only some are, of the other masks
   */
  public record Shown(double dropout, double sparse) {
    /** Checks the ranges. */
    public Shown {
      requireShare("dropout", dropout);
      requireShare("sparse", sparse);
    }
  }

  /** Where soft classes of estimates come from. */
  public enum Decode {
    /** From a small head that reads latents. */
    HEAD,
    /** From the decoder. */
    PIXEL
  }

  /**
   * The loss of proportions, of masks alone.
   *
   * @param weight in the sum of losses; 0 for none
   * @param distance of proportions
   * @param rareClasses whether rare classes count as much as frequent ones
   * @param lastTimestep last timestep that counts
   * @param smooth whether all timesteps count, by their share of signal
   * @param decode where the soft classes of latents come from
   * @param headWidth channels of the head
   * @param from step it starts at
   */
  public record Proportion(
      double weight,
      ProportionLoss.Distance distance,
      boolean rareClasses,
      int lastTimestep,
      boolean smooth,
      Decode decode,
      int headWidth,
      int from) {
    /** Checks the ranges. */
    public Proportion {
      if (!(weight >= 0) || headWidth < 1 || from < 0) {
        throw new IllegalArgumentException(
            String.format(
                "proportion.weight %s or from %d is below 0, or headWidth %d below 1",
                weight, from, headWidth));
      }
    }

    /** The loss that keys of a configuration give. */
    static Proportion of(Config config) {
      return new Proportion(
          config.getDouble("weight"),
          ProportionLoss.Distance.of(config.getString("distance")),
          choice(config, "classes", "equal", "rare"),
          config.getInt("lastTimestep"),
          config.getBoolean("smooth"),
          choice(config, "decode", "head", "pixel") ? Decode.PIXEL : Decode.HEAD,
          config.getInt("headWidth"),
          config.getInt("from"));
    }
  }

  /** Checks that what is asked for can be. */
  public DenoiserSettings {
    levels = List.copyOf(levels);
    if (!(minSnr >= 0)) {
      throw new IllegalArgumentException("minSnr " + minSnr + " is below 0");
    }
    if (space == Space.LATENTS && autoencoder.equals("none")) {
      throw new IllegalArgumentException(
          "space = latents needs an autoencoder; give the folder of its bundle");
    }
    if (space == Space.CODES) {
      course.requireMultipleOf(cell << (levels.size() - 1));
    }
  }

  /** Everything that decides the result, without where the other bundle lies. */
  public String identity() {
    return toString().replace("autoencoder=" + autoencoder + ", ", "");
  }

  /**
   * Reads settings; keys that are not given have their defaults.
   *
   * @throws IllegalArgumentException if a key is unknown, of the wrong type or out of range
   */
  public static DenoiserSettings of(Config given) {
    return DEFAULTS.read(given, DenoiserSettings::read);
  }

  private static DenoiserSettings read(Config config) {
    return new DenoiserSettings(
        content(config),
        choice(config, "space", "codes", "latents") ? Space.LATENTS : Space.CODES,
        config.getInt("cell"),
        config.getString("autoencoder"),
        levels(config.getIntList("widths"), config.getIntList("heads")),
        config.getInt("middleHeads"),
        config.getInt("blocks"),
        config.getInt("groups"),
        config.getBoolean("selfConditioning"),
        new Asking(
            choice(config, "condition", "shares", "prompt") ? Condition.PROMPT : Condition.SHARES,
            choice(config, "text.captions", "none", "rules"),
            config.getInt("text.width"),
            config.getInt("text.length"),
            config.getInt("text.layers"),
            config.getInt("text.heads")),
        new Shown(config.getDouble("dropout"), config.getDouble("sparse")),
        DrawForm.of(config),
        config.getDouble("minSnr"),
        Proportion.of(config.getConfig("proportion")),
        new Care(config.getDouble("ema"), config.getDouble("clip")),
        Course.of(config));
  }

  private static List<UNetSizes.Level> levels(List<Integer> widths, List<Integer> heads) {
    if (widths.size() != heads.size()) {
      throw new IllegalArgumentException("widths " + widths + " need as many heads, not " + heads);
    }
    List<UNetSizes.Level> levels = new ArrayList<>();
    for (int i = 0; i < widths.size(); i++) {
      levels.add(new UNetSizes.Level(widths.get(i), heads.get(i)));
    }
    return levels;
  }

  /** What the key {@code content} names. */
  static Content content(Config config) {
    return choice(config, "content", "masks", "images") ? Content.IMAGES : Content.MASKS;
  }

  /** Whether a key has the second of two words. */
  static boolean choice(Config config, String key, String first, String second) {
    String value = config.getString(key);
    if (!value.equals(first) && !value.equals(second)) {
      throw new IllegalArgumentException(
          key + " '" + value + "' is neither " + first + " nor " + second);
    }
    return value.equals(second);
  }

  static void requireShare(String key, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException(key + " " + value + " is outside 0..1");
    }
  }

  /**
   * Sizes for a scheme.
   *
   * @param channels of what is denoised
   * @param stride pixels along an edge for one of its cells
   */
  DenoiserSizes sizes(LandCoverScheme scheme, int channels, int stride) {
    List<String> names = scheme.validClasses().stream().map(LandCoverClass::name).toList();
    boolean words = asking.condition() == Condition.PROMPT;
    UNetSizes unet =
        new UNetSizes(
            selfConditioning ? 2 * channels : channels,
            channels,
            levels,
            middleHeads,
            blocks,
            asking.width(),
            groups,
            UNetSizes.Projection.LINEAR,
            words ? 0 : 2 * names.size());
    Optional<ClipTextEncoder.Sizes> text =
        words
            ? Optional.of(
                DenoiserSizes.textSizes(
                    new PromptTokens(names, asking.length()).vocabulary(),
                    asking.length(),
                    asking.width(),
                    asking.layers(),
                    asking.heads()))
            : Optional.empty();
    return new DenoiserSizes(
        content, space, stride, names.size(), unet, text, asking.captions(), head());
  }

  private int head() {
    boolean reads =
        content == Content.MASKS
            && space == Space.LATENTS
            && proportion.weight() > 0
            && proportion.decode() == Decode.HEAD;
    return reads ? proportion.headWidth() : 0;
  }

  /** Channels of class codes of a scheme. */
  static ClassCodes codes(LandCoverScheme scheme) {
    return new ClassCodes(scheme.validClasses().size());
  }
}
