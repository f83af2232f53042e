package io.landloom.synthesis.diffusion.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.diffusion.mask.ClassCodes;
import io.landloom.synthesis.tensor.Operators;

/**
 * Masks as the class codes of square cells: a cell's code is the mean over its valid pixels.
 *
 * @param codes of the classes
 * @param cell pixels along an edge of a cell
 */
public record CodeSpace(ClassCodes codes, int cell) {
  /** Checks the range. */
  public CodeSpace {
    if (cell < 1) {
      throw new IllegalArgumentException("cell " + cell + " is below 1");
    }
  }

  /**
   * Coded masks.
   *
   * @param codes (B, bits, H, W), 0 where a cell has no valid pixel
   * @param valid (B, 1, H, W), 1 where a cell has valid pixels and 0 elsewhere
   */
  public record Coded(NDArray codes, NDArray valid) {}

  /**
   * Codes masks.
   *
   * @param positions (B, size, size); positions beyond the classes are not valid
   */
  public Coded encode(NDManager manager, byte[] positions, int size) {
    int batch = positions.length / (size * size);
    int cells = size / cell;
    int bits = codes.bits();
    float[] planes = new float[batch * bits * cells * cells];
    float[] valid = new float[batch * cells * cells];
    for (int place = 0; place < valid.length; place++) {
      int image = place / (cells * cells);
      int row = place / cells % cells * cell;
      int column = place % cells * cell;
      int counted = 0;
      float[] sums = new float[bits];
      for (int i = 0; i < cell * cell; i++) {
        int pixel = (row + i / cell) * size + column + i % cell;
        int position = positions[image * size * size + pixel] & 0xFF;
        if (position < codes.classes()) {
          counted++;
          for (int bit = 0; bit < bits; bit++) {
            sums[bit] += codes.bit(position, bit);
          }
        }
      }
      valid[place] = counted > 0 ? 1 : 0;
      for (int bit = 0; bit < bits && counted > 0; bit++) {
        planes[(image * bits + bit) * cells * cells + place % (cells * cells)] =
            sums[bit] / counted;
      }
    }
    return new Coded(
        Operators.ownCopy(manager.create(planes, new Shape(batch, bits, cells, cells))),
        Operators.ownCopy(manager.create(valid, new Shape(batch, 1, cells, cells))));
  }
}
