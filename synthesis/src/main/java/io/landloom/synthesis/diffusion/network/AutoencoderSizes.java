package io.landloom.synthesis.diffusion.network;

import java.util.List;

/**
 * Sizes of an autoencoder.
 *
 * @param bands channels of the image
 * @param latentChannels channels of the latent
 * @param widths channels of the levels, from the image's size to the latent's; each level has half
 *     the cells along an edge of the one before
 * @param blocks residual blocks a level of the encoder; the decoder has one more
 * @param groups of channels that are normalised together, a divisor of every width
 * @param latentScale factor that gives latents about unit variance
 */
public record AutoencoderSizes(
    int bands,
    int latentChannels,
    List<Integer> widths,
    int blocks,
    int groups,
    double latentScale) {
  /** Stable Diffusion 1.5's, of 83,653,863 numbers. */
  public static final AutoencoderSizes STABLE_DIFFUSION_1 =
      new AutoencoderSizes(3, 4, List.of(128, 256, 512, 512), 2, 32, 0.18215);

  /** Checks the numbers. */
  public AutoencoderSizes {
    widths = List.copyOf(widths);
    if (bands < 1 || latentChannels < 1 || widths.isEmpty() || blocks < 1 || groups < 1) {
      throw new IllegalArgumentException(
          String.format(
              "bands %d, latent channels %d, levels %d, blocks %d and groups %d must be at least 1",
              bands, latentChannels, widths.size(), blocks, groups));
    }
    if (!(latentScale > 0 && latentScale < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("latent scale " + latentScale + " is not positive");
    }
    for (int width : widths) {
      if (width < 1 || width % groups != 0) {
        throw new IllegalArgumentException(
            width + " channels do not divide into " + groups + " groups");
      }
    }
  }

  /** Pixels along an edge for one cell of the latent. */
  public int stride() {
    return 1 << (widths.size() - 1);
  }

  int deepest() {
    return widths.get(widths.size() - 1);
  }
}
