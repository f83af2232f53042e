package io.landloom.synthesis.diffusion.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import java.util.Optional;

/**
 * What a U-Net is conditioned on beside the timestep.
 *
 * @param text (B, N, textWidth)
 * @param shares (B, shares) of the sizes, for a U-Net that takes them
 */
public record UNetCondition(NDArray text, Optional<NDArray> shares) {
  /** The conditions of two batches that are asked in one, this one's first. */
  public UNetCondition then(UNetCondition other) {
    return new UNetCondition(
        joined(text, other.text), shares.map(own -> joined(own, other.shares.orElseThrow())));
  }

  private static NDArray joined(NDArray one, NDArray other) {
    return NDArrays.concat(new NDList(one, other), 0);
  }

  /** A text alone. */
  public static UNetCondition ofText(NDArray text) {
    return new UNetCondition(text, Optional.empty());
  }
}
