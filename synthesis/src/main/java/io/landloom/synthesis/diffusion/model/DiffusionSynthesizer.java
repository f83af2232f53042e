package io.landloom.synthesis.diffusion.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.Condition;
import io.landloom.synthesis.NoiseKey;
import io.landloom.synthesis.Pair;
import io.landloom.synthesis.Synthesizer;
import io.landloom.synthesis.diffusion.Denoiser;
import io.landloom.synthesis.diffusion.StepNoise;
import io.landloom.synthesis.diffusion.mask.TargetShares;
import io.landloom.synthesis.diffusion.network.ControlNet;
import io.landloom.synthesis.diffusion.network.UNetCondition;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.TorchEngine;
import io.landloom.synthesis.training.ClassPositions;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.ModelException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Draws images of masks with a trained latent diffusion: a ControlNet shows the mask to a denoiser
 * of latents, which an autoencoder decodes.
 *
 * <p>Every batch is padded to the same shape, so an image does not depend on how many conditions
 * shared its call.
 */
public final class DiffusionSynthesizer implements Synthesizer {
  private final ModelBundle bundle;
  private final String digest;
  private final LandCoverScheme scheme;
  private final ClassPositions positions;
  private final int batchSize;
  private final long seed;
  private final NDManager manager;
  private final ShippedDenoiser denoiser;
  private final ShippedAutoencoder autoencoder;
  private final Optional<ControlNet> control;

  /**
   * Loads a model onto a device.
   *
   * @param bundle the model
   * @param scheme scheme of the masks to come
   * @param batchSize images computed at once, from 1
   * @param seed seed of the run
   * @throws ModelException if the model is no latent diffusion, of another scheme, or its tensors
   *     do not fit
   */
  public DiffusionSynthesizer(
      ModelBundle bundle, LandCoverScheme scheme, Device device, int batchSize, long seed) {
    this(bundle, scheme, device, batchSize, seed, ShippedControl.ARCHITECTURE);
  }

  /**
   * A denoiser of images without a ControlNet, which draws by the masks' shares alone: to look at
   * what it has learnt.
   *
   * @throws ModelException if the model is no denoiser of images
   */
  public static DiffusionSynthesizer withoutMasks(
      ModelBundle bundle, LandCoverScheme scheme, Device device, int batchSize, long seed) {
    return new DiffusionSynthesizer(
        bundle, scheme, device, batchSize, seed, ShippedDenoiser.ARCHITECTURE);
  }

  private DiffusionSynthesizer(
      ModelBundle bundle,
      LandCoverScheme scheme,
      Device device,
      int batchSize,
      long seed,
      String architecture) {
    ModelCard card = bundle.card();
    String source = "model '" + card.name() + "'";
    if (!card.architecture().equals(architecture)) {
      throw new ModelException(source, "is " + card.architecture() + ", not " + architecture);
    }
    if (DenoiserSizes.of(card).content() != DenoiserSizes.Content.IMAGES) {
      throw new ModelException(source, "draws masks, not images");
    }
    if (batchSize < 1) {
      throw new IllegalArgumentException("batch size " + batchSize + " is below 1");
    }
    this.bundle = bundle;
    this.digest = bundle.digest();
    this.scheme = scheme;
    this.positions = new ClassPositions(scheme);
    this.batchSize = batchSize;
    this.seed = seed;
    this.manager = TorchEngine.newManager(device);
    try {
      this.denoiser = ShippedDenoiser.load(manager, bundle, scheme);
      this.autoencoder = denoiser.autoencoder().orElseThrow();
      this.control =
          architecture.equals(ShippedControl.ARCHITECTURE)
              ? Optional.of(ShippedControl.load(manager, bundle))
              : Optional.empty();
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
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
    int pixels = patchSize() * patchSize();
    byte[] masks = new byte[shape * pixels];
    List<Condition> padded = new ArrayList<>();
    List<TargetShares> shares = new ArrayList<>();
    for (int i = 0; i < shape; i++) {
      Condition condition = conditions.get(Math.min(i, conditions.size() - 1));
      padded.add(condition);
      byte[] mask = positions.of(condition.mask(), patchSize(), condition.toString());
      shares.add(TargetShares.of(mask, denoiser.sizes().classes()));
      System.arraycopy(mask, 0, masks, i * pixels, pixels);
    }
    float[] values;
    try (NativeScope scope = NativeScope.inference(manager)) {
      NDArray start = start(scope.manager(), padded, masks);
      List<String> captions = padded.stream().map(Condition::caption).toList();
      Denoiser asked =
          denoiser(scope.manager(), new Conditioner.Masks(masks, patchSize(), captions), shares);
      NDArray latents = denoiser.form().denoising().run(start, asked, StepNoise.none());
      values = autoencoder.images(latents).toFloatArray();
    }
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < conditions.size(); i++) {
      pairs.add(pair(conditions.get(i), values, i));
    }
    return pairs;
  }

  /** The network under the masks, with guidance away from no mask and no shares. */
  private Denoiser denoiser(NDManager scope, Conditioner.Masks masks, List<TargetShares> shares) {
    DrawForm.Sampling sampling = denoiser.form().sampling();
    UNetCondition condition = denoiser.conditioner().of(scope, shares, masks);
    NDArray image = ControlImage.of(scope, masks.positions(), patchSize(), scheme.size());
    if (sampling.guidance() == 1) {
      return (x, timestep) -> predict(x, timestep, condition, image, sampling.control());
    }
    UNetCondition both =
        denoiser
            .conditioner()
            .of(
                scope,
                Collections.nCopies(shares.size(), TargetShares.free(denoiser.sizes().classes())))
            .then(condition);
    NDArray images = NDArrays.concat(new NDList(scope.zeros(image.getShape()), image), 0);
    return sampling
        .guided()
        .guided((x, timestep) -> predict(x, timestep, both, images, sampling.control()));
  }

  private NDArray predict(
      NDArray x, int timestep, UNetCondition condition, NDArray image, double scale) {
    int[] timesteps = timesteps(timestep, (int) x.getShape().get(0));
    Optional<ControlNet.Signals> signals =
        control.map(net -> net.forward(x, timesteps, condition, image, scale));
    return denoiser.unet().forward(x, timesteps, condition, signals);
  }

  static int[] timesteps(int timestep, int batch) {
    return Collections.nCopies(batch, timestep).stream().mapToInt(Integer::intValue).toArray();
  }

  /** Noise (B, C, H, W), each latent's of its condition. */
  private NDArray start(NDManager scope, List<Condition> conditions, byte[] masks) {
    int cells = patchSize() / denoiser.sizes().cell();
    int each = denoiser.sizes().channels() * cells * cells;
    float[] numbers = new float[conditions.size() * each];
    for (int i = 0; i < conditions.size(); i++) {
      float[] own = own(conditions.get(i), each, masks, i);
      System.arraycopy(own, 0, numbers, i * each, each);
    }
    Shape shape = new Shape(conditions.size(), denoiser.sizes().channels(), cells, cells);
    return Operators.ownCopy(scope.create(numbers, shape));
  }

  /** Where one class is redrawn, cells of the others keep the noise that all copies share. */
  private float[] own(Condition condition, int count, byte[] masks, int place) {
    float[] own = condition.noiseKey(seed, digest).normal(NoiseKey.WHOLE_IMAGE, count);
    if (condition.redrawn().isEmpty()) {
      return own;
    }
    int redrawn = positions.of(condition.redrawn().getAsInt());
    float[] kept = condition.keptNoiseKey(seed, digest).normal(NoiseKey.WHOLE_IMAGE, count);
    int size = patchSize();
    int cell = denoiser.sizes().cell();
    int cells = size / cell;
    for (int i = 0; i < count; i++) {
      int row = i / cells % cells * cell;
      int pixel = place * size * size + row * size + i % cells * cell;
      own[i] = masks[pixel] == redrawn ? own[i] : kept[i];
    }
    return own;
  }

  private Pair pair(Condition condition, float[] values, int place) {
    int bands = bands();
    int pixels = patchSize() * patchSize();
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
        float inside = Math.max(-1, Math.min(1, value));
        samples[pixel * bands + band] = (byte) Math.round((inside + 1) * 127.5f);
      }
    }
    return new Pair(condition, Raster.ofBytes(patchSize(), patchSize(), bands, samples), notFinite);
  }

  @Override
  public void close() {
    manager.close();
  }
}
