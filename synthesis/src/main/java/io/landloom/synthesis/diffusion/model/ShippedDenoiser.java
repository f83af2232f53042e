package io.landloom.synthesis.diffusion.model;

import ai.djl.ndarray.NDManager;
import io.landloom.geo.landcover.LandCoverClass;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.diffusion.network.DenoisingUNet;
import io.landloom.synthesis.diffusion.network.LoraAdapters;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.ModelException;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.List;
import java.util.Optional;

/**
 * A trained denoiser with what it was trained on: the autoencoder of its latents, and adapters that
 * are added to it.
 *
 * @param sizes its sizes
 * @param form how it sees noise and draws
 * @param arrays its arrays, adapters merged
 * @param unet its U-Net
 * @param conditioner what it is asked by
 * @param autoencoder of its latents; empty for class codes
 */
public record ShippedDenoiser(
    DenoiserSizes sizes,
    DrawForm form,
    ParameterSet arrays,
    DenoisingUNet unet,
    Conditioner conditioner,
    Optional<ShippedAutoencoder> autoencoder) {
  /** The architecture a card must name. */
  public static final String ARCHITECTURE = "denoiser";

  private static final String RANK = "adapters.rank";

  /** Names of the valid classes, as prompts have them. */
  public static List<String> names(LandCoverScheme scheme) {
    return scheme.validClasses().stream().map(LandCoverClass::name).toList();
  }

  /** Among a card's sizes, the rank of adapters. */
  public static String rankKey() {
    return RANK;
  }

  /**
   * Loads the denoiser of a bundle, which may hold other networks too.
   *
   * @param scheme the classes it must know
   * @throws ModelException if it holds none, is of another scheme, or its tensors do not fit
   */
  public static ShippedDenoiser load(
      NDManager manager, ModelBundle bundle, LandCoverScheme scheme) {
    ModelCard card = bundle.card();
    card.requireScheme(scheme);
    DenoiserSizes sizes = DenoiserSizes.of(card);
    ParameterSet arrays = Part.DENOISER.load(manager, sizes.layout(), bundle);
    if (card.sizes().getOrDefault(RANK, 0) > 0) {
      List<TensorSpec> layout = LoraAdapters.layout(sizes.layout(), card.sizes().get(RANK));
      // what is saved has the scale in it; the merge is for good
      try (ParameterSet adapters = Part.ADAPTERS.load(manager, layout, bundle)) {
        LoraAdapters.over(adapters, 1).addTo(arrays);
      }
    }
    return new ShippedDenoiser(
        sizes,
        DrawForm.of(card),
        arrays,
        new DenoisingUNet(sizes.unet(), arrays),
        new Conditioner(sizes, names(scheme), arrays),
        sizes.space() == DenoiserSizes.Space.LATENTS
            ? Optional.of(ShippedAutoencoder.load(manager, bundle))
            : Optional.empty());
  }
}
