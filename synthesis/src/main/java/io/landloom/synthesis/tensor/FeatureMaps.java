package io.landloom.synthesis.tensor;

import ai.djl.ndarray.NDArray;
import java.util.List;

/** A frozen network whose features say how alike two images look. */
public interface FeatureMaps extends AutoCloseable {
  /** Number of maps; map l has a cell for 2^l x 2^l pixels. */
  int LEVELS = 5;

  /**
   * The features of images, recorded for gradients of the image where the caller records.
   *
   * @param image (B, bands, S, S) in -1 .. 1
   * @return {@value #LEVELS} maps (B, C_l, S / 2^l, S / 2^l), shallow to deep
   */
  List<NDArray> maps(NDArray image);

  /** Samples a pixel it takes. */
  int bands();

  /** SHA-256 of everything that decides its features. */
  String digest();

  /** Frees its arrays. */
  @Override
  void close();
}
