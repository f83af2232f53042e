package io.landloom.synthesis.diffusion.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.landloom.synthesis.diffusion.model.DenoiserSizes.Content;
import io.landloom.synthesis.diffusion.network.Autoencoder;
import io.landloom.synthesis.diffusion.network.AutoencoderSizes;
import io.landloom.synthesis.tensor.Layers;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.weights.HostTensor;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.ModelException;
import io.landloom.synthesis.weights.NamedTensors;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;

/**
 * A trained autoencoder, whose latents have about unit variance.
 *
 * @param sizes its sizes, with the factor of its latents
 * @param network the network
 * @param parameters its arrays
 */
public record ShippedAutoencoder(
    AutoencoderSizes sizes, Autoencoder network, ParameterSet parameters) {
  /** The architecture a card must name. */
  public static final String ARCHITECTURE = "autoencoder";

  /** The form of the shipped weights. */
  public static final String INFERENCE = "scaled latents, float32 NCHW";

  private static final String SCALE = "scale";
  private static final String PREFIX = "autoencoder.";

  /** Sizes as a card has them; the factor of the latents is a tensor. */
  public static SortedMap<String, Integer> toCard(AutoencoderSizes sizes, Content content) {
    return CardNumbers.empty(PREFIX)
        .put("content", content.ordinal())
        .put("bands", sizes.bands())
        .put("latentChannels", sizes.latentChannels())
        .put("width", sizes.widths())
        .put("blocks", sizes.blocks())
        .put("groups", sizes.groups())
        .asMap();
  }

  /**
   * The tensors to ship, under their names in a bundle.
   *
   * @param scale factor that gives latents unit variance
   */
  public static NamedTensors shipped(NamedTensors network, double scale) {
    NamedTensors ofScale =
        new NamedTensors(
            Map.of(SCALE, new HostTensor(new long[] {1}, new float[] {(float) scale})));
    return Part.AUTOENCODER.named(network.and(ofScale));
  }

  /**
   * What a bundle says of its autoencoder.
   *
   * @param sizes its sizes
   * @param content what it encodes
   * @param model the bundle's name, for messages
   */
  public record Read(AutoencoderSizes sizes, Content content, String model) {
    /**
     * Checks that it encodes what is to be denoised.
     *
     * @throws IllegalArgumentException if it encodes something else, or patches of this size do not
     *     have whole latents
     */
    public void require(Content wanted, int patchSize) {
      if (content != wanted) {
        throw new IllegalArgumentException(
            String.format(
                "autoencoder '%s' encodes %s, not %s",
                model,
                content.name().toLowerCase(Locale.ROOT),
                wanted.name().toLowerCase(Locale.ROOT)));
      }
      if (patchSize % sizes.stride() != 0) {
        throw new IllegalArgumentException(
            "patchSize " + patchSize + " is not a multiple of " + sizes.stride());
      }
    }
  }

  /**
   * What a bundle says of its autoencoder.
   *
   * @throws ModelException if it holds none
   */
  public static Read read(ModelBundle bundle) {
    ModelCard card = bundle.card();
    CardNumbers numbers = CardNumbers.of(card, PREFIX);
    AutoencoderSizes sizes =
        new AutoencoderSizes(
            numbers.number("bands"),
            numbers.number("latentChannels"),
            numbers.list("width"),
            numbers.number("blocks"),
            numbers.number("groups"),
            scale(bundle));
    Content content = numbers.number("content") == 0 ? Content.MASKS : Content.IMAGES;
    return new Read(sizes, content, card.name());
  }

  /**
   * Loads the autoencoder of a bundle, which may hold other networks too.
   *
   * @throws ModelException if it holds none, or its tensors do not fit
   */
  public static ShippedAutoencoder load(NDManager manager, ModelBundle bundle) {
    AutoencoderSizes sizes = read(bundle).sizes();
    List<TensorSpec> layout = new ArrayList<>(Autoencoder.layout(sizes));
    layout.add(new TensorSpec(SCALE, new long[] {1}, Layers.ONE, TensorSpec.Role.BUFFER));
    ParameterSet parameters = Part.AUTOENCODER.load(manager, layout, bundle);
    return new ShippedAutoencoder(sizes, new Autoencoder(sizes, parameters), parameters);
  }

  /** The factor that a bundle gives latents unit variance by. */
  public static double scale(ModelBundle bundle) {
    HostTensor tensor = Part.AUTOENCODER.of(bundle).get(SCALE);
    if (!tensor.hasShape(1) || !(tensor.values()[0] > 0)) {
      throw new ModelException(
          "model '" + bundle.card().name() + "'", "the factor of its latents is no number above 0");
    }
    return tensor.values()[0];
  }

  /**
   * Latents to denoise.
   *
   * @param image (B, bands, S H, S W)
   * @param noise (B, latentChannels, H, W), standard normal
   * @return (B, latentChannels, H, W)
   */
  public NDArray latents(NDArray image, NDArray noise) {
    return Operators.scaled(network.encode(image).sample(noise), sizes.latentScale());
  }

  /** Images (B, bands, S H, S W) of latents (B, latentChannels, H, W). */
  public NDArray images(NDArray latents) {
    return network.decode(Operators.scaled(latents, 1 / sizes.latentScale()));
  }

  /** Images (B, bands, S H, S W) as they come back from the means of their latents. */
  NDArray again(NDArray image) {
    return network.decode(network.encode(image).mean());
  }
}
