package io.landloom.synthesis;

import java.util.List;

/**
 * Makes an image for every mask it is given.
 *
 * <p>One synthesizer serves several task threads at once. The image of a condition depends on the
 * run's seed, the model and the condition (see {@link NoiseKey}), up to one grey level on the
 * conditions that share its batch.
 */
public interface Synthesizer extends AutoCloseable {
  /** The model's name, as written into every pair's row. */
  String name();

  /** SHA-256 of weights, structure and inference form, in hexadecimal. */
  String modelDigest();

  /** Pixels along an edge of masks and images. */
  int patchSize();

  /** Samples a pixel of the images. */
  int bands();

  /** Name of the land-cover scheme the masks must use. */
  String scheme();

  /** Most conditions a call may bring. */
  int batchSize();

  /**
   * Synthesizes one pair a condition, in the given order; a pair says how many of its samples were
   * not finite.
   *
   * @param conditions from 1 to {@link #batchSize()}; fewer are padded to a full batch
   * @throws IllegalArgumentException if there are too many conditions, or a mask has the wrong size
   *     or a class index outside the scheme
   */
  default List<Pair> synthesize(List<Condition> conditions) {
    return synthesize(conditions, batchSize());
  }

  /**
   * Synthesizes like {@link #synthesize(List)} in a smaller batch, which needs less of the device's
   * memory.
   *
   * @param conditions from 1 to {@code shape}; fewer are padded to it
   * @param shape images computed at once, from 1 to {@link #batchSize()}
   */
  List<Pair> synthesize(List<Condition> conditions, int shape);

  /**
   * Checks what a call brings.
   *
   * @throws IllegalArgumentException if the shape is outside 1..batchSize, or the number of
   *     conditions outside 1..shape
   */
  static void requireFits(List<Condition> conditions, int shape, int batchSize) {
    if (shape < 1 || shape > batchSize) {
      throw new IllegalArgumentException("batch of shape " + shape + ", outside 1.." + batchSize);
    }
    if (conditions.isEmpty() || conditions.size() > shape) {
      throw new IllegalArgumentException(
          conditions.size() + " conditions in a call, outside 1.." + shape);
    }
  }

  /** Frees the native memory; no call may be running. */
  @Override
  void close();
}
