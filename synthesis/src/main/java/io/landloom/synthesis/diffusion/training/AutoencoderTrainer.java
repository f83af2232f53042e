package io.landloom.synthesis.diffusion.training;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.diffusion.mask.ClassCodes;
import io.landloom.synthesis.diffusion.model.CodeSpace;
import io.landloom.synthesis.diffusion.model.DenoiserSizes.Content;
import io.landloom.synthesis.diffusion.model.ShippedAutoencoder;
import io.landloom.synthesis.diffusion.network.Autoencoder;
import io.landloom.synthesis.diffusion.network.AutoencoderSizes;
import io.landloom.synthesis.diffusion.network.AveragingStart;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.training.ClassPositions;
import io.landloom.synthesis.training.NetworkTrainer;
import io.landloom.synthesis.training.PatchSampler;
import io.landloom.synthesis.training.TrainingSet;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.NamedTensors;
import io.landloom.synthesis.weights.Precision;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Trains an autoencoder by the absolute error of what it decodes, the divergence of its latents
 * from a standard normal, and, where asked, its own encoder's features and a discriminator (Rombach
 * et al., CVPR 2022, section 3.1 and appendix G).
 */
public final class AutoencoderTrainer extends NetworkTrainer {
  /** The metric of a card that says what latents are multiplied by. */
  public static final String LATENT_SCALE = "latent scale";

  private final AutoencoderSettings settings;
  private final LandCoverScheme scheme;
  private final AutoencoderSizes sizes;
  private final Optional<Companion> adversary;
  private final PatchSampler scaling;

  /**
   * A trainer before its first step.
   *
   * @throws IllegalArgumentException if the set is empty, or the sizes have no room for the start
   */
  public AutoencoderTrainer(
      AutoencoderSettings settings, LandCoverScheme scheme, TrainingSet set, Device device) {
    super(
        settings.course(),
        settings.care(),
        settings.toString(),
        scheme,
        set,
        device,
        manager -> start(manager, settings, settings.sizes(scheme)));
    this.settings = settings;
    this.scheme = scheme;
    this.sizes = settings.sizes(scheme);
    this.adversary =
        settings.adversary().weight() > 0
            ? Optional.of(
                companion(
                    "adversary",
                    PatchDiscriminator.layout(sizes.bands(), settings.adversary().width())))
            : Optional.empty();
    this.scaling =
        new PatchSampler(
            set,
            new ClassPositions(scheme),
            settings.course().batches(),
            settings.course().seed(),
            "scale");
  }

  private static ParameterSet start(
      NDManager manager, AutoencoderSettings settings, AutoencoderSizes sizes) {
    List<TensorSpec> layout = Autoencoder.layout(sizes);
    ParameterSet random = ParameterSet.initialized(manager, layout, settings.course().seed());
    if (!settings.averaging()) {
      return random;
    }
    try (random) {
      return ParameterSet.of(manager, layout, AveragingStart.of(sizes, random.toHost()));
    }
  }

  @Override
  protected Map<String, Term> terms(PatchSampler.Patches patches, long step, NDManager scope) {
    NDArray image = content(patches, scope);
    StepDraws draws = new StepDraws(sampler(), step, settings.course().batch());
    NDArray noise = draws.normal(scope, "latent", latents(image.getShape()));
    Autoencoder network = new Autoencoder(sizes, parameters());
    Losses losses = Losses.of(network, image, noise);
    Map<String, Term> terms = new LinkedHashMap<>();
    terms.put("reconstruction", new Term(losses.reconstruction(), 1));
    terms.put("divergence", new Term(losses.divergence(), settings.lambdas().divergence()));
    if (settings.lambdas().feature() > 0) {
      Autoencoder fixed = new Autoencoder(sizes, parameters().detached());
      NDArray feature = feature(fixed, image, losses.decoded());
      terms.put("feature", new Term(feature, settings.lambdas().feature()));
    }
    if (adversary.isPresent()) {
      addAdversary(terms, adversary.get(), image, losses.decoded(), step, scope);
    }
    return terms;
  }

  private NDArray content(PatchSampler.Patches patches, NDManager scope) {
    if (settings.content() == Content.IMAGES) {
      return Operators.ownCopy(scope.create(patches.image(), settings.course().batches().shape()));
    }
    ClassCodes codes = new ClassCodes(scheme.validClasses().size());
    return new CodeSpace(codes, 1)
        .encode(scope, patches.positions(), settings.course().patchSize())
        .codes();
  }

  private Shape latents(Shape image) {
    int stride = sizes.stride();
    return new Shape(
        image.get(0), sizes.latentChannels(), image.get(2) / stride, image.get(3) / stride);
  }

  /**
   * What every autoencoder learns by.
   *
   * @param reconstruction mean absolute error
   * @param divergence from a standard normal, over the numbers of an image, so that its weight is
   *     that of published trainings, which sum both
   * @param decoded images
   */
  record Losses(NDArray reconstruction, NDArray divergence, NDArray decoded) {
    static Losses of(Autoencoder network, NDArray image, NDArray noise) {
      Autoencoder.Posterior posterior = network.encode(image);
      NDArray decoded = network.decode(posterior.sample(noise));
      double numbers = (double) image.getShape().size() / image.getShape().get(0);
      return new Losses(
          decoded.sub(image).abs().mean(),
          Operators.scaled(posterior.divergence().mean(), 1 / numbers),
          decoded);
    }
  }

  /**
   * Mean absolute difference of an encoder's means, which does not learn by it.
   *
   * @param fixed the autoencoder over detached arrays
   */
  static NDArray feature(Autoencoder fixed, NDArray image, NDArray decoded) {
    NDArray wanted = fixed.encode(image).mean();
    return fixed.encode(decoded).mean().sub(wanted).abs().mean();
  }

  private void addAdversary(
      Map<String, Term> terms,
      Companion companion,
      NDArray image,
      NDArray decoded,
      long step,
      NDManager scope) {
    if (step < settings.adversary().from()) {
      terms.put("discriminator", new Term(scope.zeros(new Shape()), 0));
      terms.put("adversarial", new Term(scope.zeros(new Shape()), 0));
      return;
    }
    PatchDiscriminator discriminator = new PatchDiscriminator(companion.parameters());
    companion.parameters().unfreeze();
    NDArray loss = discriminator.loss(image, decoded.stopGradient());
    Operators.backward(loss);
    companion.adam().step(settings.course().learningRate(step));
    companion.parameters().freeze();
    NDArray adversarial = discriminator.scores(decoded).mean().neg();
    terms.put("discriminator", new Term(loss.stopGradient(), 0));
    terms.put("adversarial", new Term(adversarial, settings.adversary().weight()));
  }

  @Override
  public ModelBundle bundle(String name, String dataset, String licence, Precision precision) {
    double scale = scale();
    NamedTensors tensors = ShippedAutoencoder.shipped(shipped().toHost(), scale);
    ModelCard card =
        new ModelCard(
            name,
            ShippedAutoencoder.ARCHITECTURE,
            ModelCard.SchemeClasses.of(scheme),
            settings.course().patchSize(),
            settings.course().bands(),
            ShippedAutoencoder.toCard(sizes, settings.content()),
            ShippedAutoencoder.INFERENCE,
            new ModelCard.Training(steps(), settings.course().seed(), dataset, licence));
    ModelBundle bundle = ModelBundle.of(card, tensors, precision);
    return bundle.withMetrics(Map.of(LATENT_SCALE, ShippedAutoencoder.scale(bundle)));
  }

  /** One over the standard deviation of the training patches' latents. */
  private double scale() {
    Autoencoder network = new Autoencoder(sizes, shipped());
    double sum = 0;
    double squares = 0;
    long count = 0;
    for (int i = 0; i < settings.scaleBatches(); i++) {
      try (NativeScope scope = NativeScope.inference(manager())) {
        NDArray image = content(scaling.draw(i), scope.manager());
        NDArray noise =
            new StepDraws(scaling, i, settings.course().batch())
                .normal(scope.manager(), "latent", latents(image.getShape()));
        for (float number : network.encode(image).sample(noise).toFloatArray()) {
          sum += number;
          squares += (double) number * number;
          count++;
        }
      }
    }
    double variance = squares / count - sum / count * (sum / count);
    return 1 / Math.sqrt(Math.max(variance, 1e-12));
  }
}
