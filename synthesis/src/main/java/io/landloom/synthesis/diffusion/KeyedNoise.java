package io.landloom.synthesis.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.NoiseKey;
import io.landloom.synthesis.tensor.Operators;
import java.util.List;

/**
 * Noise of a batch, each latent's from its own key: the same in whatever batch it is drawn.
 *
 * @param keys one a latent
 */
public record KeyedNoise(List<NoiseKey> keys) implements StepNoise {
  /** Copies the keys. */
  public KeyedNoise {
    keys = List.copyOf(keys);
  }

  /**
   * The latents that sampling starts from.
   *
   * @param one shape of one latent, (C, H, W)
   * @return (B, C, H, W)
   */
  public NDArray start(NDManager manager, Shape one) {
    Shape shape = new Shape(keys.size()).addAll(one);
    try (NDArray borrowed =
        manager.create(numbers(NoiseKey.WHOLE_IMAGE, (int) one.size()), shape)) {
      return Operators.ownCopy(borrowed);
    }
  }

  @Override
  public NDArray of(int step, NDArray like) {
    Shape shape = like.getShape();
    if (shape.get(0) != keys.size()) {
      throw new IllegalArgumentException(
          shape.get(0) + " latents, but noise keys for " + keys.size());
    }
    return like.getManager().create(numbers(step, (int) (shape.size() / keys.size())), shape);
  }

  private float[] numbers(int stream, int each) {
    float[] numbers = new float[keys.size() * each];
    for (int i = 0; i < keys.size(); i++) {
      System.arraycopy(keys.get(i).normal(stream, each), 0, numbers, i * each, each);
    }
    return numbers;
  }
}
