package io.landloom.synthesis.training;

import ai.djl.ndarray.types.Shape;
import io.landloom.geo.image.Raster;
import io.landloom.geo.image.SampleType;
import io.landloom.synthesis.SeededStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws batches of labelled patches: every epoch in an order of its own, items turned and flipped.
 *
 * <p>A batch is a pure function of the seed, the sampler's purpose and the step, so that training
 * can stop and go on anywhere.
 */
public final class PatchSampler {
  private final TrainingSet set;
  private final ClassPositions positions;
  private final Sizes sizes;
  private final long seed;
  private final String purpose;
  private final int[] symmetries;
  private final PatchOrder ordering;
  private long orderedEpoch = -1;
  private int[] order = {};

  /**
   * Sizes of a batch.
   *
   * @param batch patches
   * @param patchSize pixels along an edge
   * @param bands samples a pixel
   */
  public record Sizes(int batch, int patchSize, int bands) {
    /** Shape (B, bands, S, S) of the images. */
    public Shape shape() {
      return new Shape(batch, bands, patchSize, patchSize);
    }

    int pixels() {
      return patchSize * patchSize;
    }
  }

  /**
   * The patches of a step.
   *
   * @param image (B, bands, S, S) in -1 .. 1
   * @param positions (B, S, S) class positions
   * @param symmetries which of the square's eight symmetries was applied to each patch: bit 0
   *     mirrors columns, bit 1 mirrors rows, then bit 2 exchanges both
   * @param items their numbers in the set
   * @param captions of the items, before they were turned
   */
  public record Patches(
      float[] image, byte[] positions, int[] symmetries, int[] items, List<String> captions) {}

  /**
   * A sampler of a set.
   *
   * @param purpose name of the draws, so that samplers of one seed differ
   * @throws IllegalArgumentException if the set is empty
   */
  public PatchSampler(
      TrainingSet set, ClassPositions positions, Sizes sizes, long seed, String purpose) {
    this(set, positions, sizes, PatchOrder.Sampling.UNIFORM, Augmentation.ALL, seed, purpose);
  }

  /** A sampler that chooses and turns patches in its own way. */
  public PatchSampler(
      TrainingSet set,
      ClassPositions positions,
      Sizes sizes,
      PatchOrder.Sampling sampling,
      Augmentation augmentation,
      long seed,
      String purpose) {
    if (set.size() < 1) {
      throw new IllegalArgumentException("the training set is empty");
    }
    this.set = set;
    this.positions = positions;
    this.sizes = sizes;
    this.seed = seed;
    this.purpose = purpose;
    this.symmetries = augmentation.symmetries();
    this.ordering = PatchOrder.of(sampling, set, positions);
  }

  /** The batch of a step, counted from 0. */
  public Patches draw(long step) {
    int batch = sizes.batch();
    Patches patches =
        new Patches(
            new float[batch * sizes.bands() * sizes.pixels()],
            new byte[batch * sizes.pixels()],
            new int[batch],
            new int[batch],
            new ArrayList<>());
    for (int i = 0; i < batch; i++) {
      long draw = step * batch + i;
      int item = item(draw);
      patches.items[i] = item;
      patches.captions.add(set.caption(item));
      patches.symmetries[i] = symmetries[stream("symmetry", draw).nextInt(symmetries.length)];
      copyImage(item, patches, i);
      copyMask(item, patches, i);
    }
    return patches;
  }

  /** Random numbers of this sampler, by what they are for and further numbers. */
  public SeededStream stream(String what, long... numbers) {
    long[] name = new long[numbers.length + 1];
    name[0] = seed;
    System.arraycopy(numbers, 0, name, 1, numbers.length);
    return SeededStream.of(List.of(purpose, what), name);
  }

  private int item(long draw) {
    long epoch = draw / set.size();
    if (epoch != orderedEpoch) {
      order = ordering.epoch(stream("order", epoch));
      orderedEpoch = epoch;
    }
    return order[(int) (draw % set.size())];
  }

  private void copyImage(int item, Patches patches, int place) {
    int size = sizes.patchSize();
    int bands = sizes.bands();
    byte[] samples = samples(set.image(item), sizes, "training item " + item);
    for (int pixel = 0; pixel < sizes.pixels(); pixel++) {
      int source = source(pixel, size, patches.symmetries[place]) * bands;
      for (int band = 0; band < bands; band++) {
        patches.image[(place * bands + band) * sizes.pixels() + pixel] =
            ImagePlanes.value(samples[source + band]);
      }
    }
  }

  private static byte[] samples(Raster raster, Sizes sizes, String what) {
    if (raster.width() != sizes.patchSize()
        || raster.height() != sizes.patchSize()
        || raster.bands() != sizes.bands()
        || raster.type() != SampleType.UINT8) {
      throw new IllegalArgumentException(
          String.format(
              "%s: %s, but the settings say %d x %d x %d UINT8",
              what, raster, sizes.patchSize(), sizes.patchSize(), sizes.bands()));
    }
    return raster.samples();
  }

  private void copyMask(int item, Patches patches, int place) {
    int size = sizes.patchSize();
    byte[] mask = positions.of(set.mask(item), size, "training item " + item);
    for (int pixel = 0; pixel < sizes.pixels(); pixel++) {
      patches.positions[place * sizes.pixels() + pixel] =
          mask[source(pixel, size, patches.symmetries[place])];
    }
  }

  /** The pixel that one of the square's eight symmetries brings to this place. */
  static int source(int pixel, int size, int symmetry) {
    int x = pixel % size;
    int y = pixel / size;
    int last = size - 1;
    if ((symmetry & 1) != 0) {
      x = last - x;
    }
    if ((symmetry & 2) != 0) {
      y = last - y;
    }
    return (symmetry & 4) != 0 ? x * size + y : y * size + x;
  }
}
