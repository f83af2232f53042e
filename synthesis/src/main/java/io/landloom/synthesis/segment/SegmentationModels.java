package io.landloom.synthesis.segment;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.landloom.geo.image.Raster;
import io.landloom.geo.image.SampleType;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.training.ImagePlanes;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.ModelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/** What networks that segment ask of a card and of an image. */
public final class SegmentationModels {
  private SegmentationModels() {}

  /** Checks that a card is of an architecture and of a form of its weights. */
  static void require(ModelCard card, String architecture, String inference) {
    if (!card.architecture().equals(architecture) || !card.inference().equals(inference)) {
      throw new ModelException(
          "model '" + card.name() + "'",
          String.format(
              "is %s (%s), not %s (%s)",
              card.architecture(), card.inference(), architecture, inference));
    }
  }

  /** Checks that images (B, bands, H, W) have the model's bands and sizes of whole cells. */
  public static void requireFits(Shape image, ModelCard card, int stride) {
    if (image.dimension() != 4
        || image.get(1) != card.bands()
        || image.get(2) % stride != 0
        || image.get(3) % stride != 0) {
      throw new IllegalArgumentException(
          String.format(
              "images %s, but model '%s' reads (B, %d, H, W) with H and W multiples of %d",
              image, card.name(), card.bands(), stride));
    }
  }

  /**
   * The most likely class of every pixel.
   *
   * @param images 8-bit images of the model's bands, all of one size
   * @param logits scores (B, K, H, W) of images (B, bands, H, W)
   */
  static List<byte[]> predict(
      List<Raster> images, ModelCard card, NDManager manager, UnaryOperator<NDArray> logits) {
    try (NativeScope scope = NativeScope.inference(manager)) {
      byte[] positions =
          logits
              .apply(planes(images, card, scope.manager()))
              .argMax(1)
              .toType(DataType.UINT8, false)
              .toByteArray();
      return byImage(positions, images.size());
    }
  }

  /** Scores of single windows by a network's logits (B, K, H, W). */
  public static WindowScores windows(
      ModelCard card, NDManager manager, UnaryOperator<NDArray> logits) {
    return new WindowScores() {
      @Override
      public int classes() {
        return card.scheme().classes().size() - 1;
      }

      @Override
      public float[] of(Raster window) {
        try (NativeScope scope = NativeScope.inference(manager)) {
          return logits.apply(planes(List.of(window), card, scope.manager())).toFloatArray();
        }
      }
    };
  }

  /** The class positions of every image, of those of all one after the other. */
  public static List<byte[]> byImage(byte[] positions, int images) {
    int pixels = positions.length / images;
    List<byte[]> each = new ArrayList<>();
    for (int i = 0; i < images; i++) {
      each.add(Arrays.copyOfRange(positions, i * pixels, (i + 1) * pixels));
    }
    return each;
  }

  /**
   * Images as networks see them, (B, bands, H, W) in -1 .. 1.
   *
   * @param images 8-bit images of the model's bands, all of one size
   * @throws IllegalArgumentException if they are not
   */
  public static NDArray planes(List<Raster> images, ModelCard card, NDManager manager) {
    Raster first = images.get(0);
    int samples = card.bands() * first.width() * first.height();
    float[] values = new float[images.size() * samples];
    for (int i = 0; i < images.size(); i++) {
      requireLike(first, images.get(i), i, card);
      ImagePlanes.copy(images.get(i), values, i * samples);
    }
    return manager.create(
        values, new Shape(images.size(), card.bands(), first.height(), first.width()));
  }

  private static void requireLike(Raster first, Raster image, int number, ModelCard card) {
    if (image.type() != SampleType.UINT8
        || image.bands() != card.bands()
        || image.width() != first.width()
        || image.height() != first.height()) {
      throw new IllegalArgumentException(
          String.format(
              "image %d: %s, but the first is %s, and model '%s' reads %d bands of UINT8",
              number, image, first, card.name(), card.bands()));
    }
  }
}
