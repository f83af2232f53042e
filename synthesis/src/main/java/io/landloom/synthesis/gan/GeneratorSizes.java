package io.landloom.synthesis.gan;

import io.landloom.synthesis.weights.ModelCard;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Widths and form of a generator.
 *
 * @param nf unit of the channel counts
 * @param embedding width of a class embedding
 * @param mlpHidden hidden width of the embeddings' transforms
 * @param z width of the whole image's noise
 * @param classes class positions, unknown included
 * @param patchSize pixels along an edge, a multiple of 32, of 64 with a sixth doubling
 * @param bands samples a pixel
 * @param variants departures from the default form
 */
record GeneratorSizes(
    int nf,
    int embedding,
    int mlpHidden,
    int z,
    int classes,
    int patchSize,
    int bands,
    Set<GeneratorVariant> variants) {
  GeneratorSizes {
    variants = Set.copyOf(variants);
    if (nf < 1 || embedding < 1 || mlpHidden < 1 || z < 1 || classes < 2 || bands < 1) {
      throw new IllegalArgumentException(
          String.format(
              "nf %d, embedding %d, mlpHidden %d, z %d and bands %d must be at least 1,"
                  + " classes %d at least 2",
              nf, embedding, mlpHidden, z, bands, classes));
    }
    GeneratorVariant.requirePatchSize(patchSize, variants);
  }

  boolean has(GeneratorVariant variant) {
    return variants.contains(variant);
  }

  /** Cells along an edge of the start. */
  int startSize() {
    return patchSize / GeneratorVariant.stride(variants);
  }

  /** The widths as a card keeps them. */
  SortedMap<String, Integer> toCard() {
    SortedMap<String, Integer> sizes = new TreeMap<>();
    sizes.put("nf", nf);
    sizes.put("embedding", embedding);
    sizes.put("mlpHidden", mlpHidden);
    sizes.put("z", z);
    GeneratorVariant.toCard(variants, sizes);
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
        card.bands(),
        GeneratorVariant.of(card));
  }
}
