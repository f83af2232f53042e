package io.landloom.synthesis.ddpm;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.segment.SegmentationModels;
import io.landloom.synthesis.segment.WindowScores;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.tensor.TorchEngine;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.ModelException;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.Arrays;
import java.util.List;

/** Segments images with a trained head; its weights and those below are fixed. */
public final class HeadSegmenter implements AutoCloseable {
  private final ModelCard card;
  private final HeadModel model;
  private final NDManager manager;
  private final NoisyFeatures features;
  private final HeadNet net;

  private HeadSegmenter(ModelBundle bundle, LandCoverScheme scheme, Device device) {
    this.card = bundle.card();
    this.model = HeadModel.of(card);
    card.requireScheme(scheme);
    List<TensorSpec> layout = model.layout(TensorSpec.Role.BUFFER);
    bundle.tensors().requireShapes("model '" + card.name() + "'", TensorSpec.shapes(layout));
    this.manager = TorchEngine.newManager(device);
    ParameterSet parameters = ParameterSet.of(manager, layout, bundle.tensors());
    this.features = model.features(parameters);
    this.net = model.net(parameters);
  }

  /**
   * Loads a head onto a device.
   *
   * @param scheme the classes it must know
   * @throws ModelException if the model is no head, of another scheme, or its tensors do not fit
   */
  public static HeadSegmenter load(ModelBundle bundle, LandCoverScheme scheme, Device device) {
    return new HeadSegmenter(bundle, scheme, device);
  }

  /** Whether a card is of a head, of whatever form. */
  public static boolean reads(ModelCard card) {
    return Arrays.stream(HeadSettings.Form.values())
        .anyMatch(form -> form.onCards().equals(card.architecture()));
  }

  /**
   * Class scores of every network of the head, in the scope of the caller.
   *
   * @param image (B, bands, H, W) in -1 .. 1
   * @return (B, K, H, W) of the valid classes, one a network
   */
  List<NDArray> logits(NDArray image) {
    Shape shape = image.getShape();
    SegmentationModels.requireFits(shape, card, model.backbone().stride());
    return net.logits(model.seen(features.of(image), image), shape.get(2), shape.get(3));
  }

  /**
   * The most likely valid class of every pixel, by the votes of an ensemble.
   *
   * @param images 8-bit images of the model's bands, all of one size
   * @return class positions of each image, row-major
   */
  public List<byte[]> predict(List<Raster> images) {
    try (NativeScope scope = NativeScope.inference(manager)) {
      NDArray planes = SegmentationModels.planes(images, card, scope.manager());
      return SegmentationModels.byImage(Votes.positions(logits(planes)), images.size());
    }
  }

  /**
   * Scores of single windows, for whole scenes: the mean of the networks' scores. They end with
   * this segmenter.
   */
  public WindowScores windows() {
    return SegmentationModels.windows(card, manager, image -> mean(logits(image)));
  }

  private static NDArray mean(List<NDArray> logits) {
    return logits.size() == 1
        ? logits.get(0)
        : NDArrays.stack(new NDList(logits)).mean(new int[] {0});
  }

  /**
   * How uncertain an ensemble is of an image: the disagreement, in nats, of the tenth of the pixels
   * with most of it; 0 for a head of one network.
   */
  public double uncertainty(Raster image) {
    try (NativeScope scope = NativeScope.inference(manager)) {
      NDArray planes = SegmentationModels.planes(List.of(image), card, scope.manager());
      return Votes.uncertainty(Votes.disagreement(logits(planes)).flatten().toFloatArray());
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
