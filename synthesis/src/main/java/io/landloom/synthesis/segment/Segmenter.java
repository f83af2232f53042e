package io.landloom.synthesis.segment;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.tensor.Statistics;
import io.landloom.synthesis.tensor.TorchEngine;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.ModelException;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.List;
import java.util.function.Supplier;

/** Segments images with a trained plain segmenter; its weights are fixed. */
public final class Segmenter implements AutoCloseable {
  /** The architecture that the card of a U-Net names; those of others begin with it. */
  static final String ARCHITECTURE = "segmenter";

  /** The form of the shipped weights. */
  static final String INFERENCE = "batch norm with running statistics, float32 NCHW";

  private final ModelCard card;
  private final String digest;
  private final NDManager manager;
  private final Architecture architecture;
  private final SegmentationNet net;

  private Segmenter(ModelBundle bundle, LandCoverScheme scheme, Supplier<NDManager> managers) {
    this.card = bundle.card();
    this.architecture = Architecture.ofCard(card).orElse(Architecture.U_NET);
    SegmentationModels.require(card, architecture.onCards(), INFERENCE);
    card.requireScheme(scheme);
    this.digest = bundle.digest();
    List<TensorSpec> layout = layout();
    bundle.tensors().requireShapes("model '" + card.name() + "'", TensorSpec.shapes(layout));
    this.manager = managers.get();
    this.net = architecture.net(ParameterSet.of(manager, layout, bundle.tensors()));
  }

  private List<TensorSpec> layout() {
    try {
      return architecture.layout(card.bands(), card.size("width"), classes());
    } catch (IllegalArgumentException e) {
      throw new ModelException("model '" + card.name() + "'", e.getMessage());
    }
  }

  /** Whether a card is of a plain segmenter, of whatever network. */
  public static boolean reads(ModelCard card) {
    return Architecture.ofCard(card).isPresent();
  }

  /**
   * Loads a segmenter onto a device.
   *
   * @param scheme the classes it must know
   * @throws ModelException if the model is no segmenter, of another scheme, or its tensors do not
   *     fit
   */
  public static Segmenter load(ModelBundle bundle, LandCoverScheme scheme, Device device) {
    return new Segmenter(bundle, scheme, () -> TorchEngine.newManager(device));
  }

  /**
   * Loads a segmenter whose arrays end with a manager's, if not before.
   *
   * @param scheme the classes it must know
   * @throws ModelException as above
   */
  public static Segmenter load(NDManager manager, ModelBundle bundle, LandCoverScheme scheme) {
    return new Segmenter(bundle, scheme, manager::newSubManager);
  }

  /** Whether images of so many pixels along an edge can be segmented. */
  public boolean fits(int size) {
    return size % architecture.stride() == 0;
  }

  /** The model's name. */
  public String name() {
    return card.name();
  }

  /** Digest of the bundle. */
  public String digest() {
    return digest;
  }

  /** Number of valid classes. */
  public int classes() {
    return card.scheme().classes().size() - 1;
  }

  /**
   * Class scores, in the scope of the caller.
   *
   * @param image (B, bands, H, W) in -1 .. 1; H and W multiples of the network's stride: 8, 16 or
   *     32
   * @return (B, K, H, W) of the valid classes
   */
  public NDArray logits(NDArray image) {
    SegmentationModels.requireFits(image.getShape(), card, architecture.stride());
    return net.forward(image, Statistics.RUNNING);
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

  /** Scores of single windows, for whole scenes; they end with this segmenter. */
  public WindowScores windows() {
    return SegmentationModels.windows(card, manager, this::logits);
  }

  @Override
  public void close() {
    manager.close();
  }
}
