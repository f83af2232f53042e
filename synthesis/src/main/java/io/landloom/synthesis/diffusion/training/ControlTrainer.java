package io.landloom.synthesis.diffusion.training;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.diffusion.mask.TargetShares;
import io.landloom.synthesis.diffusion.model.Conditioner;
import io.landloom.synthesis.diffusion.model.ControlImage;
import io.landloom.synthesis.diffusion.model.DenoiserSizes;
import io.landloom.synthesis.diffusion.model.DenoiserSizes.Content;
import io.landloom.synthesis.diffusion.model.Part;
import io.landloom.synthesis.diffusion.model.ShippedAutoencoder;
import io.landloom.synthesis.diffusion.model.ShippedControl;
import io.landloom.synthesis.diffusion.model.ShippedDenoiser;
import io.landloom.synthesis.diffusion.network.ControlNet;
import io.landloom.synthesis.diffusion.network.DenoisingUNet;
import io.landloom.synthesis.diffusion.network.UNetCondition;
import io.landloom.synthesis.diffusion.training.ControlSettings.Backbone;
import io.landloom.synthesis.segment.Segmenter;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.training.ClassMaps;
import io.landloom.synthesis.training.NetworkTrainer;
import io.landloom.synthesis.training.PatchSampler;
import io.landloom.synthesis.training.TrainingSet;
import io.landloom.synthesis.weights.HostTensor;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.ModelException;
import io.landloom.synthesis.weights.NamedTensors;
import io.landloom.synthesis.weights.Precision;
import io.landloom.synthesis.weights.TensorSpec;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Trains a ControlNet that shows a mask to a denoiser of images (Zhang et al., ICCV 2023); what
 * ships draws images of masks by itself.
 */
public final class ControlTrainer extends NetworkTrainer {
  private final ControlSettings settings;
  private final LandCoverScheme scheme;
  private final ModelBundle base;
  private final ShippedDenoiser denoiser;
  private final ShippedAutoencoder autoencoder;
  private final NoiseLoss noise;
  private final Optional<Segmenter> segmenter;

  /** A trainer before its first step, without a segmenter. */
  public ControlTrainer(
      ControlSettings settings,
      LandCoverScheme scheme,
      TrainingSet set,
      Device device,
      ModelBundle base) {
    this(settings, scheme, set, device, base, Optional.empty());
  }

  /**
   * A trainer before its first step.
   *
   * @param base bundle of the denoiser
   * @param judge bundle of the segmenter that is to find the masks in drawn images
   * @throws IllegalArgumentException if the denoiser draws no images or patches of another size,
   *     the stem does not fit its latents, the set is empty, or a segmenter is named and not given
   * @throws ModelException if the segmenter knows other classes or bands
   */
  public ControlTrainer(
      ControlSettings settings,
      LandCoverScheme scheme,
      TrainingSet set,
      Device device,
      ModelBundle base,
      Optional<ModelBundle> judge) {
    super(
        settings.course(),
        settings.care(),
        identity(settings, base, judge),
        scheme,
        set,
        device,
        manager -> start(manager, settings, base));
    this.settings = settings;
    this.scheme = scheme;
    this.base = base;
    this.denoiser = ShippedDenoiser.load(manager(), base, scheme);
    this.autoencoder = denoiser.autoencoder().orElseThrow();
    this.noise = DenoisingLosses.noiseLoss(denoiser.form(), settings.minSnr());
    this.segmenter = judge.map(this::judge);
  }

  private static String identity(
      ControlSettings settings, ModelBundle base, Optional<ModelBundle> judge) {
    if (settings.consistency().given() != judge.isPresent()) {
      throw new IllegalArgumentException(
          "consistency.segmenter is "
              + settings.consistency().segmenter()
              + ", but "
              + (judge.isPresent() ? "a" : "no")
              + " segmenter was opened");
    }
    return settings.identity()
        + " with "
        + base.digest()
        + judge.map(bundle -> " and " + bundle.digest()).orElse("");
  }

  private Segmenter judge(ModelBundle bundle) {
    if (bundle.card().bands() != settings.course().bands()) {
      throw new IllegalArgumentException(
          String.format(
              "segmenter '%s' reads %d bands, bands is %d",
              bundle.card().name(), bundle.card().bands(), settings.course().bands()));
    }
    Segmenter judge = Segmenter.load(manager(), bundle, scheme);
    if (!judge.fits(settings.course().patchSize())) {
      throw new IllegalArgumentException(
          String.format(
              "segmenter '%s' does not read images of %d pixels a side",
              judge.name(), settings.course().patchSize()));
    }
    return judge;
  }

  /**
   * A copy of the denoiser's first half with a way in for the mask, and the denoiser if trained.
   */
  private static ParameterSet start(NDManager manager, ControlSettings settings, ModelBundle base) {
    DenoiserSizes sizes = checked(base, settings);
    NamedTensors ofDenoiser = Part.DENOISER.of(base);
    List<TensorSpec> own = ControlNet.layout(ShippedControl.sizes(sizes, settings.stem()));
    Map<String, HostTensor> tensors = new TreeMap<>();
    try (ParameterSet fresh = ParameterSet.initialized(manager, own, settings.course().seed())) {
      tensors.putAll(fresh.toHost().asMap());
    }
    own.forEach(spec -> copy(spec, ofDenoiser, tensors));
    NamedTensors all = Part.CONTROLNET.named(new NamedTensors(tensors));
    List<TensorSpec> layout = new ArrayList<>(Part.CONTROLNET.named(own));
    if (settings.backbone() == Backbone.TRAINED) {
      layout.addAll(Part.DENOISER.named(sizes.layout()));
      all = all.and(Part.DENOISER.named(ofDenoiser));
    }
    return ParameterSet.of(manager, layout, all);
  }

  private static void copy(
      TensorSpec spec, NamedTensors ofDenoiser, Map<String, HostTensor> tensors) {
    HostTensor found = ofDenoiser.asMap().get(spec.name());
    if (found != null && found.hasShape(spec.shape())) {
      tensors.put(spec.name(), found);
    }
  }

  private static DenoiserSizes checked(ModelBundle base, ControlSettings settings) {
    DenoiserSizes sizes = DenoiserSizes.of(base.card());
    String denoiser = "denoiser '" + base.card().name() + "'";
    if (sizes.content() != Content.IMAGES) {
      throw new IllegalArgumentException(denoiser + " draws masks; a ControlNet is for images");
    }
    if (base.card().patchSize() != settings.course().patchSize()
        || base.card().bands() != settings.course().bands()) {
      throw new IllegalArgumentException(
          String.format(
              "%s draws %d bands of %d pixels a side, bands is %d and patchSize %d",
              denoiser,
              base.card().bands(),
              base.card().patchSize(),
              settings.course().bands(),
              settings.course().patchSize()));
    }
    if (ShippedControl.sizes(sizes, settings.stem()).stride() != sizes.cell()) {
      throw new IllegalArgumentException(
          String.format(
              "stem %s halves a mask %d times, but %s has a cell of %d pixels",
              settings.stem(), settings.stem().size() - 1, denoiser, sizes.cell()));
    }
    return sizes;
  }

  /**
   * The networks over some arrays.
   *
   * @param unet the U-Net
   * @param conditioner what it is asked by
   * @param control the ControlNet
   */
  record Networks(DenoisingUNet unet, Conditioner conditioner, ControlNet control) {
    /** What the U-Net predicts under its condition and a mask's image. */
    NDArray predict(NDArray noisy, int[] timesteps, Asked asked) {
      ControlNet.Signals signals =
          control.forward(noisy, timesteps, asked.condition(), asked.mask(), 1);
      return unet.forward(noisy, timesteps, asked.condition(), Optional.of(signals));
    }
  }

  /**
   * What an image is asked to show.
   *
   * @param condition shares
   * @param mask as {@link ControlImage} gives it, all 0 where it is not shown
   */
  record Asked(UNetCondition condition, NDArray mask) {}

  private Networks networks(ParameterSet set) {
    DenoiserSizes sizes = denoiser.sizes();
    ControlNet control =
        new ControlNet(
            ShippedControl.sizes(sizes, settings.stem()), set.within(Part.CONTROLNET.prefix()));
    if (settings.backbone() == Backbone.FROZEN) {
      return new Networks(denoiser.unet(), denoiser.conditioner(), control);
    }
    ParameterSet backbone = set.within(Part.DENOISER.prefix());
    return new Networks(
        new DenoisingUNet(sizes.unet(), backbone),
        new Conditioner(sizes, ShippedDenoiser.names(scheme), backbone),
        control);
  }

  @Override
  protected Map<String, Term> terms(PatchSampler.Patches patches, long step, NDManager scope) {
    StepDraws draws = new StepDraws(sampler(), step, settings.course().batch());
    NDArray image =
        Operators.ownCopy(scope.create(patches.image(), settings.course().batches().shape()));
    NDArray clean = DenoisingLosses.latents(autoencoder, image, draws, scope);
    Networks networks = networks(parameters());
    Asked asked =
        new Asked(
            networks
                .conditioner()
                .of(
                    scope,
                    targets(patches.positions(), draws),
                    new Conditioner.Masks(
                        patches.positions(), settings.course().patchSize(), patches.captions())),
            mask(patches.positions(), draws, scope));
    NDArray numbers = draws.normal(scope, "noise", clean.getShape());
    int[] timesteps = draws.timesteps(noise.schedule().steps());
    NoiseLoss.Guess guess = noise.of(networks::predict, clean, numbers, timesteps, asked);
    Map<String, Term> terms = new LinkedHashMap<>();
    terms.put("noise", new Term(guess.loss(), 1));
    segmenter.ifPresent(
        judge ->
            terms.put(
                "consistency",
                new Term(
                    inconsistency(judge, guess, patches.positions(), draws, scope),
                    settings.consistency().weight())));
    return terms;
  }

  /**
   * Cross-entropy of the segmenter on what the guesses of the last timesteps amount to, of those
   * whose mask was shown; 0 where there is none.
   */
  private NDArray inconsistency(
      Segmenter judge, NoiseLoss.Guess guess, byte[] positions, StepDraws draws, NDManager scope) {
    int[] timesteps = guess.noised().timesteps();
    boolean[] hidden = hidden(draws);
    int pixels = positions.length / timesteps.length;
    NDArray clean = noise.clean(guess.output(), guess.noised());
    NDList counted = new NDList();
    ByteArrayOutputStream masks = new ByteArrayOutputStream();
    for (int i = 0; i < timesteps.length; i++) {
      if (!hidden[i] && timesteps[i] <= settings.consistency().lastTimestep()) {
        counted.add(clean.get(new NDIndex(i + ":" + (i + 1))));
        masks.write(positions, i * pixels, pixels);
      }
    }
    if (counted.isEmpty()) {
      return scope.zeros(new Shape());
    }
    NDArray images = autoencoder.images(NDArrays.concat(counted, 0));
    ClassMaps maps =
        new ClassMaps(scope, masks.toByteArray(), settings.course().patchSize(), scheme.size());
    return Operators.crossEntropy(judge.logits(images), maps.valid());
  }

  private List<TargetShares> targets(byte[] positions, StepDraws draws) {
    int classes = denoiser.sizes().classes();
    boolean[] dropped = draws.chosen("dropout", settings.dropout());
    int pixels = positions.length / draws.batch();
    List<TargetShares> targets = new ArrayList<>();
    for (int i = 0; i < draws.batch(); i++) {
      byte[] mask = Arrays.copyOfRange(positions, i * pixels, (i + 1) * pixels);
      targets.add(dropped[i] ? TargetShares.free(classes) : TargetShares.of(mask, classes));
    }
    return targets;
  }

  private boolean[] hidden(StepDraws draws) {
    return draws.chosen("mask dropout", settings.maskDropout());
  }

  private NDArray mask(byte[] positions, StepDraws draws, NDManager scope) {
    boolean[] hidden = hidden(draws);
    float[] shown = new float[hidden.length];
    for (int i = 0; i < shown.length; i++) {
      shown[i] = hidden[i] ? 0 : 1;
    }
    NDArray image = ControlImage.of(scope, positions, settings.course().patchSize(), scheme.size());
    return image.mul(scope.create(shown, new Shape(shown.length, 1, 1, 1)));
  }

  @Override
  public ModelBundle bundle(String name, String dataset, String licence, Precision precision) {
    SortedMap<String, Integer> sizes = new TreeMap<>(base.card().sizes());
    sizes.putAll(ShippedControl.toCard(settings.stem()));
    ModelCard card =
        new ModelCard(
            name,
            ShippedControl.ARCHITECTURE,
            ModelCard.SchemeClasses.of(scheme),
            settings.course().patchSize(),
            settings.course().bands(),
            sizes,
            denoiser.form().with(settings.sampling()).text(),
            new ModelCard.Training(steps(), settings.course().seed(), dataset, licence));
    return ModelBundle.of(card, base.tensors().and(shipped().toHost()), precision);
  }
}
