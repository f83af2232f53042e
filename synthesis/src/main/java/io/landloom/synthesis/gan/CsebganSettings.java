package io.landloom.synthesis.gan;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import io.landloom.geo.landcover.LandCoverScheme;

/**
 * How a CSEBGAN is built and trained; the defaults and their reasons are in the resource {@code
 * landloom/csebgan.conf}.
 *
 * @param nf unit of the generator's channels
 * @param ndf unit of the discriminator's channels
 * @param conductorWidth channels of the conductor's first level
 * @param embedding width of a class embedding
 * @param mlpHidden hidden width of the embeddings' transforms
 * @param z width of the whole image's noise
 * @param batch images a step
 * @param patchSize pixels along an edge, a multiple of 32
 * @param bands samples a pixel
 * @param steps training steps
 * @param decayFrom share of the steps after which the learning rates fall linearly to 0
 * @param learningRates step sizes of Adam
 * @param lambdas weights of the generator's losses beside the adversarial one
 * @param ema share of the old weights in the shipped average after each step
 * @param calibrationBatches batches for the shipped model's normalisation statistics
 * @param seed seed of weights, noise, order and augmentation
 * @param learnOnFake whether the conductor also learns from generated images
 * @param deepOnly whether only the discriminator's deepest features are matched
 */
public record CsebganSettings(
    int nf,
    int ndf,
    int conductorWidth,
    int embedding,
    int mlpHidden,
    int z,
    int batch,
    int patchSize,
    int bands,
    int steps,
    double decayFrom,
    LearningRates learningRates,
    Lambdas lambdas,
    double ema,
    int calibrationBatches,
    long seed,
    boolean learnOnFake,
    boolean deepOnly) {
  private static final Config DEFAULTS =
      ConfigFactory.parseResources(
          CsebganSettings.class.getClassLoader(),
          "landloom/csebgan.conf",
          ConfigParseOptions.defaults().setAllowMissing(false));

  /** Step sizes of the three networks' optimizers. */
  public record LearningRates(double generator, double discriminator, double conductor) {}

  /** Weights of feature matching and of the conductor's loss on generated images. */
  public record Lambdas(double featureMatching, double conductor) {}

  /** Checks the ranges. */
  public CsebganSettings {
    requireAtLeastOne("nf", nf);
    requireAtLeastOne("embedding", embedding);
    requireAtLeastOne("mlpHidden", mlpHidden);
    requireAtLeastOne("z", z);
    requireAtLeastOne("bands", bands);
    requireAtLeastOne("ndf", ndf);
    requireAtLeastOne("conductor.width", conductorWidth);
    requireAtLeastOne("steps", steps);
    requireAtLeastOne("calibrationBatches", calibrationBatches);
    if (batch < 2) {
      // the start of a 32-pixel patch is one cell: its statistics need two images
      throw new IllegalArgumentException("batch " + batch + " is below 2");
    }
    if (patchSize < GeneratorSizes.STRIDE || patchSize % GeneratorSizes.STRIDE != 0) {
      throw new IllegalArgumentException(
          "patchSize " + patchSize + " is not a multiple of " + GeneratorSizes.STRIDE);
    }
    requireShare("decayFrom", decayFrom);
    requireShare("ema", ema);
  }

  private static void requireAtLeastOne(String key, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(key + " " + value + " is below 1");
    }
  }

  private static void requireShare(String key, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException(key + " " + value + " is outside 0..1");
    }
  }

  /**
   * Reads settings; keys that are not given have their defaults.
   *
   * @throws IllegalArgumentException if a key is unknown, of the wrong type or out of range
   */
  public static CsebganSettings of(Config given) {
    for (var entry : given.entrySet()) {
      if (!DEFAULTS.hasPath(entry.getKey())) {
        throw new IllegalArgumentException(
            "unknown key '" + entry.getKey() + "' of csebgan; known are " + knownKeys());
      }
    }
    Config config = given.withFallback(DEFAULTS);
    try {
      return new CsebganSettings(
          config.getInt("nf"),
          config.getInt("ndf"),
          config.getInt("conductor.width"),
          config.getInt("embedding"),
          config.getInt("mlpHidden"),
          config.getInt("z"),
          config.getInt("batch"),
          config.getInt("patchSize"),
          config.getInt("bands"),
          config.getInt("steps"),
          config.getDouble("decayFrom"),
          new LearningRates(
              config.getDouble("learningRate.generator"),
              config.getDouble("learningRate.discriminator"),
              config.getDouble("learningRate.conductor")),
          new Lambdas(
              config.getDouble("lambda.featureMatching"), config.getDouble("lambda.conductor")),
          config.getDouble("ema"),
          config.getInt("calibrationBatches"),
          config.getLong("seed"),
          config.getBoolean("conductor.learnOnFake"),
          config.getBoolean("deepOnly"));
    } catch (ConfigException e) {
      throw new IllegalArgumentException("csebgan: " + e.getMessage(), e);
    }
  }

  private static String knownKeys() {
    return String.join(
        ", ", DEFAULTS.entrySet().stream().map(entry -> entry.getKey()).sorted().toList());
  }

  GeneratorSizes generatorSizes(LandCoverScheme scheme) {
    return new GeneratorSizes(nf, embedding, mlpHidden, z, scheme.size(), patchSize, bands);
  }

  /** Share of the learning rates at a step, counted from 0. */
  double decay(long step) {
    double from = decayFrom * steps;
    return step <= from ? 1 : Math.max(0, (steps - step) / (steps - from));
  }
}
