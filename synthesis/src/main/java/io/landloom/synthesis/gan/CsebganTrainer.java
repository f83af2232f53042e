package io.landloom.synthesis.gan;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.geo.source.ByteSource;
import io.landloom.synthesis.gan.Discriminator.Judgement;
import io.landloom.synthesis.segment.UNet;
import io.landloom.synthesis.tensor.GradMode;
import io.landloom.synthesis.tensor.Layers;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.tensor.Statistics;
import io.landloom.synthesis.training.ClassMaps;
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
  private static final int DEEPEST = 3;
  private static final int FOLDING_ITERATIONS = 30;
  private static final String STEP = "step";
  private static final String SETTINGS = "settings";

  private final CsebganSettings settings;
  private final LandCoverScheme scheme;
  private final GeneratorSizes sizes;
  private final TrainingBatch.Sampler sampler;
  private final TrainingBatch.Sampler calibration;
  private final TrainedNetworks networks;
  private final Generator generator;
  private final Discriminator discriminator;
  private final UNet conductor;
  private long steps;

  /**
   * A trainer before its first step.
   *
   * @throws IllegalArgumentException if the settings contradict themselves or the set is empty
   */
  public CsebganTrainer(
      CsebganSettings settings, LandCoverScheme scheme, TrainingSet set, Device device) {
    this.settings = settings;
    this.scheme = scheme;
    this.sizes = settings.generatorSizes(scheme);
    this.sampler = new TrainingBatch.Sampler(sizes, patches(set, "training"));
    this.calibration = new TrainingBatch.Sampler(sizes, patches(set, "calibration"));
    this.networks = new TrainedNetworks(settings, sizes, device);
    this.generator = new Generator(sizes, networks.generator().parameters());
    this.discriminator = new Discriminator(networks.discriminator().parameters());
    this.conductor = new UNet(networks.conductor().parameters());
  }

  private PatchSampler patches(TrainingSet set, String purpose) {
    return new PatchSampler(
        set,
        new ClassPositions(scheme),
        new PatchSampler.Sizes(settings.batch(), sizes.patchSize(), sizes.bands()),
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
   * @throws TrainingDivergedException if a loss is not finite; nothing is updated by that loss
   * @throws IllegalStateException if all steps of the settings are taken
   */
  public StepLosses step() {
    if (steps >= settings.steps()) {
      throw new IllegalStateException("all " + settings.steps() + " steps are taken");
    }
    double decay = settings.decay(steps);
    StepLosses losses;
    try (NativeScope scope = NativeScope.training(networks.manager())) {
      TrainingBatch batch = sampler.draw(scope.manager(), steps);
      NDArray fake = generator.forward(batch.noise(), batch.maps(), Statistics.TRAINING);
      float discriminatorLoss = stepDiscriminator(batch, fake.stopGradient(), decay);
      losses = stepGeneratorAndConductor(batch, fake, discriminatorLoss, decay);
    }
    steps++;
    // a short run would otherwise ship mostly its random start
    double keep = Math.min(settings.ema(), (1.0 + steps) / (10.0 + steps));
    networks.average().approach(networks.generator().parameters(), 1 - keep);
    return losses;
  }

  private float stepDiscriminator(TrainingBatch batch, NDArray fake, double decay) {
    NDArray oneHot = batch.maps().oneHot(sizes.patchSize());
    Map<String, NDArray> kernels = discriminator.kernels();
    NDArray loss =
        Losses.discriminator(
            discriminator.forward(batch.image(), oneHot, kernels),
            discriminator.forward(fake, oneHot, kernels));
    float value = loss.getFloat();
    requireFinite(new StepLosses(steps + 1, value, 0, 0, 0, 0));
    Operators.backward(loss);
    networks.discriminator().adam().step(settings.learningRates().discriminator() * decay);
    return value;
  }

  private StepLosses stepGeneratorAndConductor(
      TrainingBatch batch, NDArray fake, float discriminatorLoss, double decay) {
    networks.discriminator().parameters().freeze();
    try {
      NDArray oneHot = batch.maps().oneHot(sizes.patchSize());
      Map<String, NDArray> kernels = discriminator.kernels();
      List<Judgement> onReal;
      try (GradMode off = GradMode.off()) {
        onReal = discriminator.forward(batch.image(), oneHot, kernels);
      }
      List<Judgement> onFake = discriminator.forward(fake, oneHot, kernels);
      NDArray adversarial = Losses.adversarial(onFake);
      NDArray matching = Losses.featureMatching(onReal, onFake, settings.deepOnly() ? DEEPEST : 0);
      NDArray conductorReal = conductorLoss(batch.image(), batch.maps());
      NDArray conductorFake = conductorLossOnFake(fake, batch.maps());
      StepLosses losses =
          new StepLosses(
              steps + 1,
              discriminatorLoss,
              adversarial.getFloat(),
              matching.getFloat(),
              conductorReal.getFloat(),
              conductorFake.getFloat());
      requireFinite(losses);
      Operators.backward(
          adversarial
              .add(matching.mul(settings.lambdas().featureMatching()))
              .add(conductorFake.mul(settings.lambdas().conductor()))
              .add(conductorReal));
      networks.generator().adam().step(settings.learningRates().generator() * decay);
      networks.conductor().adam().step(settings.learningRates().conductor() * decay);
      return losses;
    } finally {
      networks.discriminator().parameters().unfreeze();
    }
  }

  private NDArray conductorLoss(NDArray image, ClassMaps maps) {
    return Operators.crossEntropy(conductor.forward(image, Statistics.TRAINING), maps.valid());
  }

  private NDArray conductorLossOnFake(NDArray fake, ClassMaps maps) {
    if (settings.learnOnFake()) {
      return conductorLoss(fake, maps);
    }
    // frozen while recorded: the gradient reaches the image but not the conductor
    networks.conductor().parameters().freeze();
    try {
      return conductorLoss(fake, maps);
    } finally {
      networks.conductor().parameters().unfreeze();
    }
  }

  private static void requireFinite(StepLosses losses) {
    if (!losses.finite()) {
      throw new TrainingDivergedException(losses.step(), losses.byName());
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
      tensors = shipped.toHost();
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

  private NamedTensors folded() {
    Map<String, HostTensor> tensors = new TreeMap<>(networks.average().toHost().asMap());
    for (String convolution : Generator.normalizedConvolutions()) {
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
        Map.of(STEP, Long.toString(steps), SETTINGS, settings + " on " + scheme);
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
      ByteSource checkpoint)
      throws IOException {
    Safetensors saved = Safetensors.read(checkpoint);
    String expected = settings + " on " + scheme;
    if (!expected.equals(saved.metadata().get(SETTINGS))) {
      throw new ModelException(
          checkpoint.name(),
          "a checkpoint of " + saved.metadata().get(SETTINGS) + ", not of " + expected);
    }
    CsebganTrainer trainer = new CsebganTrainer(settings, scheme, set, device);
    try {
      trainer.restore(checkpoint.name(), saved);
      return trainer;
    } catch (RuntimeException e) {
      trainer.close();
      throw e;
    }
  }

  private void restore(String source, Safetensors saved) {
    saved.tensors().requireShapes(source, networks.shapes());
    steps = Long.parseLong(saved.metadata().get(STEP));
    networks.restore(saved.tensors(), steps);
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
