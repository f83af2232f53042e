package io.landloom.synthesis.ddpm;

import com.typesafe.config.Config;
import io.landloom.synthesis.training.ClassWeighting;
import io.landloom.synthesis.training.Course;
import io.landloom.synthesis.training.SeenLabels;
import io.landloom.synthesis.training.SystemDefaults;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How a head is built and trained; the defaults and their reasons are in the resource {@code
 * landloom/head.conf}.
 *
 * @param form which network
 * @param backbone what is done with the network below
 * @param features which maps it reads
 * @param labels which labels it sees
 * @param network its sizes
 * @param weighting what pixels of each class count
 * @param regularization what keeps it from learning few labels by heart
 * @param lambdas weights of losses beside the cross-entropy
 * @param course how it is trained
 */
public record HeadSettings(
    Form form,
    Backbone backbone,
    Features features,
    SeenLabels labels,
    Network network,
    ClassWeighting weighting,
    Regularization regularization,
    Lambdas lambdas,
    Course course) {
  private static final SystemDefaults DEFAULTS = SystemDefaults.of("head");

  /** Which network a head is. */
  public enum Form {
    /** {@link ResidualHead}. */
    RESIDUAL,
    /** {@link PixelEnsemble}. */
    PIXELS;

    /** What a card calls it. */
    String onCards() {
      return "head-" + name().toLowerCase(Locale.ROOT);
    }
  }

  /** What is done with the network whose maps are features. */
  public enum Backbone {
    /** Nothing. */
    FROZEN,
    /** It learns as well. */
    FINETUNED,
    /** Its weights are those before any training, and stay so. */
    RANDOM
  }

  /**
   * Which features there are.
   *
   * @param half half of the network
   * @param blocks numbers of its blocks; none for the last of every level but the finest
   * @param signals how much signal is left, as shares of the variance
   * @param scheduledNoise probability of other noise than the shared one
   * @param spread how many timesteps that noise may be away
   * @param colours whether the head sees the image's {@link Colours} beside them
   * @param cacheMiB most MiB of features to keep; it changes no result
   */
  public record Features(
      PixelUNet.Half half,
      List<Integer> blocks,
      List<Double> signals,
      double scheduledNoise,
      int spread,
      boolean colours,
      int cacheMiB) {
    /** Checks the ranges. */
    public Features {
      blocks = List.copyOf(blocks);
      signals = List.copyOf(signals);
      if (!(scheduledNoise >= 0 && scheduledNoise <= 1)) {
        throw new IllegalArgumentException(
            "features.scheduledNoise " + scheduledNoise + " is outside 0..1");
      }
      requireAtLeast("features.spread", spread, 0);
      requireAtLeast("features.cacheMiB", cacheMiB, 0);
    }
  }

  /**
   * Sizes of both forms.
   *
   * @param width channels that the residual form projects maps to
   * @param blocks its residual layers
   * @param members perceptrons of the other form
   * @param pixels that each of them learns from in a step
   */
  public record Network(int width, int blocks, int members, int pixels) {
    /** Checks the ranges. */
    public Network {
      requireAtLeast("width", width, 1);
      requireAtLeast("blocks", blocks, 1);
      requireAtLeast("members", members, 1);
      requireAtLeast("pixels", pixels, 2);
    }
  }

  /**
   * What keeps a head from learning few labels by heart.
   *
   * @param augment whether patches are seen in all symmetries of the square
   * @param dropout share of the results of the residual form's blocks that is set to 0
   * @param weightDecay share that a step of rate 1 takes off the weights
   */
  public record Regularization(boolean augment, double dropout, double weightDecay) {
    /** Checks the range. */
    public Regularization {
      if (!(dropout >= 0 && dropout < 1)) {
        throw new IllegalArgumentException("dropout " + dropout + " is not at least 0 and below 1");
      }
    }
  }

  /**
   * Weights of losses of the residual form.
   *
   * @param gates of the mean gate
   * @param dice of one minus the overlap of classes
   */
  public record Lambdas(double gates, double dice) {
    /** Checks the ranges. */
    public Lambdas {
      if (!(gates >= 0) || !(dice >= 0)) {
        throw new IllegalArgumentException(
            "lambda.gates " + gates + " or lambda.dice " + dice + " is below 0");
      }
    }
  }

  private static void requireAtLeast(String key, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(key + " " + value + " is below " + least);
    }
  }

  /**
   * Reads settings; keys that are not given have their defaults. {@code backbone.model} is not
   * among them: it is found by whoever can.
   *
   * @throws IllegalArgumentException if a key is unknown, of the wrong type or out of range
   */
  public static HeadSettings of(Config given) {
    return DEFAULTS.read(
        given,
        config ->
            new HeadSettings(
                choice(Form.class, "form", config),
                choice(Backbone.class, "backbone.mode", config),
                new Features(
                    PixelUNet.Half.of(config.getString("features.half")),
                    config.getIntList("features.blocks"),
                    config.getDoubleList("features.signals"),
                    config.getDouble("features.scheduledNoise"),
                    config.getInt("features.spread"),
                    config.getBoolean("features.colours"),
                    config.getInt("features.cacheMiB")),
                SeenLabels.of(config.getConfig("labels")),
                new Network(
                    config.getInt("width"),
                    config.getInt("blocks"),
                    config.getInt("members"),
                    config.getInt("pixels")),
                ClassWeighting.of(config.getString("classWeights")),
                new Regularization(
                    config.getBoolean("augment"),
                    config.getDouble("dropout"),
                    config.getDouble("weightDecay")),
                new Lambdas(config.getDouble("lambda.gates"), config.getDouble("lambda.dice")),
                Course.of(config)));
  }

  private static <E extends Enum<E>> E choice(Class<E> choices, String key, Config config) {
    String value = config.getString(key);
    for (E choice : choices.getEnumConstants()) {
      if (choice.name().toLowerCase(Locale.ROOT).equals(value)) {
        return choice;
      }
    }
    throw new IllegalArgumentException(
        key
            + " '"
            + value
            + "' is none of "
            + String.join(
                ", ",
                Arrays.stream(choices.getEnumConstants())
                    .map(choice -> choice.name().toLowerCase(Locale.ROOT))
                    .toList()));
  }

  /** Everything that decides the result, as text. */
  public String identity() {
    Features same =
        new Features(
            features.half,
            features.blocks,
            features.signals,
            features.scheduledNoise,
            features.spread,
            features.colours,
            0);
    return new HeadSettings(
            form, backbone, same, labels, network, weighting, regularization, lambdas, course)
        .toString();
  }
}
