package io.landloom.synthesis.gan;

import com.typesafe.config.Config;
import io.landloom.synthesis.weights.ModelCard;
import java.util.EnumSet;
import java.util.Set;
import java.util.SortedMap;

/** Where a generator departs from the default form; a card names those its weights have. */
public enum GeneratorVariant {
  /** Starts from the coarse mask instead of noise, as without an encoder in the works before. */
  MASK_START("maskStart", "start", "noise", "mask"),
  /** Doubles once more between the two middle blocks, so that the start has a quarter the cells. */
  SIXTH_DOUBLING("sixthDoubling", "doublings", "5", "6"),
  /** Every class has its own transforms of its embeddings. */
  PER_CLASS_MLP("perClassMlp", "perClassMlp", "false", "true"),
  /** Every class has its own kernels in the blocks. */
  PER_CLASS_CONVOLUTIONS("perClassConvolutions", "perClassConvolutions", "false", "true"),
  /** The blocks' kernels are trained without spectral normalisation. */
  PLAIN_KERNELS("plainKernels", "spectralNorm", "true", "false"),
  /** A class's scale and shift come from the same numbers. */
  SHARED_NOISE("sharedNoise", "sharedNoise", "false", "true"),
  /** Every block adds noise of each pixel's class, one number a pixel, by a learned strength. */
  PIXEL_NOISE("pixelNoise", "pixelNoise", "false", "true"),
  /** The coarse blocks, whose cells see all of an image, take no noise of classes. */
  FINE_NOISE("fineNoise", "coarseNoise", "true", "false");

  /** Pixels of the image for one cell of the default start: five doublings. */
  static final int STRIDE = 32;

  private final String nameOnCard;
  private final String key;
  private final String usual;
  private final String departing;

  GeneratorVariant(String nameOnCard, String key, String usual, String departing) {
    this.nameOnCard = nameOnCard;
    this.key = key;
    this.usual = usual;
    this.departing = departing;
  }

  boolean isChosenBy(Config config) {
    String value = config.getString(key);
    if (!value.equals(usual) && !value.equals(departing)) {
      throw new IllegalArgumentException(
          key + " '" + value + "' is neither " + usual + " nor " + departing);
    }
    return value.equals(departing);
  }

  /** Pixels of the image for one cell of the start. */
  static int stride(Set<GeneratorVariant> variants) {
    return variants.contains(SIXTH_DOUBLING) ? 2 * STRIDE : STRIDE;
  }

  static void requirePatchSize(int patchSize, Set<GeneratorVariant> variants) {
    int stride = stride(variants);
    if (patchSize < stride || patchSize % stride != 0) {
      throw new IllegalArgumentException(
          "patchSize " + patchSize + " is not a multiple of " + stride);
    }
  }

  /** Adds the variants a generator has to its card's sizes, each as 1. */
  static void toCard(Set<GeneratorVariant> variants, SortedMap<String, Integer> sizes) {
    variants.forEach(variant -> sizes.put(variant.nameOnCard, 1));
  }

  /** The variants a card names. */
  static Set<GeneratorVariant> of(ModelCard card) {
    Set<GeneratorVariant> variants = EnumSet.noneOf(GeneratorVariant.class);
    for (GeneratorVariant variant : values()) {
      if (card.sizes().containsKey(variant.nameOnCard)) {
        variants.add(variant);
      }
    }
    return variants;
  }
}
