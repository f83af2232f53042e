package io.landloom.synthesis.gan;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.geo.source.ByteSource;
import io.landloom.synthesis.tensor.FeatureMaps;
import io.landloom.synthesis.tensor.Layers;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.tensor.Statistics;
import io.landloom.synthesis.training.ClassPositions;
import io.landloom.synthesis.training.PatchSampler;
import io.landloom.synthesis.training.TrainingDivergedException;
import io.landloom.synthesis.training.TrainingSet;
import io.landloom.synthesis.weights.HostTensor;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.ModelException;
import io.landloom.synthesis.weights.NamedTensors;
import io.landloom.synthesis.weights.Precision;
import io.landloom.synthesis.weights.Safetensors;
import io.landloom.synthesis.weights.TensorSpec;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Trains generator, discriminator and conductor together (Wang et al., TGRS 2023, equation 13).
 *
 * <p>A step draws fakes once. The discriminator learns to tell them from the real images; then the
 * generator learns from the updated discriminator and from the conductor, and the conductor from
 * real and generated images, by a single backward pass. What is shipped is an exponential moving
 * average of the generator, whose normalisation statistics are computed anew from training masks:
 * those of the raw generator belong to other weights.
 */
public final class CsebganTrainer implements AutoCloseable {
  private static final int FOLDING_ITERATIONS = 30;
  private static final String STEP = "step";
  private static final String SETTINGS = "settings";
  private static final String UNTAUGHT = "untaught";

  private final CsebganSettings settings;
  private final LandCoverScheme scheme;
  private final GeneratorSizes sizes;
  private final TrainingBatch.Sampler sampler;
  private final TrainingBatch.Sampler calibration;
  private final TrainedNetworks networks;
  private final TrainingStep step;
  private final String identity;
  private long steps;
  private int untaught;

  /** A trainer before its first step, without a perceptual net. */
  public CsebganTrainer(
      CsebganSettings settings, LandCoverScheme scheme, TrainingSet set, Device device) {
    this(settings, scheme, set, device, Optional.empty());
  }

  /**
   * A trainer before its first step.
   *
   * @param perceptual the net of the perceptual loss, on the device; it stays the caller's
   * @throws IllegalArgumentException if the settings contradict themselves or each other, or the
   *     set is empty
   */
  public CsebganTrainer(
      CsebganSettings settings,
      LandCoverScheme scheme,
      TrainingSet set,
      Device device,
      Optional<FeatureMaps> perceptual) {
    this.settings = settings;
    this.scheme = scheme;
    this.sizes = settings.generatorSizes(scheme);
    requireNet(settings, perceptual);
    this.identity = identity(settings, scheme, perceptual);
    this.sampler = new TrainingBatch.Sampler(sizes, patches(set, "training"));
    this.calibration = new TrainingBatch.Sampler(sizes, patches(set, "calibration"));
    this.networks = new TrainedNetworks(settings, sizes, device);
    this.step = new TrainingStep(settings, sizes, networks, perceptual);
  }

  private static void requireNet(CsebganSettings settings, Optional<FeatureMaps> net) {
    if (settings.perceptual().given() != net.isPresent()) {
      throw new IllegalArgumentException(
          "perceptual.net is "
              + settings.perceptual().net()
              + ", but "
              + (net.isPresent() ? "a" : "no")
              + " perceptual net was opened");
    }
    if (net.isPresent() && net.get().bands() != settings.bands()) {
      throw new IllegalArgumentException(
          "the perceptual net takes "
              + net.get().bands()
              + " bands, the generator draws "
              + settings.bands());
    }
  }

  private static String identity(
      CsebganSettings settings, LandCoverScheme scheme, Optional<FeatureMaps> perceptual) {
    return settings
        + " on "
        + scheme
        + perceptual.map(net -> " with perceptual net " + net.digest()).orElse("");
  }

  private PatchSampler patches(TrainingSet set, String purpose) {
    return new PatchSampler(
        set,
        new ClassPositions(scheme),
        new PatchSampler.Sizes(settings.batch(), sizes.patchSize(), sizes.bands()),
        settings.sampling(),
        settings.augmentation(),
        settings.seed(),
        purpose);
  }

  /** Steps taken. */
  public long steps() {
    return steps;
  }

  /**
   * Takes one step.
   *
   * @throws TrainingDivergedException if a loss is not finite, in which case nothing is updated by
   *     that loss, or if the discriminator has collapsed
   * @throws IllegalStateException if all steps of the settings are taken
   */
  public StepLosses step() {
    if (steps >= settings.steps()) {
      throw new IllegalStateException("all " + settings.steps() + " steps are taken");
    }
    StepLosses losses;
    try (NativeScope scope = NativeScope.training(networks.manager())) {
      TrainingBatch batch = sampler.draw(scope.manager(), steps);
      losses = step.take(batch, steps + 1, settings.decay(steps));
    }
    steps++;
    long drawn = steps - settings.conductor().stepsAhead();
    if (drawn > 0) {
      // a short run would otherwise ship mostly its random start
      double keep = Math.min(settings.ema(), (1.0 + drawn) / (10.0 + drawn));
      networks.average().approach(networks.generator().parameters(), 1 - keep);
      watch(losses);
    }
    return losses;
  }

  private void watch(StepLosses losses) {
    boolean teaches =
        settings.scales() == 0 || losses.discriminator() >= settings.watch().discriminator();
    untaught = teaches ? 0 : untaught + 1;
    if (untaught >= settings.watch().steps()) {
      throw new TrainingDivergedException(
          String.format(
              "the discriminator collapsed at step %d: its loss was below %s for %d steps, so it"
                  + " learns nothing and the generator only flees it; train with a lower"
                  + " learningRate.discriminator, a smaller ndf or more patches",
              losses.step(), settings.watch().discriminator(), untaught));
    }
  }

  /**
   * The model as it is shipped: the average of the generator's weights, with its convolutions
   * divided by their spectral norm.
   *
   * @param name the model's name
   * @param dataset the training data, in words
   * @param licence the weights' licence
   */
  public ModelBundle bundle(String name, String dataset, String licence, Precision precision) {
    NamedTensors folded = folded();
    NamedTensors tensors;
    List<TensorSpec> layout = Generator.shippedLayout(sizes);
    try (ParameterSet shipped = ParameterSet.of(networks.manager(), layout, folded)) {
      calibrate(new Generator(sizes, shipped));
      tensors = withShippedNoise(shipped.toHost());
    }
    ModelCard card =
        new ModelCard(
            name,
            CsebganSynthesizer.ARCHITECTURE,
            ModelCard.SchemeClasses.of(scheme),
            sizes.patchSize(),
            sizes.bands(),
            sizes.toCard(),
            CsebganSynthesizer.INFERENCE,
            new ModelCard.Training(steps, settings.seed(), dataset, licence));
    return ModelBundle.of(card, tensors, precision);
  }

  private NamedTensors withShippedNoise(NamedTensors trained) {
    double strength = settings.shippedNoise();
    if (strength == 1) {
      return trained;
    }
    Map<String, HostTensor> tensors = new TreeMap<>(trained.asMap());
    tensors.replaceAll(
        (name, tensor) -> {
          float[] values = tensor.values().clone();
          for (int i = 0; i < values.length; i++) {
            if (name.endsWith(Generator.LOG_VARIANCE)) {
              values[i] += (float) (2 * Math.log(strength));
            } else if (name.endsWith(Generator.PIXEL_NOISE)) {
              values[i] *= (float) strength;
            }
          }
          return new HostTensor(tensor.shape(), values);
        });
    return new NamedTensors(tensors);
  }

  private NamedTensors folded() {
    Map<String, HostTensor> tensors = new TreeMap<>(networks.average().toHost().asMap());
    for (String convolution : Generator.normalizedConvolutions(sizes)) {
      tensors.put(convolution + ".weight", folded(convolution));
      tensors.remove(convolution + Layers.LEFT_SUFFIX);
    }
    return new NamedTensors(tensors);
  }

  private HostTensor folded(String convolution) {
    NDArray kernel = networks.average().get(convolution + ".weight");
    try (NativeScope scope = NativeScope.inference(networks.manager())) {
      NDArray left =
          networks.generator().parameters().get(convolution + Layers.LEFT_SUFFIX).duplicate();
      for (int i = 1; i < FOLDING_ITERATIONS; i++) {
        try (NativeScope iteration = NativeScope.inference(networks.manager())) {
          Operators.spectralNorm(kernel, left);
        }
      }
      NDArray folded = Operators.spectralNorm(kernel, left);
      return new HostTensor(folded.getShape().getShape(), folded.toFloatArray());
    }
  }

  private void calibrate(Generator shipped) {
    for (int i = 0; i < settings.calibrationBatches(); i++) {
      try (NativeScope scope = NativeScope.inference(networks.manager())) {
        TrainingBatch batch = calibration.draw(scope.manager(), i);
        // with momentum 1 / (i + 1) the running statistics are the mean over the batches
        shipped.forward(batch.noise(), batch.maps(), new Statistics.OfBatch(1.0 / (i + 1)));
      }
    }
  }

  /** Writes everything {@link #resume} needs to go on exactly; the stream stays open. */
  public void save(OutputStream target) throws IOException {
    Map<String, String> metadata =
        Map.of(
            STEP, Long.toString(steps), SETTINGS, identity, UNTAUGHT, Integer.toString(untaught));
    Safetensors.write(target, networks.toHost(), metadata, Precision.F32);
  }

  /**
   * A trainer that goes on where a checkpoint was saved, with the results it would have had without
   * the interruption.
   *
   * @throws ModelException if the checkpoint is unsound or of other settings
   * @throws IOException if it cannot be read
   */
  public static CsebganTrainer resume(
      CsebganSettings settings,
      LandCoverScheme scheme,
      TrainingSet set,
      Device device,
      Optional<FeatureMaps> perceptual,
      ByteSource checkpoint)
      throws IOException {
    Safetensors saved = Safetensors.read(checkpoint);
    String expected = identity(settings, scheme, perceptual);
    if (!expected.equals(saved.metadata().get(SETTINGS))) {
      throw new ModelException(
          checkpoint.name(),
          "a checkpoint of " + saved.metadata().get(SETTINGS) + ", not of " + expected);
    }
    CsebganTrainer trainer = new CsebganTrainer(settings, scheme, set, device, perceptual);
    try {
      trainer.restore(checkpoint.name(), saved);
      return trainer;
    } catch (RuntimeException e) {
      trainer.close();
      throw e;
    }
  }

  /** As above, without a perceptual net. */
  public static CsebganTrainer resume(
      CsebganSettings settings,
      LandCoverScheme scheme,
      TrainingSet set,
      Device device,
      ByteSource checkpoint)
      throws IOException {
    return resume(settings, scheme, set, device, Optional.empty(), checkpoint);
  }

  private void restore(String source, Safetensors saved) {
    saved.tensors().requireShapes(source, networks.shapes());
    steps = Long.parseLong(saved.metadata().get(STEP));
    untaught = Integer.parseInt(saved.metadata().get(UNTAUGHT));
    networks.restore(saved.tensors(), steps, settings.conductor());
  }

  /** Native arrays that live as long as the trainer, for tests against leaks. */
  int nativeArrays() {
    return networks.nativeArrays();
  }

  @Override
  public void close() {
    networks.close();
  }
}
