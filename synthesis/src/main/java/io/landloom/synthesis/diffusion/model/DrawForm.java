package io.landloom.synthesis.diffusion.model;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import io.landloom.synthesis.diffusion.DdimSampler;
import io.landloom.synthesis.diffusion.Denoising;
import io.landloom.synthesis.diffusion.DpmSolverSampler;
import io.landloom.synthesis.diffusion.Guidance;
import io.landloom.synthesis.diffusion.NoiseLevel;
import io.landloom.synthesis.diffusion.NoiseSchedule;
import io.landloom.synthesis.diffusion.Prediction;
import io.landloom.synthesis.diffusion.Trajectory;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.ModelException;
import java.util.TreeMap;

/**
 * How a denoiser was trained to see noise, and how it is asked to draw: what a card calls its
 * inference form, so that the digest of a model changes with it.
 *
 * @param noise the schedule
 * @param prediction what the network predicts
 * @param sampling how it draws
 */
public record DrawForm(Noise noise, Prediction prediction, Sampling sampling) {
  private static final String PRECISION = "float32 NCHW";

  /** What cards leave out that are older than a key. */
  private static final Config OLDER = ConfigFactory.parseString("noise.scale = 1");

  /**
   * A schedule's numbers.
   *
   * @param kind {@code scaledLinear} or {@code linear}
   * @param first beta of timestep 0
   * @param last beta of the last timestep
   * @param steps number of timesteps
   * @param zeroTerminal whether the last timestep is noise alone
   * @param scale what the signal is multiplied with before noise is added
   */
  public record Noise(
      String kind, double first, double last, int steps, boolean zeroTerminal, double scale) {
    /** Checks the kind. */
    public Noise {
      if (!kind.equals("scaledLinear") && !kind.equals("linear")) {
        throw new IllegalArgumentException(
            "noise.kind '" + kind + "' is neither scaledLinear nor linear");
      }
    }

    /** The schedule that keys of a configuration give. */
    public static Noise of(Config config) {
      return new Noise(
          config.getString("kind"),
          config.getDouble("first"),
          config.getDouble("last"),
          config.getInt("steps"),
          config.getBoolean("zeroTerminal"),
          config.getDouble("scale"));
    }

    /** The noise levels. */
    public NoiseSchedule schedule() {
      NoiseSchedule schedule =
          kind.equals("linear")
              ? NoiseSchedule.linear(first, last, steps)
              : NoiseSchedule.scaledLinear(first, last, steps);
      return (zeroTerminal ? schedule.withZeroTerminalSignal() : schedule).withScaledSignal(scale);
    }
  }

  /**
   * How images or masks are drawn.
   *
   * @param sampler {@code ddim} or {@code dpm}
   * @param steps calls of the network, or pairs of calls with guidance
   * @param guidance weight of the condition; 1 asks the network once a step
   * @param rescale share of the result that is scaled to the conditional prediction's deviation
   * @param control factor of what a ControlNet adds
   */
  public record Sampling(
      String sampler, int steps, double guidance, double rescale, double control) {
    /** Checks the ranges. */
    public Sampling {
      if (!sampler.equals("ddim") && !sampler.equals("dpm")) {
        throw new IllegalArgumentException(
            "sampling.sampler '" + sampler + "' is neither ddim nor dpm");
      }
      if (steps < 1) {
        throw new IllegalArgumentException("sampling.steps " + steps + " is below 1");
      }
      if (!(control >= 0)) {
        throw new IllegalArgumentException("sampling.control " + control + " is below 0");
      }
      new Guidance(guidance, rescale);
    }

    /** The sampling that keys of a configuration give. */
    public static Sampling of(Config config) {
      return new Sampling(
          config.getString("sampler"),
          config.getInt("steps"),
          config.getDouble("guidance"),
          config.getDouble("rescale"),
          config.getDouble("control"));
    }

    /** How predictions with and without the condition become one. */
    public Guidance guided() {
      return new Guidance(guidance, rescale);
    }
  }

  /** Checks that the schedule has the timesteps that drawing visits. */
  public DrawForm {
    if (sampling.steps() > noise.steps()) {
      throw new IllegalArgumentException(
          "sampling.steps " + sampling.steps() + " is above noise.steps " + noise.steps());
    }
  }

  /** The prediction that a setting's value names. */
  public static Prediction prediction(String value) {
    return switch (value) {
      case "noise" -> Prediction.NOISE;
      case "velocity" -> Prediction.VELOCITY;
      default ->
          throw new IllegalArgumentException(
              "prediction '" + value + "' is neither noise nor velocity");
    };
  }

  /** The form that keys of a configuration give. */
  public static DrawForm of(Config config) {
    return new DrawForm(
        Noise.of(config.getConfig("noise")),
        prediction(config.getString("prediction")),
        Sampling.of(config.getConfig("sampling")));
  }

  /**
   * The form of a card.
   *
   * @throws ModelException if the card has another
   */
  public static DrawForm of(ModelCard card) {
    try {
      Config config = ConfigFactory.parseString(card.inference());
      if (!config.getString("weights").equals(PRECISION)) {
        throw new ModelException(
            "model '" + card.name() + "'", "weights are of form " + config.getString("weights"));
      }
      return of(config.withFallback(OLDER));
    } catch (ConfigException | IllegalArgumentException e) {
      throw new ModelException(
          "model '" + card.name() + "'", "inference is no form of drawing: " + e.getMessage());
    }
  }

  /** The same with another way to draw. */
  public DrawForm with(Sampling other) {
    return new DrawForm(noise, prediction, other);
  }

  /** The form as a card has it; {@link #of(ModelCard)} reads it back. */
  public String text() {
    TreeMap<String, Object> keys = new TreeMap<>();
    keys.put("weights", PRECISION);
    keys.put("prediction", prediction == Prediction.NOISE ? "noise" : "velocity");
    TreeMap<String, Object> ofNoise = new TreeMap<>();
    ofNoise.put("kind", noise.kind());
    ofNoise.put("first", noise.first());
    ofNoise.put("last", noise.last());
    ofNoise.put("steps", noise.steps());
    ofNoise.put("zeroTerminal", noise.zeroTerminal());
    ofNoise.put("scale", noise.scale());
    keys.put("noise", ofNoise);
    TreeMap<String, Object> ofSampling = new TreeMap<>();
    ofSampling.put("sampler", sampling.sampler());
    ofSampling.put("steps", sampling.steps());
    ofSampling.put("guidance", sampling.guidance());
    ofSampling.put("rescale", sampling.rescale());
    ofSampling.put("control", sampling.control());
    keys.put("sampling", ofSampling);
    return ConfigValueFactory.fromMap(keys).render(ConfigRenderOptions.concise());
  }

  /** The way from noise to what is drawn. */
  public Denoising denoising() {
    Trajectory trajectory =
        Trajectory.of(
            noise.schedule(), Trajectory.Spacing.TRAILING, sampling.steps(), 0, NoiseLevel.CLEAN);
    return new Denoising(
        trajectory,
        prediction,
        sampling.sampler().equals("ddim") ? new DdimSampler(0) : new DpmSolverSampler());
  }
}
