package io.landloom.synthesis.gan;

import io.landloom.synthesis.weights.ModelCard;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Widths of a generator.
 *
 * @param nf unit of the channel counts
 * @param embedding width of a class embedding
 * @param mlpHidden hidden width of the embeddings' transforms
 * @param z width of the whole image's noise
 * @param classes class positions, unknown included
 * @param patchSize pixels along an edge, a multiple of {@value #STRIDE}
 * @param bands samples a pixel
 */
record GeneratorSizes(
    int nf, int embedding, int mlpHidden, int z, int classes, int patchSize, int bands) {
  /** Pixels of the image for one cell of the start: five upsamplings. */
  static final int STRIDE = 32;

  GeneratorSizes {
    if (nf < 1 || embedding < 1 || mlpHidden < 1 || z < 1 || classes < 2 || bands < 1) {
      throw new IllegalArgumentException(
          String.format(
              "nf %d, embedding %d, mlpHidden %d, z %d and bands %d must be at least 1,"
                  + " classes %d at least 2",
              nf, embedding, mlpHidden, z, bands, classes));
    }
    if (patchSize < STRIDE || patchSize % STRIDE != 0) {
      throw new IllegalArgumentException(
          "patchSize " + patchSize + " is not a multiple of " + STRIDE);
    }
  }

  /** Cells along an edge of the start. */
  int startSize() {
    return patchSize / STRIDE;
  }

  /** The widths as a card keeps them. */
  SortedMap<String, Integer> toCard() {
    SortedMap<String, Integer> sizes = new TreeMap<>();
    sizes.put("nf", nf);
    sizes.put("embedding", embedding);
    sizes.put("mlpHidden", mlpHidden);
    sizes.put("z", z);
    return sizes;
  }

  /** The widths of a card's model. */
  static GeneratorSizes of(ModelCard card) {
    return new GeneratorSizes(
        card.size("nf"),
        card.size("embedding"),
        card.size("mlpHidden"),
        card.size("z"),
        card.scheme().classes().size(),
        card.patchSize(),
        card.bands());
  }
}
