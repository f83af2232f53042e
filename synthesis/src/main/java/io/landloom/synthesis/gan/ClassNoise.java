package io.landloom.synthesis.gan;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;

/**
 * The noise of a batch.
 *
 * @param z (B, z), of the whole image
 * @param gamma (B, K+1, E), of every class's scale embedding
 * @param beta (B, K+1, E), of every class's shift embedding
 */
record ClassNoise(NDArray z, NDArray gamma, NDArray beta) {
  /** Where the noise of one image comes from: one stream a class, and one for the whole. */
  interface Source {
    /** Standard normal numbers of a class's position, or of the whole image at -1. */
    float[] normal(int stream, int count);
  }

  private static final int WHOLE_IMAGE = -1;

  /** The noise of the images of these sources. */
  static ClassNoise of(NDManager manager, GeneratorSizes sizes, List<Source> sources) {
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
        manager.create(z, new Shape(batch, sizes.z())),
        manager.create(gamma, rows),
        manager.create(beta, rows));
  }
}
