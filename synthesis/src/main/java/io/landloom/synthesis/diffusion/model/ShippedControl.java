package io.landloom.synthesis.diffusion.model;

import ai.djl.ndarray.NDManager;
import io.landloom.synthesis.diffusion.network.ControlNet;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.ModelException;
import java.util.List;
import java.util.SortedMap;

/** A ControlNet among the sizes of a card. */
public final class ShippedControl {
  /** The architecture of a bundle that draws images of masks. */
  public static final String ARCHITECTURE = "latent-diffusion";

  private static final String PREFIX = "controlnet.";

  private ShippedControl() {}

  /** Sizes as a card has them, beside those of its denoiser. */
  public static SortedMap<String, Integer> toCard(List<Integer> stem) {
    return CardNumbers.empty(PREFIX).put("stem", stem).asMap();
  }

  /** The sizes of a ControlNet that sees masks of a denoiser's classes. */
  public static ControlNet.Sizes sizes(DenoiserSizes denoiser, List<Integer> stem) {
    return new ControlNet.Sizes(
        denoiser.unet(), ControlImage.channels(denoiser.classes() + 1), stem);
  }

  /** The sizes of a card. */
  public static ControlNet.Sizes sizes(ModelCard card) {
    return sizes(DenoiserSizes.of(card), CardNumbers.of(card, PREFIX).list("stem"));
  }

  /**
   * Loads the ControlNet of a bundle.
   *
   * @throws ModelException if it holds none, or its tensors do not fit
   */
  public static ControlNet load(NDManager manager, ModelBundle bundle) {
    ControlNet.Sizes sizes = sizes(bundle.card());
    ParameterSet arrays = Part.CONTROLNET.load(manager, ControlNet.layout(sizes), bundle);
    return new ControlNet(sizes, arrays);
  }
}
