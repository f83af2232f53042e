package io.landloom.synthesis.gan;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.geo.image.Raster;
import io.landloom.geo.image.SampleType;
import io.landloom.synthesis.SeededStream;
import io.landloom.synthesis.gan.CsebganSettings.Augmentation;
import java.util.ArrayList;
import java.util.List;

/**
 * The real images of a step, their masks and the noise of their fakes: a pure function of the seed,
 * the stream's name and the step, so that training can stop and go on anywhere.
 *
 * @param image (B, bands, S, S) in -1 .. 1
 * @param maps of the B masks
 * @param noise of B images
 */
record TrainingBatch(NDArray image, ClassMaps maps, ClassNoise noise) {
  /** Draws batches from a set: every epoch in an order of its own, items turned and flipped. */
  static final class Sampler {
    private final CsebganSettings settings;
    private final GeneratorSizes sizes;
    private final ClassPositions positions;
    private final TrainingSet set;
    private final String purpose;
    private final int[] symmetries;
    private long orderedEpoch = -1;
    private int[] order = {};

    Sampler(
        CsebganSettings settings,
        GeneratorSizes sizes,
        ClassPositions positions,
        TrainingSet set,
        String purpose) {
      this.settings = settings;
      this.sizes = sizes;
      this.positions = positions;
      this.set = set;
      this.purpose = purpose;
      this.symmetries = symmetries(settings.augmentation());
      if (set.size() < 1) {
        throw new IllegalArgumentException("the training set is empty");
      }
    }

    /** The batch of a step, counted from 0. */
    TrainingBatch draw(NDManager manager, long step) {
      int size = sizes.patchSize();
      int batch = settings.batch();
      float[] image = new float[batch * sizes.bands() * size * size];
      byte[] mask = new byte[batch * size * size];
      List<ClassNoise.Source> noise = new ArrayList<>();
      for (int i = 0; i < batch; i++) {
        long draw = step * batch + i;
        int item = item(draw);
        int symmetry = symmetries[stream("symmetry", draw).nextInt(symmetries.length)];
        copyImage(item, symmetry, image, i);
        copyMask(item, symmetry, mask, i);
        noise.add((stream, count) -> stream("noise", draw, stream).normal(count));
      }
      return new TrainingBatch(
          manager.create(image, new Shape(batch, sizes.bands(), size, size)),
          new ClassMaps(manager, mask, size, sizes.classes()),
          ClassNoise.of(manager, sizes, noise));
    }

    private SeededStream stream(String what, long... numbers) {
      long[] name = new long[numbers.length + 1];
      name[0] = settings.seed();
      System.arraycopy(numbers, 0, name, 1, numbers.length);
      return SeededStream.of(List.of(purpose, what), name);
    }

    private int item(long draw) {
      long epoch = draw / set.size();
      if (epoch != orderedEpoch) {
        order = stream("order", epoch).permutation(set.size());
        orderedEpoch = epoch;
      }
      return order[(int) (draw % set.size())];
    }

    private void copyImage(int item, int symmetry, float[] target, int place) {
      Raster raster = set.image(item);
      int size = sizes.patchSize();
      int bands = sizes.bands();
      if (raster.width() != size
          || raster.height() != size
          || raster.bands() != bands
          || raster.type() != SampleType.UINT8) {
        throw new IllegalArgumentException(
            String.format(
                "training item %d: %s, but the settings say %d x %d x %d UINT8",
                item, raster, size, size, bands));
      }
      byte[] samples = raster.samples();
      for (int pixel = 0; pixel < size * size; pixel++) {
        int source = source(pixel, size, symmetry) * bands;
        for (int band = 0; band < bands; band++) {
          target[((place * bands + band) * size * size) + pixel] =
              (samples[source + band] & 0xFF) / 127.5f - 1;
        }
      }
    }

    private void copyMask(int item, int symmetry, byte[] target, int place) {
      int size = sizes.patchSize();
      byte[] mask = positions.of(set.mask(item), size, "training item " + item);
      for (int pixel = 0; pixel < size * size; pixel++) {
        target[place * size * size + pixel] = mask[source(pixel, size, symmetry)];
      }
    }
  }

  /** The symmetries that an augmentation's flips and turns make together. */
  static int[] symmetries(Augmentation augmentation) {
    boolean flips = augmentation.horizontal() || augmentation.vertical();
    if (augmentation.quarterTurns()) {
      return flips ? new int[] {0, 1, 2, 3, 4, 5, 6, 7} : new int[] {0, 3, 5, 6};
    }
    if (augmentation.horizontal()) {
      return augmentation.vertical() ? new int[] {0, 1, 2, 3} : new int[] {0, 1};
    }
    return augmentation.vertical() ? new int[] {0, 2} : new int[] {0};
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
