package io.landloom.synthesis.gan;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.Condition;
import io.landloom.synthesis.NoiseKey;
import io.landloom.synthesis.Pair;
import io.landloom.synthesis.Synthesizer;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.tensor.Statistics;
import io.landloom.synthesis.tensor.TorchEngine;
import io.landloom.synthesis.training.ClassMaps;
import io.landloom.synthesis.training.ClassPositions;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.ModelException;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws images with a trained CSEBGAN generator.
 *
 * <p>Every batch is padded to the same shape, so an image does not depend on how many conditions
 * shared its call.
 */
public final class CsebganSynthesizer implements Synthesizer {
  /** The architecture a card must name. */
  public static final String ARCHITECTURE = "csebgan";

  /** The form of the shipped weights. */
  static final String INFERENCE =
      "spectral norm folded into kernels, statistics into rows, float32 NCHW";

  private final ModelBundle bundle;
  private final String digest;
  private final GeneratorSizes sizes;
  private final ClassPositions positions;
  private final int batchSize;
  private final long seed;
  private final NDManager manager;
  private final Generator generator;

  /**
   * Loads a model onto a device.
   *
   * @param bundle the model
   * @param scheme scheme of the masks to come
   * @param batchSize images computed at once, from 1
   * @param seed seed of the run
   * @throws ModelException if the model is no CSEBGAN, of another scheme, or its tensors do not fit
   */
  public CsebganSynthesizer(
      ModelBundle bundle, LandCoverScheme scheme, Device device, int batchSize, long seed) {
    ModelCard card = bundle.card();
    String source = "model '" + card.name() + "'";
    if (!card.architecture().equals(ARCHITECTURE) || !card.inference().equals(INFERENCE)) {
      throw new ModelException(
          source,
          String.format(
              "is %s (%s), not %s (%s)",
              card.architecture(), card.inference(), ARCHITECTURE, INFERENCE));
    }
    if (batchSize < 1) {
      throw new IllegalArgumentException("batch size " + batchSize + " is below 1");
    }
    card.requireScheme(scheme);
    this.bundle = bundle;
    this.digest = bundle.digest();
    this.sizes = GeneratorSizes.of(card);
    this.positions = new ClassPositions(scheme);
    this.batchSize = batchSize;
    this.seed = seed;
    List<TensorSpec> layout = Generator.shippedLayout(sizes);
    bundle.tensors().requireShapes(source, TensorSpec.shapes(layout));
    this.manager = TorchEngine.newManager(device);
    this.generator = new Generator(sizes, ParameterSet.of(manager, layout, bundle.tensors()));
  }

  @Override
  public String name() {
    return bundle.card().name();
  }

  @Override
  public String modelDigest() {
    return digest;
  }

  @Override
  public int patchSize() {
    return sizes.patchSize();
  }

  @Override
  public int bands() {
    return sizes.bands();
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
    int size = sizes.patchSize();
    byte[] masks = new byte[shape * size * size];
    List<Noise> noise = new ArrayList<>();
    for (int i = 0; i < shape; i++) {
      Condition condition = conditions.get(Math.min(i, conditions.size() - 1));
      noise.add(noise(condition));
      byte[] mask = positions.of(condition.mask(), size, condition.toString());
      System.arraycopy(mask, 0, masks, i * mask.length, mask.length);
    }
    float[] values;
    try (NativeScope scope = NativeScope.inference(manager)) {
      ClassMaps maps = new ClassMaps(scope.manager(), masks, size, sizes.classes());
      NDArray images = // (shape, bands, S, S)
          generator.forward(
              ClassNoise.of(scope.manager(), sizes, noise, maps), maps, Statistics.RUNNING);
      values = images.toFloatArray();
    }
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < conditions.size(); i++) {
      pairs.add(pair(conditions.get(i), values, i));
    }
    return pairs;
  }

  /** Noise of one key for a class's position, and of another for all else. */
  private record Noise(NoiseKey ofPosition, int position, NoiseKey ofOthers)
      implements ClassNoise.Source {
    private NoiseKey key(int stream) {
      return stream == position ? ofPosition : ofOthers;
    }

    @Override
    public float[] normal(int stream, int count) {
      return key(stream).normal(stream, count);
    }

    @Override
    public float[] ofPixels(int stream, int count) {
      return key(stream).ofPixels(stream, count);
    }
  }

  private Noise noise(Condition condition) {
    NoiseKey own = condition.noiseKey(seed, digest);
    if (condition.redrawn().isEmpty()) {
      return new Noise(own, NoiseKey.WHOLE_IMAGE, own);
    }
    int position = positions.of(condition.redrawn().getAsInt());
    return new Noise(own, position, condition.keptNoiseKey(seed, digest));
  }

  private Pair pair(Condition condition, float[] values, int place) {
    int bands = sizes.bands();
    int pixels = sizes.patchSize() * sizes.patchSize();
    byte[] samples = new byte[pixels * bands];
    int notFinite = 0;
    for (int band = 0; band < bands; band++) {
      int plane = (place * bands + band) * pixels;
      for (int pixel = 0; pixel < pixels; pixel++) {
        float value = values[plane + pixel];
        if (!Float.isFinite(value)) {
          notFinite++;
          continue;
        }
        // tanh keeps the value in -1 .. 1
        samples[pixel * bands + band] = (byte) Math.round((value + 1) * 127.5f);
      }
    }
    return new Pair(
        condition, Raster.ofBytes(sizes.patchSize(), sizes.patchSize(), bands, samples), notFinite);
  }

  @Override
  public void close() {
    manager.close();
  }
}
