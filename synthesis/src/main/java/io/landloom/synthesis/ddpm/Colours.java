package io.landloom.synthesis.ddpm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.tensor.Operators;

/**
 * What a head sees of an image itself, beside the maps of the network below: colours, of which
 * those maps tell little.
 */
final class Colours {
  /** Colours of scenes deviate from their mean by about a quarter of the range -1 .. 1. */
  private static final double SCALE = 4;

  private static final int HALVINGS = 2;
  private static final int PARTS = 3;

  private Colours() {}

  /** Channels of {@link #of} of an image. */
  static int channels(int bands) {
    return PARTS * bands;
  }

  /**
   * The bands of every 2 x 2 pixels, of the 8 x 8 around them, interpolated, and of the whole
   * image.
   *
   * @param image (B, bands, H, W) in -1 .. 1, both edges even
   * @return (B, 3 bands, H / 2, W / 2)
   */
  static NDArray of(NDArray image) {
    NDArray cells = Operators.scaled(Operators.halvedByPlainMean(image), SCALE);
    Shape shape = cells.getShape();
    NDArray around = cells;
    for (int i = 0; i < HALVINGS && Math.min(edge(around, 2), edge(around, 3)) > 1; i++) {
      around = Operators.halvedByPlainMean(around);
    }
    NDArray whole = Operators.channelMeans(cells).reshape(shape.get(0), shape.get(1), 1, 1);
    return NDArrays.concat(
        new NDList(
            cells, Operators.resized(around, shape.get(2), shape.get(3)), whole.broadcast(shape)),
        1);
  }

  private static long edge(NDArray x, int axis) {
    return x.getShape().get(axis);
  }
}
