package io.landloom.synthesis.gan;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.training.Augmentation;
import io.landloom.synthesis.training.PatchOrder;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * How a CSEBGAN is built and trained; the defaults and their reasons are in the resource {@code
 * landloom/csebgan.conf}.
 *
 * @param widths channel counts of the networks and sizes of their input
 * @param variants where the generator departs from its default form
 * @param conductor how the conductor takes part
 * @param scales sizes at which the discriminator looks, the full one included; 0 trains without one
 * @param batch images a step
 * @param sampling how often each training patch is shown
 * @param augmentation how training patches are turned and flipped
 * @param steps training steps
 * @param decayFrom share of the steps after which the learning rates fall linearly to 0
 * @param optimizer step sizes and decay rates of Adam
 * @param lambdas weights of the generator's losses beside the adversarial one
 * @param deepOnly whether only the deepest features are matched, of the discriminator and of the
 *     perceptual net
 * @param perceptual where the perceptual net comes from
 * @param initialGain gain of the normal start of generator and discriminator
 * @param ema share of the old weights in the shipped average after each step
 * @param shippedNoise strength of the noise of classes and pixels in the shipped model, over that
 *     of training
 * @param calibrationBatches batches for the shipped model's normalisation statistics
 * @param watch when a discriminator counts as collapsed
 * @param seed seed of weights, noise, order and augmentation
 */
public record CsebganSettings(
    Widths widths,
    Set<GeneratorVariant> variants,
    ConductorRole conductor,
    int scales,
    int batch,
    PatchOrder.Sampling sampling,
    Augmentation augmentation,
    int steps,
    double decayFrom,
    Optimizer optimizer,
    Lambdas lambdas,
    boolean deepOnly,
    PerceptualNet perceptual,
    double initialGain,
    double ema,
    double shippedNoise,
    int calibrationBatches,
    Watch watch,
    long seed) {
  private static final Config DEFAULTS =
      ConfigFactory.parseResources(
          CsebganSettings.class.getClassLoader(),
          "landloom/csebgan.conf",
          ConfigParseOptions.defaults().setAllowMissing(false));
  private static final int MAX_BANDS = 16;
  private static final int MAX_SCALES = 3;

  /**
   * Channel counts and input sizes.
   *
   * @param nf unit of the generator's channels
   * @param ndf unit of the discriminator's channels
   * @param conductor channels of the conductor's first level
   * @param embedding width of a class embedding
   * @param mlpHidden hidden width of the embeddings' transforms
   * @param z width of the whole image's noise
   * @param patchSize pixels along an edge, a multiple of 32
   * @param bands samples a pixel
   */
  public record Widths(
      int nf,
      int ndf,
      int conductor,
      int embedding,
      int mlpHidden,
      int z,
      int patchSize,
      int bands) {
    /** Checks the ranges. */
    public Widths {
      requireAtLeastOne("nf", nf);
      requireAtLeastOne("ndf", ndf);
      requireAtLeastOne("conductor.width", conductor);
      requireAtLeastOne("embedding", embedding);
      requireAtLeastOne("mlpHidden", mlpHidden);
      requireAtLeastOne("z", z);
      requireAtLeastOne("bands", bands);
      if (bands > MAX_BANDS) {
        throw new IllegalArgumentException("bands " + bands + " is above " + MAX_BANDS);
      }
    }
  }

  /** Step sizes of the three networks' optimizers. */
  public record LearningRates(double generator, double discriminator, double conductor) {
    /** Checks the ranges. */
    public LearningRates {
      requireNotNegative("learningRate.generator", generator);
      requireNotNegative("learningRate.discriminator", discriminator);
      requireNotNegative("learningRate.conductor", conductor);
    }
  }

  /**
   * Adam's numbers.
   *
   * @param rates step sizes
   * @param beta1 share of the old first moment that is kept
   * @param beta2 share of the old second moment that is kept
   */
  public record Optimizer(LearningRates rates, double beta1, double beta2) {
    /** Checks the ranges. */
    public Optimizer {
      requireBelowOne("adam.beta1", beta1);
      requireBelowOne("adam.beta2", beta2);
    }
  }

  /** Weights of feature matching, the perceptual loss and the conductor's on generated images. */
  public record Lambdas(double featureMatching, double perceptual, double conductor) {
    /** Checks the ranges. */
    public Lambdas {
      requireNotNegative("lambda.featureMatching", featureMatching);
      requireNotNegative("lambda.perceptual", perceptual);
      requireNotNegative("lambda.conductor", conductor);
    }
  }

  /** Whether the conductor trains. */
  public enum ConductorMode {
    /** Beside the generator, from its first step. */
    JOINT,
    /** On real images alone before the generator's first step, and never again. */
    FROZEN,
    /** There is no conductor. */
    NONE
  }

  /**
   * What the conductor does and learns from.
   *
   * @param mode whether it trains
   * @param pretrainSteps steps of a frozen one on real images, before the generator's first
   * @param learnOnReal whether a joint one learns from real images
   * @param learnOnFake whether a joint one learns from generated images
   */
  public record ConductorRole(
      ConductorMode mode, int pretrainSteps, boolean learnOnReal, boolean learnOnFake) {
    /** Checks that a conductor that is asked to teach has learnt. */
    public ConductorRole {
      if (mode == ConductorMode.JOINT && !learnOnReal && !learnOnFake) {
        throw new IllegalArgumentException(
            "conductor.learnOnReal and conductor.learnOnFake are both false: the conductor would"
                + " stay as it started; set one, or conductor.mode = none");
      }
      if (mode == ConductorMode.FROZEN) {
        requireAtLeastOne("conductor.pretrainSteps", pretrainSteps);
      }
    }

    /** Steps before the generator's first. */
    int stepsAhead() {
      return mode == ConductorMode.FROZEN ? pretrainSteps : 0;
    }
  }

  /**
   * Where the net of the perceptual loss comes from.
   *
   * @param net {@code none}, the folder of a FeatureNet's bundle, or a TorchScript file
   * @param sha256 digest a TorchScript file must have; a bundle needs none
   */
  public record PerceptualNet(String net, String sha256) {
    private static final Pattern DIGEST = Pattern.compile("([0-9a-f]{64})?");

    /** Checks the digest. */
    public PerceptualNet {
      sha256 = sha256.toLowerCase(Locale.ROOT);
      if (!DIGEST.matcher(sha256).matches()) {
        throw new IllegalArgumentException(
            "perceptual.sha256 '" + sha256 + "' is not 64 hexadecimal digits");
      }
    }

    /** Whether there is such a net. */
    public boolean given() {
      return !net.equals("none");
    }
  }

  /**
   * When a discriminator counts as collapsed.
   *
   * @param discriminator hinge loss that is too small to teach anything
   * @param steps steps on end below it
   */
  public record Watch(double discriminator, int steps) {
    /** Checks the ranges. */
    public Watch {
      requireNotNegative("watch.discriminator", discriminator);
      requireAtLeastOne("watch.steps", steps);
    }
  }

  /** Checks the ranges. */
  public CsebganSettings {
    variants = Set.copyOf(variants);
    requireAtLeastOne("steps", steps);
    requireAtLeastOne("calibrationBatches", calibrationBatches);
    if (batch < 2) {
      // the start of a 32-pixel patch is one cell: its statistics need two images
      throw new IllegalArgumentException("batch " + batch + " is below 2");
    }
    GeneratorVariant.requirePatchSize(widths.patchSize(), variants);
    if (scales < 0 || scales > MAX_SCALES) {
      throw new IllegalArgumentException(
          "discriminator.scales " + scales + " is outside 0.." + MAX_SCALES);
    }
    requireShare("decayFrom", decayFrom);
    requireShare("ema", ema);
    if (!(shippedNoise > 0 && shippedNoise <= 10)) {
      throw new IllegalArgumentException(
          "shippedNoise " + shippedNoise + " is not above 0 and at most 10");
    }
    if (!(initialGain > 0)) {
      throw new IllegalArgumentException("initialGain " + initialGain + " is not above 0");
    }
    if (scales == 0 && conductor.mode() == ConductorMode.NONE && !perceptual.given()) {
      throw new IllegalArgumentException(
          "nothing teaches the generator: discriminator.scales is 0, conductor.mode none and"
              + " perceptual.net none");
    }
    if (conductor.stepsAhead() >= steps) {
      throw new IllegalArgumentException(
          "steps "
              + steps
              + " leave none for the generator after conductor.pretrainSteps "
              + conductor.pretrainSteps());
    }
  }

  private static void requireAtLeastOne(String key, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(key + " " + value + " is below 1");
    }
  }

  private static void requireNotNegative(String key, double value) {
    if (!(value >= 0)) {
      throw new IllegalArgumentException(key + " " + value + " is below 0");
    }
  }

  private static void requireBelowOne(String key, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(key + " " + value + " is not at least 0 and below 1");
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
          widths(config),
          variants(config),
          new ConductorRole(
              conductorMode(config),
              config.getInt("conductor.pretrainSteps"),
              config.getBoolean("conductor.learnOnReal"),
              config.getBoolean("conductor.learnOnFake")),
          config.getInt("discriminator.scales"),
          config.getInt("batch"),
          PatchOrder.Sampling.of(config.getString("sampling")),
          new Augmentation(
              config.getBoolean("flips.horizontal"),
              config.getBoolean("flips.vertical"),
              config.getBoolean("quarterTurns")),
          config.getInt("steps"),
          config.getDouble("decayFrom"),
          optimizer(config),
          new Lambdas(
              config.getDouble("lambda.featureMatching"),
              config.getDouble("lambda.perceptual"),
              config.getDouble("lambda.conductor")),
          config.getBoolean("deepOnly"),
          new PerceptualNet(
              config.getString("perceptual.net"), config.getString("perceptual.sha256")),
          config.getDouble("initialGain"),
          config.getDouble("ema"),
          config.getDouble("shippedNoise"),
          config.getInt("calibrationBatches"),
          new Watch(config.getDouble("watch.discriminator"), config.getInt("watch.steps")),
          config.getLong("seed"));
    } catch (ConfigException e) {
      throw new IllegalArgumentException("csebgan: " + e.getMessage(), e);
    }
  }

  private static Widths widths(Config config) {
    return new Widths(
        config.getInt("nf"),
        config.getInt("ndf"),
        config.getInt("conductor.width"),
        config.getInt("embedding"),
        config.getInt("mlpHidden"),
        config.getInt("z"),
        config.getInt("patchSize"),
        config.getInt("bands"));
  }

  private static Set<GeneratorVariant> variants(Config config) {
    Set<GeneratorVariant> variants = EnumSet.noneOf(GeneratorVariant.class);
    for (GeneratorVariant variant : GeneratorVariant.values()) {
      if (variant.isChosenBy(config)) {
        variants.add(variant);
      }
    }
    return variants;
  }

  private static ConductorMode conductorMode(Config config) {
    String mode = config.getString("conductor.mode");
    return switch (mode) {
      case "joint" -> ConductorMode.JOINT;
      case "frozen" -> ConductorMode.FROZEN;
      case "none" -> ConductorMode.NONE;
      default ->
          throw new IllegalArgumentException(
              "conductor.mode '" + mode + "' is none of joint, frozen, none");
    };
  }

  private static Optimizer optimizer(Config config) {
    return new Optimizer(
        new LearningRates(
            config.getDouble("learningRate.generator"),
            config.getDouble("learningRate.discriminator"),
            config.getDouble("learningRate.conductor")),
        config.getDouble("adam.beta1"),
        config.getDouble("adam.beta2"));
  }

  private static String knownKeys() {
    return String.join(
        ", ", DEFAULTS.entrySet().stream().map(entry -> entry.getKey()).sorted().toList());
  }

  /** Pixels along an edge. */
  public int patchSize() {
    return widths.patchSize();
  }

  /** Samples a pixel. */
  public int bands() {
    return widths.bands();
  }

  GeneratorSizes generatorSizes(LandCoverScheme scheme) {
    return new GeneratorSizes(
        widths.nf(),
        widths.embedding(),
        widths.mlpHidden(),
        widths.z(),
        scheme.size(),
        widths.patchSize(),
        widths.bands(),
        variants);
  }

  /** Share of the learning rates at a step, counted from 0. */
  double decay(long step) {
    double from = decayFrom * steps;
    return step <= from ? 1 : Math.max(0, (steps - step) / (steps - from));
  }
}
