package io.landloom.synthesis.gan;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.training.ClassMaps;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The noise of a batch.
 *
 * @param z (B, z), of the whole image
 * @param gamma (B, K+1, E), of every class's scale embedding
 * @param beta (B, K+1, E), of every class's shift embedding
 * @param pixels (B, 1, s, s) for every size s of a block, of each pixel's class; none if the
 *     generator takes none
 */
record ClassNoise(NDArray z, NDArray gamma, NDArray beta, Map<Integer, NDArray> pixels) {
  /** Where the noise of one image comes from: one stream a class, and one for the whole. */
  interface Source {
    /** Standard normal numbers of a class's position, or of the whole image at -1. */
    float[] normal(int stream, int count);

    /** Uniform numbers of mean 0 and variance 1 for the pixels of a class's position. */
    float[] ofPixels(int stream, int count);
  }

  private static final int WHOLE_IMAGE = -1;

  /**
   * The noise of the images of these sources.
   *
   * @param maps of the images' masks
   */
  static ClassNoise of(
      NDManager manager, GeneratorSizes sizes, List<? extends Source> sources, ClassMaps maps) {
    int batch = sources.size();
    int classes = sizes.classes();
    int width = sizes.embedding();
    int betaFrom = sizes.has(GeneratorVariant.SHARED_NOISE) ? 0 : width;
    float[] z = new float[batch * sizes.z()];
    float[] gamma = new float[batch * classes * width];
    float[] beta = new float[gamma.length];
    for (int image = 0; image < batch; image++) {
      Source source = sources.get(image);
      float[] whole = source.normal(WHOLE_IMAGE, sizes.z());
      System.arraycopy(whole, 0, z, image * sizes.z(), sizes.z());
      for (int position = 0; position < classes; position++) {
        float[] both = source.normal(position, 2 * width);
        int row = (image * classes + position) * width;
        System.arraycopy(both, 0, gamma, row, width);
        System.arraycopy(both, betaFrom, beta, row, width);
      }
    }
    Shape rows = new Shape(batch, classes, width);
    return new ClassNoise(
        Operators.ownCopy(manager.create(z, new Shape(batch, sizes.z()))),
        manager.create(gamma, rows),
        manager.create(beta, rows),
        sizes.has(GeneratorVariant.PIXEL_NOISE) ? pixels(manager, sizes, sources, maps) : Map.of());
  }

  private static Map<Integer, NDArray> pixels(
      NDManager manager, GeneratorSizes sizes, List<? extends Source> sources, ClassMaps maps) {
    Map<Integer, float[]> fields = new HashMap<>();
    int total = 0;
    for (int size = sizes.startSize(); size <= sizes.patchSize(); size *= 2) {
      fields.put(size, new float[sources.size() * size * size]);
      total += size * size;
    }
    for (int image = 0; image < sources.size(); image++) {
      Map<Integer, float[]> ofClass = new HashMap<>();
      int from = 0;
      for (int size = sizes.startSize(); size <= sizes.patchSize(); size *= 2) {
        byte[] positions = maps.resized(size);
        for (int i = 0; i < size * size; i++) {
          int place = image * size * size + i;
          fields.get(size)[place] =
              numbers(ofClass, sources.get(image), positions[place], total)[from + i];
        }
        from += size * size;
      }
    }
    Map<Integer, NDArray> arrays = new HashMap<>();
    fields.forEach(
        (size, field) ->
            arrays.put(size, manager.create(field, new Shape(sources.size(), 1, size, size))));
    return arrays;
  }

  private static float[] numbers(
      Map<Integer, float[]> ofClass, Source source, int position, int count) {
    return ofClass.computeIfAbsent(position, stream -> source.ofPixels(stream, count));
  }
}
