package io.landloom.synthesis.segment;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.landloom.geo.image.Raster;
import io.landloom.synthesis.tensor.FeatureMaps;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.tensor.TorchEngine;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.ModelException;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.List;

/**
 * A network trained on real patches whose features stand in for those of networks trained on
 * photographs: for distances between sets of images, and for a perceptual loss.
 *
 * <p>Its weights are fixed. Methods run in the scope of the caller, who may record gradients.
 */
public final class FeatureNet implements FeatureMaps {
  /** The architecture a card must name. */
  public static final String ARCHITECTURE = "features";

  /** The form of the shipped weights. */
  static final String INFERENCE = "group norm, float32 NCHW";

  private final ModelCard card;
  private final String digest;
  private final ResidualNet.Sizes sizes;
  private final NDManager manager;
  private final ResidualNet net;

  private FeatureNet(ModelBundle bundle, Device device) {
    this.card = bundle.card();
    String source = "model '" + card.name() + "'";
    SegmentationModels.require(card, ARCHITECTURE, INFERENCE);
    this.digest = bundle.digest();
    this.sizes = sizes(card);
    List<TensorSpec> layout = ResidualNet.shippedLayout(sizes);
    bundle.tensors().requireShapes(source, TensorSpec.shapes(layout));
    this.manager = TorchEngine.newManager(device);
    this.net = new ResidualNet(sizes, ParameterSet.of(manager, layout, bundle.tensors()));
  }

  private static ResidualNet.Sizes sizes(ModelCard card) {
    try {
      return new ResidualNet.Sizes(
          card.bands(),
          card.size("width"),
          card.size("blocks"),
          card.scheme().classes().size() - 1);
    } catch (IllegalArgumentException e) {
      throw new ModelException("model '" + card.name() + "'", e.getMessage());
    }
  }

  /**
   * Loads a network onto a device.
   *
   * @throws ModelException if the model is no feature net, or its tensors do not fit
   */
  public static FeatureNet load(ModelBundle bundle, Device device) {
    return new FeatureNet(bundle, device);
  }

  /** The model's name. */
  public String name() {
    return card.name();
  }

  /** Digest of the bundle. */
  @Override
  public String digest() {
    return digest;
  }

  @Override
  public int bands() {
    return card.bands();
  }

  /** Channels of the maps, shallow to deep. */
  public List<Integer> channels() {
    return sizes.channels();
  }

  /**
   * {@inheritDoc}
   *
   * @param image H and W must be multiples of 16
   * @return (B, C, H / s, W / s) for s = 1, 2, 4, 8, 16
   */
  @Override
  public List<NDArray> maps(NDArray image) {
    SegmentationModels.requireFits(image.getShape(), card, ResidualNet.STRIDE);
    return net.maps(image);
  }

  /** Mean (B, C) of the last map over the image. */
  public NDArray vector(NDArray image) {
    List<NDArray> maps = maps(image);
    return Operators.channelMeans(maps.get(maps.size() - 1));
  }

  /** Class scores (B, K, H, W) of the valid classes. */
  public NDArray logits(NDArray image) {
    return net.logits(maps(image));
  }

  /**
   * The most likely valid class of every pixel; the first of equals.
   *
   * @param images 8-bit images of the model's bands, all of one size
   * @return class positions of each image, row-major
   */
  public List<byte[]> predict(List<Raster> images) {
    return SegmentationModels.predict(images, card, manager, this::logits);
  }

  @Override
  public void close() {
    manager.close();
  }
}
