package io.landloom.synthesis.ddpm;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.geo.image.Raster;
import io.landloom.synthesis.diffusion.NoiseSchedule;
import io.landloom.synthesis.segment.SegmentationModels;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.tensor.TorchEngine;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.ModelException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;

/**
 * Features of images for use elsewhere: the inner maps of a trained diffusion model of pixels
 * (Baranchuk et al., ICLR 2022). They are a function of the image alone, see ADR 27.
 */
public final class DdpmFeatures implements AutoCloseable {
  private final ModelCard card;
  private final List<Kind> kinds;
  private final List<Integer> order;
  private final NDManager manager;
  private final NoisyFeatures features;

  /**
   * A map that is taken of every image.
   *
   * @param timestep timestep of the model's schedule
   * @param signal share of the signal in the variance there
   * @param block number of the block in its half of the network
   * @param channels channels of the map
   * @param stride pixels of the image that a pixel of the map stands for, along an edge
   */
  public record Kind(int timestep, double signal, int block, int channels, int stride) {}

  /**
   * A map of an image.
   *
   * @param values (channels, height, width), row-major
   */
  public record FeatureMap(Kind kind, int height, int width, float[] values) {}

  private DdpmFeatures(ModelBundle bundle, FeatureChoice choice, Device device) {
    Ddpm.require(bundle);
    this.card = bundle.card();
    List<Kind> asChosen = inOrderOfChoice(card, choice);
    this.kinds = kinds(card, choice);
    this.order = kinds.stream().map(asChosen::indexOf).toList();
    this.manager = TorchEngine.newManager(device);
    PixelUNetSizes sizes = PixelUNetSizes.of(card);
    PixelUNet net =
        new PixelUNet(sizes, ParameterSet.of(manager, PixelUNet.layout(sizes), bundle.tensors()));
    this.features = new NoisyFeatures(net, Ddpm.schedule(card), choice);
  }

  /**
   * Loads a model onto a device.
   *
   * @throws ModelException if it is another kind of model, or its tensors do not fit
   */
  public static DdpmFeatures load(ModelBundle bundle, FeatureChoice choice, Device device) {
    return new DdpmFeatures(bundle, choice, device);
  }

  /**
   * A choice of a model's maps.
   *
   * @param blocks numbers of blocks; none for the last of every level but the finest
   * @param signals shares of the signal in the variance
   * @throws IllegalArgumentException if there are no such blocks, or two signals are the same
   *     timestep
   */
  public static FeatureChoice choice(
      ModelCard card, PixelUNet.Half half, List<Integer> blocks, List<Double> signals) {
    FeatureChoice choice = FeatureChoice.of(PixelUNetSizes.of(card), half, blocks, signals);
    List<Kind> kinds = inOrderOfChoice(card, choice);
    if (new HashSet<>(kinds).size() < kinds.size()) {
      throw new IllegalArgumentException(
          "blocks "
              + choice.blocks()
              + " at signals "
              + signals
              + ", which are the timesteps "
              + choice.timesteps(Ddpm.schedule(card))
              + ", give a map twice");
    }
    return choice;
  }

  /** The maps of a choice, by timestep and block. */
  public static List<Kind> kinds(ModelCard card, FeatureChoice choice) {
    return inOrderOfChoice(card, choice).stream()
        .sorted(Comparator.comparingInt(Kind::timestep).thenComparingInt(Kind::block))
        .toList();
  }

  /** Pixels that an image's edge must be a multiple of. */
  public static int stride(ModelCard card) {
    return PixelUNetSizes.of(card).stride();
  }

  private static List<Kind> inOrderOfChoice(ModelCard card, FeatureChoice choice) {
    NoiseSchedule schedule = Ddpm.schedule(card);
    List<PixelUNet.MapSize> maps = PixelUNet.sizesOf(PixelUNetSizes.of(card), choice.half());
    List<Kind> kinds = new ArrayList<>();
    for (int timestep : choice.timesteps(schedule)) {
      for (int block : choice.blocks()) {
        PixelUNet.MapSize map = maps.get(block);
        double signal = schedule.level(timestep).signal();
        kinds.add(new Kind(timestep, signal, block, map.channels(), map.stride()));
      }
    }
    return kinds;
  }

  /**
   * The maps of an image, by timestep and block.
   *
   * @param image 8-bit image of the model's bands, its edges multiples of {@link #stride}
   * @throws IllegalArgumentException if it is not
   */
  public List<FeatureMap> of(Raster image) {
    try (NativeScope scope = NativeScope.inference(manager)) {
      NDArray planes = SegmentationModels.planes(List.of(image), card, scope.manager());
      List<NDArray> maps = features.of(planes);
      List<FeatureMap> found = new ArrayList<>();
      for (int i = 0; i < kinds.size(); i++) {
        NDArray map = maps.get(order.get(i));
        Shape shape = map.getShape();
        found.add(
            new FeatureMap(
                kinds.get(i), (int) shape.get(2), (int) shape.get(3), map.toFloatArray()));
      }
      return found;
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
