package io.landloom.synthesis.diffusion.network;

import ai.djl.ndarray.NDArray;
import java.util.Optional;

/**
 * What a U-Net is conditioned on beside the timestep.
 *
 * @param text (B, N, textWidth)
 * @param shares (B, shares) of the sizes, for a U-Net that takes them
 */
public record UNetCondition(NDArray text, Optional<NDArray> shares) {
  /** A text alone. */
  public static UNetCondition ofText(NDArray text) {
    return new UNetCondition(text, Optional.empty());
  }
}
