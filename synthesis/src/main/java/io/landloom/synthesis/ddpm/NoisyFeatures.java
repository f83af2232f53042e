package io.landloom.synthesis.ddpm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.SeededStream;
import io.landloom.synthesis.diffusion.NoiseLevel;
import io.landloom.synthesis.diffusion.NoiseSchedule;
import io.landloom.synthesis.tensor.Operators;
import java.util.ArrayList;
import java.util.List;

/**
 * What a network that removes noise makes of an image with a little of it (Baranchuk et al., ICLR
 * 2022): its inner maps at several noise levels.
 *
 * <p>All noise levels of an image are one batch, and no other image is in it: the features of an
 * image are the same bits in whatever batch it comes. The noise is one and the same for all images.
 */
final class NoisyFeatures {
  private final PixelUNet net;
  private final NoiseSchedule schedule;
  private final FeatureChoice choice;
  private final List<Integer> timesteps;

  NoisyFeatures(PixelUNet net, NoiseSchedule schedule, FeatureChoice choice) {
    this.net = net;
    this.schedule = schedule;
    this.choice = choice;
    this.timesteps = choice.timesteps(schedule);
  }

  /** The timesteps of the choice's signals. */
  List<Integer> timesteps() {
    return timesteps;
  }

  /**
   * How noise is added to one image.
   *
   * @param timesteps one a signal of the choice
   * @param noise standard normal numbers (1, bands, H, W)
   */
  record Noising(List<Integer> timesteps, NDArray noise) {}

  /** The noise that all images share, which depends on their size (1, bands, H, W) alone. */
  static NDArray sharedNoise(NDManager manager, Shape one) {
    SeededStream stream =
        SeededStream.of(List.of("shared noise"), one.get(1), one.get(2), one.get(3));
    return noise(manager, stream, one);
  }

  static NDArray noise(NDManager manager, SeededStream stream, Shape shape) {
    return Operators.ownCopy(manager.create(stream.normal(Math.toIntExact(shape.size())), shape));
  }

  /** The choice's noise levels of the noise that all images share. */
  Noising shared(NDManager manager, Shape image) {
    Shape one = new Shape(1, image.get(1), image.get(2), image.get(3));
    return new Noising(timesteps, sharedNoise(manager, one));
  }

  /**
   * The features of images with the shared noise.
   *
   * @param image (B, bands, H, W) in -1 .. 1
   * @return for each signal a map a block, (B, C, H / s, W / s)
   */
  List<NDArray> of(NDArray image) {
    Noising shared = shared(image.getManager(), image.getShape());
    List<List<NDArray>> all = new ArrayList<>();
    for (long i = 0; i < image.getShape().get(0); i++) {
      all.add(ofOne(image.get(new NDIndex(i + ":" + (i + 1))), shared));
    }
    return together(all);
  }

  /** Batches of the features of single images. */
  static List<NDArray> together(List<List<NDArray>> images) {
    List<NDArray> batches = new ArrayList<>();
    for (int source = 0; source < images.get(0).size(); source++) {
      NDList parts = new NDList();
      for (List<NDArray> image : images) {
        parts.add(image.get(source));
      }
      batches.add(parts.size() == 1 ? parts.get(0) : NDArrays.concat(parts, 0));
    }
    return batches;
  }

  /**
   * The features of one image.
   *
   * @param image (1, bands, H, W)
   */
  List<NDArray> ofOne(NDArray image, Noising noising) {
    int count = noising.timesteps().size();
    float[] alphas = new float[count];
    float[] sigmas = new float[count];
    int[] steps = new int[count];
    for (int i = 0; i < count; i++) {
      steps[i] = noising.timesteps().get(i);
      NoiseLevel level = schedule.level(steps[i]);
      alphas[i] = (float) level.alpha();
      sigmas[i] = (float) level.sigma();
    }
    NDManager manager = image.getManager();
    Shape each = new Shape(count, 1, 1, 1);
    NDArray noisy =
        image
            .mul(Operators.ownCopy(manager.create(alphas, each)))
            .add(noising.noise().mul(Operators.ownCopy(manager.create(sigmas, each))));
    List<NDArray> maps = net.maps(noisy, steps, choice.half(), choice.blocks());
    List<NDArray> features = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      for (NDArray map : maps) {
        features.add(map.get(new NDIndex(i + ":" + (i + 1))));
      }
    }
    return features;
  }
}
