package io.landloom.synthesis.gan;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.training.ClassMaps;
import io.landloom.synthesis.training.PatchSampler;
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
  /**
   * Draws batches.
   *
   * @param sizes the generator's sizes
   * @param patches where the real images come from
   */
  record Sampler(GeneratorSizes sizes, PatchSampler patches) {
    /** The batch of a step, counted from 0. */
    TrainingBatch draw(NDManager manager, long step) {
      int size = sizes.patchSize();
      PatchSampler.Patches drawn = patches.draw(step);
      int batch = drawn.symmetries().length;
      List<PatchNoise> noise = new ArrayList<>();
      for (int i = 0; i < batch; i++) {
        noise.add(new PatchNoise(patches, step * batch + i));
      }
      ClassMaps maps = new ClassMaps(manager, drawn.positions(), size, sizes.classes());
      return new TrainingBatch(
          manager.create(drawn.image(), new Shape(batch, sizes.bands(), size, size)),
          maps,
          ClassNoise.of(manager, sizes, noise, maps));
    }
  }

  private record PatchNoise(PatchSampler patches, long draw) implements ClassNoise.Source {
    @Override
    public float[] normal(int stream, int count) {
      return patches.stream("noise", draw, stream).normal(count);
    }

    @Override
    public float[] ofPixels(int stream, int count) {
      return patches.stream("pixel noise", draw, stream).uniform(count);
    }
  }
}
