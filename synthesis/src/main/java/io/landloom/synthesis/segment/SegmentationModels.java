package io.landloom.synthesis.segment;

import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.ModelException;

/** What the networks of this package ask of a card and of an image. */
final class SegmentationModels {
  private SegmentationModels() {}

  /** Checks that a card is of an architecture and of a form of its weights. */
  static void require(ModelCard card, String architecture, String inference) {
    if (!card.architecture().equals(architecture) || !card.inference().equals(inference)) {
      throw new ModelException(
          "model '" + card.name() + "'",
          String.format(
              "is %s (%s), not %s (%s)",
              card.architecture(), card.inference(), architecture, inference));
    }
  }

  /** Checks that images (B, bands, H, W) have the model's bands and sizes of whole cells. */
  static void requireFits(Shape image, ModelCard card, int stride) {
    if (image.dimension() != 4
        || image.get(1) != card.bands()
        || image.get(2) % stride != 0
        || image.get(3) % stride != 0) {
      throw new IllegalArgumentException(
          String.format(
              "images %s, but model '%s' reads (B, %d, H, W) with H and W multiples of %d",
              image, card.name(), card.bands(), stride));
    }
  }
}
