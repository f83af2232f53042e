package io.landloom.synthesis.diffusion.training;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.diffusion.model.Conditioner;
import io.landloom.synthesis.diffusion.model.DenoiserSizes;
import io.landloom.synthesis.diffusion.model.DenoiserSizes.Content;
import io.landloom.synthesis.diffusion.model.DenoiserSizes.Space;
import io.landloom.synthesis.diffusion.model.Part;
import io.landloom.synthesis.diffusion.model.ShippedAutoencoder;
import io.landloom.synthesis.diffusion.model.ShippedDenoiser;
import io.landloom.synthesis.diffusion.network.DenoisingUNet;
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
 * Trains a U-Net that denoises masks or images under target shares: by the error of its noise and,
 * for masks, by how far the proportions of its estimates are from those asked for (after Xu et al.,
 * Remote Sensing 2025, 17, 2143).
 */
public final class DenoiserTrainer extends NetworkTrainer {
  private final DenoiserSettings settings;
  private final LandCoverScheme scheme;
  private final DenoiserSizes sizes;
  private final Optional<ModelBundle> encoding;
  private final DenoisingLosses losses;

  /**
   * A trainer before its first step.
   *
   * @param autoencoder bundle of the autoencoder of the latents; empty for class codes
   * @throws IllegalArgumentException if the settings do not fit the autoencoder, or the set is
   *     empty
   */
  public DenoiserTrainer(
      DenoiserSettings settings,
      LandCoverScheme scheme,
      TrainingSet set,
      Device device,
      Optional<ModelBundle> autoencoder) {
    super(
        settings.course(),
        settings.care(),
        settings.identity() + autoencoder.map(bundle -> " with " + bundle.digest()).orElse(""),
        scheme,
        set,
        device,
        manager ->
            ParameterSet.initialized(
                manager, sizes(settings, scheme, autoencoder).layout(), settings.course().seed()));
    this.settings = settings;
    this.scheme = scheme;
    this.encoding = autoencoder;
    this.sizes = sizes(settings, scheme, autoencoder);
    this.losses =
        new DenoisingLosses(
            sizes,
            settings.shown(),
            settings.proportion(),
            DenoisingLosses.noiseLoss(settings.form(), settings.minSnr()),
            settings.course().batches(),
            DenoisingLosses.weights(
                settings.proportion(), scheme, set, settings.course().patchSize()),
            autoencoder.map(bundle -> ShippedAutoencoder.load(manager(), bundle)));
  }

  private static DenoiserSizes sizes(
      DenoiserSettings settings, LandCoverScheme scheme, Optional<ModelBundle> autoencoder) {
    if (settings.space() == Space.CODES) {
      return settings.sizes(scheme, DenoiserSettings.codes(scheme).bits(), settings.cell());
    }
    ModelBundle bundle =
        autoencoder.orElseThrow(
            () -> new IllegalArgumentException("space = latents needs an autoencoder"));
    bundle.card().requireScheme(scheme);
    ShippedAutoencoder.Read read = ShippedAutoencoder.read(bundle);
    read.require(settings.content(), settings.course().patchSize());
    DenoiserSizes sizes =
        settings.sizes(scheme, read.sizes().latentChannels(), read.sizes().stride());
    settings.course().requireMultipleOf(read.sizes().stride() * sizes.unet().stride());
    return sizes;
  }

  @Override
  protected Map<String, Term> terms(PatchSampler.Patches patches, long step, NDManager scope) {
    StepDraws draws = new StepDraws(sampler(), step, settings.course().batch());
    return losses.terms(network(parameters()), patches, draws, scope);
  }

  private DenoisingLosses.Network network(ParameterSet set) {
    return new DenoisingLosses.Network(
        new DenoisingUNet(sizes.unet(), set),
        new Conditioner(sizes, ShippedDenoiser.names(scheme), set),
        set);
  }

  @Override
  public ModelBundle bundle(String name, String dataset, String licence, Precision precision) {
    NamedTensors tensors = Part.DENOISER.named(shipped().toHost());
    SortedMap<String, Integer> all = new TreeMap<>(sizes.toCard());
    if (encoding.isPresent()) {
      tensors = tensors.and(Part.AUTOENCODER.named(Part.AUTOENCODER.of(encoding.get())));
      all.putAll(encoding.get().card().sizes());
    }
    ModelCard card =
        new ModelCard(
            name,
            ShippedDenoiser.ARCHITECTURE,
            ModelCard.SchemeClasses.of(scheme),
            settings.course().patchSize(),
            settings.content() == Content.IMAGES ? settings.course().bands() : 1,
            all,
            settings.form().text(),
            new ModelCard.Training(steps(), settings.course().seed(), dataset, licence));
    return ModelBundle.of(card, tensors, precision);
  }
}
