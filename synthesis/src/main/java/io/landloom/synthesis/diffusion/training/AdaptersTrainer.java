package io.landloom.synthesis.diffusion.training;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.diffusion.model.DenoiserSizes;
import io.landloom.synthesis.diffusion.model.DenoiserSizes.Content;
import io.landloom.synthesis.diffusion.model.Part;
import io.landloom.synthesis.diffusion.model.ShippedDenoiser;
import io.landloom.synthesis.diffusion.network.DenoisingUNet;
import io.landloom.synthesis.diffusion.network.LoraAdapters;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.training.NetworkTrainer;
import io.landloom.synthesis.training.PatchSampler;
import io.landloom.synthesis.training.TrainingSet;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.NamedTensors;
import io.landloom.synthesis.weights.Precision;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Trains adapters of a frozen denoiser of masks (Hu et al., ICLR 2022) by the losses of {@link
 * DenoiserTrainer}; checkpoints hold the adapters alone, and what ships the denoiser too.
 */
public final class AdaptersTrainer extends NetworkTrainer {
  private final AdaptersSettings settings;
  private final LandCoverScheme scheme;
  private final ModelBundle base;
  private final ShippedDenoiser denoiser;
  private final DenoisingLosses losses;

  /**
   * A trainer before its first step.
   *
   * @param base bundle of the denoiser
   * @throws IllegalArgumentException if the denoiser draws no masks or patches of another size, or
   *     the set is empty
   */
  public AdaptersTrainer(
      AdaptersSettings settings,
      LandCoverScheme scheme,
      TrainingSet set,
      Device device,
      ModelBundle base) {
    super(
        settings.course(),
        settings.care(),
        settings.identity() + " with " + base.digest(),
        scheme,
        set,
        device,
        manager ->
            ParameterSet.initialized(
                manager,
                LoraAdapters.layout(checked(base, settings).layout(), settings.rank()),
                settings.course().seed()));
    this.settings = settings;
    this.scheme = scheme;
    this.base = base;
    this.denoiser = ShippedDenoiser.load(manager(), base, scheme);
    this.losses =
        new DenoisingLosses(
            denoiser.sizes(),
            settings.shown(),
            settings.proportion(),
            DenoisingLosses.noiseLoss(denoiser.form(), settings.minSnr()),
            settings.course().batches(),
            DenoisingLosses.weights(
                settings.proportion(), scheme, set, settings.course().patchSize()),
            denoiser.autoencoder());
  }

  private static DenoiserSizes checked(ModelBundle base, AdaptersSettings settings) {
    DenoiserSizes sizes = DenoiserSizes.of(base.card());
    if (sizes.content() != Content.MASKS) {
      throw new IllegalArgumentException(
          "denoiser '" + base.card().name() + "' draws images; adapters are for one of masks");
    }
    if (base.card().sizes().containsKey(ShippedDenoiser.rankKey())) {
      throw new IllegalArgumentException(
          "denoiser '" + base.card().name() + "' has adapters already; train others of its base");
    }
    if (base.card().patchSize() != settings.course().patchSize()) {
      throw new IllegalArgumentException(
          String.format(
              "denoiser '%s' draws %d pixels a side, patchSize is %d",
              base.card().name(), base.card().patchSize(), settings.course().patchSize()));
    }
    return sizes;
  }

  private LoraAdapters adapters(ParameterSet set) {
    return LoraAdapters.over(set, settings.alpha() / settings.rank());
  }

  @Override
  protected Map<String, Term> terms(PatchSampler.Patches patches, long step, NDManager scope) {
    DenoisingUNet unet =
        new DenoisingUNet(
            denoiser.sizes().unet(), denoiser.arrays(), Optional.of(adapters(parameters())));
    StepDraws draws = new StepDraws(sampler(), step, settings.course().batch());
    Map<String, Term> terms =
        losses.terms(
            new DenoisingLosses.Network(unet, denoiser.conditioner(), denoiser.arrays()),
            patches,
            draws,
            scope);
    terms.remove("head"); // it is frozen with the denoiser
    return terms;
  }

  @Override
  public ModelBundle bundle(String name, String dataset, String licence, Precision precision) {
    NamedTensors tensors = base.tensors().and(Part.ADAPTERS.named(adapters(shipped()).toHost()));
    SortedMap<String, Integer> sizes = new TreeMap<>(base.card().sizes());
    sizes.put(ShippedDenoiser.rankKey(), settings.rank());
    ModelCard card =
        new ModelCard(
            name,
            ShippedDenoiser.ARCHITECTURE,
            ModelCard.SchemeClasses.of(scheme),
            base.card().patchSize(),
            base.card().bands(),
            sizes,
            denoiser.form().with(settings.sampling()).text(),
            new ModelCard.Training(steps(), settings.course().seed(), dataset, licence));
    return ModelBundle.of(card, tensors, precision);
  }
}
