package io.landloom.synthesis.ddpm;

import ai.djl.ndarray.NDArray;
import java.util.List;

/** Gives every pixel a score for each class, from maps of several sizes. */
sealed interface HeadNet permits ResidualHead, PixelEnsemble {
  /**
   * Class scores, of every network of an ensemble.
   *
   * @param features (B, C_i, h_i, w_i), the last of them the image's {@link Colours} where the head
   *     sees them
   * @param height of the images
   * @param width of the images
   * @return logits (B, K, height, width), one a network
   */
  List<NDArray> logits(List<NDArray> features, long height, long width);
}
