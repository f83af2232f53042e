package io.landloom.synthesis.reference;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.Condition;
import io.landloom.synthesis.Pair;
import io.landloom.synthesis.Synthesizer;
import io.landloom.synthesis.segment.UNet;
import io.landloom.synthesis.tensor.Adam;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.tensor.Statistics;
import io.landloom.synthesis.tensor.TorchEngine;
import io.landloom.synthesis.training.ClassMaps;
import io.landloom.synthesis.training.ClassPositions;
import io.landloom.synthesis.training.PatchSampler;
import io.landloom.synthesis.training.TrainingSet;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.Precision;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * A U-Net from mask to image, trained to the least absolute error: pix2pix (Isola et al., CVPR
 * 2017) without its discriminator and noise.
 *
 * <p>It learns the median of all that could be there: blurred, the same for every draw.
 */
public final class RegressionSynthesizer implements Synthesizer {
  private static final String NAME = "l1-regression";

  private final ModelBundle bundle;
  private final ClassPositions positions;
  private final int batchSize;
  private final NDManager manager;
  private final UNet net;

  /**
   * How the network is trained.
   *
   * @param width channels of the U-Net's first level
   * @param batch patches a step
   * @param steps steps of Adam, whose rate falls linearly to 0
   * @param learningRate step size at the start
   * @param seed seed of weights, order and augmentation
   */
  public record Training(int width, int batch, int steps, double learningRate, long seed) {
    /** Checks the ranges. */
    public Training {
      if (width < 1 || batch < 1 || steps < 1) {
        throw new IllegalArgumentException(
            "width " + width + ", batch " + batch + ", " + steps + " steps: none may be below 1");
      }
    }
  }

  private RegressionSynthesizer(
      ModelBundle bundle,
      ClassPositions positions,
      int batchSize,
      NDManager manager,
      ParameterSet parameters) {
    this.bundle = bundle;
    this.positions = positions;
    this.batchSize = batchSize;
    this.manager = manager;
    this.net = new UNet(parameters);
  }

  /**
   * Trains a network on a set.
   *
   * @throws IllegalArgumentException if a patch has another size than the first one, or sides that
   *     are no multiples of {@value UNet#STRIDE}
   */
  public static RegressionSynthesizer train(
      TrainingSet set, LandCoverScheme scheme, Training training, int batchSize, Device device) {
    if (set.size() < 1) {
      throw new IllegalArgumentException("the training set is empty");
    }
    Raster first = set.image(0);
    ClassPositions positions = new ClassPositions(scheme);
    NDManager manager = TorchEngine.newManager(device);
    try {
      List<TensorSpec> layout = UNet.layout(positions.count(), training.width(), first.bands());
      ParameterSet parameters = ParameterSet.initialized(manager, layout, training.seed());
      PatchSampler sampler =
          new PatchSampler(
              set,
              positions,
              new PatchSampler.Sizes(training.batch(), first.width(), first.bands()),
              training.seed(),
              NAME);
      learn(parameters, sampler, first, positions.count(), training);
      ModelBundle bundle = bundle(parameters, scheme, first, training);
      return new RegressionSynthesizer(bundle, positions, batchSize, manager, parameters);
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  private static void learn(
      ParameterSet parameters, PatchSampler sampler, Raster shape, int classes, Training training) {
    UNet net = new UNet(parameters);
    parameters.unfreeze();
    Adam adam = new Adam(parameters, 0.5, 0.999); // pix2pix's
    for (int step = 0; step < training.steps(); step++) {
      PatchSampler.Patches patches = sampler.draw(step);
      try (NativeScope scope = NativeScope.training(parameters.manager())) {
        ClassMaps maps =
            new ClassMaps(scope.manager(), patches.positions(), shape.width(), classes);
        NDArray target =
            scope
                .manager()
                .create(
                    patches.image(),
                    new Shape(training.batch(), shape.bands(), shape.height(), shape.width()));
        NDArray loss =
            paint(net, maps, shape.width(), Statistics.TRAINING).sub(target).abs().mean();
        float value = loss.getFloat();
        if (!Float.isFinite(value)) {
          throw new IllegalStateException(
              NAME
                  + ": the loss of step "
                  + (step + 1)
                  + " is "
                  + value
                  + "; train it with a lower rate");
        }
        Operators.backward(loss);
        adam.step(training.learningRate() * (1 - (double) step / training.steps()));
      }
    }
    parameters.freeze();
  }

  /** Images (B, bands, S, S) in -1 .. 1. */
  private static NDArray paint(UNet net, ClassMaps maps, int size, Statistics statistics) {
    return net.forward(maps.oneHot(size), statistics).tanh();
  }

  private static ModelBundle bundle(
      ParameterSet parameters, LandCoverScheme scheme, Raster shape, Training training) {
    TreeMap<String, Integer> sizes = new TreeMap<>();
    sizes.put("width", training.width());
    ModelCard card =
        new ModelCard(
            NAME,
            NAME,
            ModelCard.SchemeClasses.of(scheme),
            shape.width(),
            shape.bands(),
            sizes,
            "float32 NCHW",
            new ModelCard.Training(training.steps(), training.seed(), "not stated", "not stated"));
    return ModelBundle.of(card, parameters.toHost(), Precision.F32);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String modelDigest() {
    return bundle.digest();
  }

  @Override
  public int patchSize() {
    return bundle.card().patchSize();
  }

  @Override
  public int bands() {
    return bundle.card().bands();
  }

  @Override
  public String scheme() {
    return bundle.card().scheme().name();
  }

  @Override
  public int batchSize() {
    return batchSize;
  }

  @Override
  public List<Pair> synthesize(List<Condition> conditions, int shape) {
    Synthesizer.requireFits(conditions, shape, batchSize);
    int size = patchSize();
    byte[] masks = new byte[conditions.size() * size * size];
    for (int i = 0; i < conditions.size(); i++) {
      byte[] mask = positions.of(conditions.get(i).mask(), size, conditions.get(i).toString());
      System.arraycopy(mask, 0, masks, i * mask.length, mask.length);
    }
    float[] values;
    try (NativeScope scope = NativeScope.inference(manager)) {
      ClassMaps maps = new ClassMaps(scope.manager(), masks, size, positions.count());
      values = paint(net, maps, size, Statistics.RUNNING).toFloatArray();
    }
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < conditions.size(); i++) {
      pairs.add(pair(conditions.get(i), values, i));
    }
    return pairs;
  }

  private Pair pair(Condition condition, float[] values, int place) {
    int bands = bands();
    int pixels = patchSize() * patchSize();
    byte[] samples = new byte[pixels * bands];
    int notFinite = 0;
    for (int i = 0; i < samples.length; i++) {
      float value = values[(place * bands + i % bands) * pixels + i / bands];
      if (!Float.isFinite(value)) {
        notFinite++;
        continue;
      }
      samples[i] = (byte) Math.round((value + 1) * 127.5f);
    }
    return new Pair(condition, Raster.ofBytes(patchSize(), patchSize(), bands, samples), notFinite);
  }

  @Override
  public void close() {
    manager.close();
  }
}
