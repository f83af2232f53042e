package io.landloom.synthesis.segment;

import ai.djl.ndarray.NDArray;
import io.landloom.synthesis.tensor.Statistics;

/** A network that gives every pixel a score for each class. */
interface SegmentationNet {
  /**
   * Segments images.
   *
   * @param image (B, bands, H, W) in -1 .. 1
   * @return logits (B, K, H, W)
   */
  NDArray forward(NDArray image, Statistics statistics);
}
