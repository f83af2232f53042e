package io.landloom.synthesis.training;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.geo.source.ByteSource;
import io.landloom.synthesis.SeededStream;
import io.landloom.synthesis.tensor.Adam;
import io.landloom.synthesis.tensor.GradientNorm;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.tensor.TorchEngine;
import io.landloom.synthesis.weights.HostTensor;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelException;
import io.landloom.synthesis.weights.NamedTensors;
import io.landloom.synthesis.weights.Precision;
import io.landloom.synthesis.weights.Safetensors;
import io.landloom.synthesis.weights.TensorSpec;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Trains one network by Adam on labelled patches.
 *
 * <p>What a step does is a function of the settings, the set and the step alone, so that a training
 * can stop after any step and go on.
 */
public abstract class NetworkTrainer implements AutoCloseable {
  /** Share of the old first moment that Adam keeps. */
  public static final double BETA_1 = 0.9;

  /** Share of the old second moment that Adam keeps. */
  public static final double BETA_2 = 0.999;

  private static final String STEP = "step";
  private static final String SETTINGS = "settings";
  private static final String NETWORK = "network.";
  private static final String AVERAGE = "average.";
  private static final String ADAM = "adam.";

  private final Course course;
  private final Care care;
  private final String description;
  private final PatchSampler sampler;
  private final NDManager manager;
  private final ParameterSet parameters;
  private final Optional<ParameterSet> average;
  private final Adam adam;
  private final Map<String, Companion> companions = new TreeMap<>();
  private long steps;

  /**
   * A part of what a step minimises.
   *
   * @param loss a scalar
   * @param weight what it is multiplied by in the sum
   */
  public record Term(NDArray loss, double weight) {}

  /**
   * What keeps a training steady.
   *
   * @param ema most of the old weights in the moving average after a step, from 0 to below 1; 0
   *     keeps none and ships the weights as they are
   * @param clip largest norm of all gradients together; they are scaled down to it
   * @param weightDecay share that a step of rate 1 takes off the weights
   */
  public record Care(double ema, double clip, double weightDecay) {
    /** No average, and gradients as they come. */
    public static final Care NONE = new Care(0, Double.POSITIVE_INFINITY);

    /** Weights that do not decay. */
    public Care(double ema, double clip) {
      this(ema, clip, 0);
    }

    /** Checks the ranges. */
    public Care {
      if (!(ema >= 0 && ema < 1)) {
        throw new IllegalArgumentException("ema " + ema + " is not at least 0 and below 1");
      }
      if (!(clip > 0)) {
        throw new IllegalArgumentException("clip " + clip + " is not above 0");
      }
      if (!(weightDecay >= 0 && weightDecay < 1)) {
        throw new IllegalArgumentException(
            "weightDecay " + weightDecay + " is not at least 0 and below 1");
      }
    }
  }

  /**
   * A network that is trained beside, and not shipped.
   *
   * @param parameters its arrays
   * @param adam its optimizer
   */
  public record Companion(ParameterSet parameters, Adam adam) {}

  /**
   * A trainer before its first step.
   *
   * @param settings everything that decides the result, as text
   */
  protected NetworkTrainer(
      Course course,
      String settings,
      List<TensorSpec> layout,
      LandCoverScheme scheme,
      TrainingSet set,
      Device device) {
    this(
        course,
        Care.NONE,
        settings,
        scheme,
        set,
        device,
        manager -> ParameterSet.initialized(manager, layout, course.seed()));
  }

  /**
   * A trainer before its first step, of a network that starts in its own way.
   *
   * @param settings everything that decides the result, as text
   * @param network makes the arrays to be trained, as children of the trainer's manager
   */
  protected NetworkTrainer(
      Course course,
      Care care,
      String settings,
      LandCoverScheme scheme,
      TrainingSet set,
      Device device,
      Function<NDManager, ParameterSet> network) {
    this(course, care, Augmentation.ALL, settings, scheme, set, device, network);
  }

  /** A trainer before its first step, that turns patches in its own way. */
  protected NetworkTrainer(
      Course course,
      Care care,
      Augmentation augmentation,
      String settings,
      LandCoverScheme scheme,
      TrainingSet set,
      Device device,
      Function<NDManager, ParameterSet> network) {
    this.course = course;
    this.care = care;
    this.description = settings + " on " + scheme;
    this.sampler =
        new PatchSampler(
            set,
            new ClassPositions(scheme),
            course.batches(),
            PatchOrder.Sampling.UNIFORM,
            augmentation,
            course.seed(),
            "training");
    this.manager = TorchEngine.newManager(device);
    this.parameters = network.apply(manager);
    this.average = care.ema() > 0 ? Optional.of(parameters.duplicate(manager)) : Optional.empty();
    this.adam = new Adam(parameters, BETA_1, BETA_2, care.weightDecay());
    parameters.unfreeze();
  }

  /**
   * Adds a network that {@link #terms} trains by itself; checkpoints hold it too. Call it in the
   * constructor.
   */
  protected final Companion companion(String name, List<TensorSpec> layout) {
    long seed = SeededStream.of(List.of(name), course.seed()).nextLong();
    ParameterSet set = ParameterSet.initialized(manager, layout, seed);
    Companion companion = new Companion(set, new Adam(set, BETA_1, BETA_2));
    set.unfreeze();
    companions.put(name, companion);
    return companion;
  }

  /** What a step minimises, by name in the order people read it. */
  protected abstract Map<String, Term> terms(
      PatchSampler.Patches patches, long step, NDManager scope);

  /**
   * The model as it is shipped.
   *
   * @param name the model's name
   * @param dataset the training data, in words
   * @param licence the weights' licence
   */
  public abstract ModelBundle bundle(
      String name, String dataset, String licence, Precision precision);

  /** The arrays that are trained. */
  protected final ParameterSet parameters() {
    return parameters;
  }

  /** The arrays to ship: the moving average where there is one, else those that are trained. */
  protected final ParameterSet shipped() {
    return average.orElse(parameters);
  }

  /** The manager of the trainer's arrays, for those that stay as they are. */
  protected final NDManager manager() {
    return manager;
  }

  /** Where the patches come from. */
  protected final PatchSampler sampler() {
    return sampler;
  }

  /** Steps taken. */
  public final long steps() {
    return steps;
  }

  /**
   * Takes one step.
   *
   * @return the losses before its update and without their weights, by name
   * @throws TrainingDivergedException if a loss is not finite; nothing is updated then
   * @throws IllegalStateException if all steps of the settings are taken
   */
  public final Map<String, Float> step() {
    if (steps >= course.steps()) {
      throw new IllegalStateException("all " + course.steps() + " steps are taken");
    }
    Map<String, Float> losses = new LinkedHashMap<>();
    try (NativeScope scope = NativeScope.training(manager)) {
      Map<String, Term> terms = terms(sampler.draw(steps), steps, scope.manager());
      terms.forEach((name, term) -> losses.put(name, term.loss().getFloat()));
      if (!losses.values().stream().allMatch(Float::isFinite)) {
        throw new TrainingDivergedException(steps + 1, losses);
      }
      Operators.backward(sum(terms));
      if (care.clip() < Double.POSITIVE_INFINITY) {
        GradientNorm.clip(parameters, care.clip());
      }
      adam.step(course.learningRate(steps));
    }
    steps++;
    // a short run would otherwise ship mostly its random start
    double keep = Math.min(care.ema(), (1.0 + steps) / (10.0 + steps));
    average.ifPresent(set -> set.approach(parameters, 1 - keep));
    return losses;
  }

  /** The weighted sum of losses. */
  public static NDArray sum(Map<String, Term> terms) {
    return terms.values().stream()
        .map(term -> Operators.scaled(term.loss(), term.weight()))
        .reduce(NDArray::add)
        .orElseThrow();
  }

  /** Writes everything {@link #resume} needs to go on exactly; the stream stays open. */
  public final void save(OutputStream target) throws IOException {
    Map<String, HostTensor> all = new TreeMap<>();
    parameters.toHost().asMap().forEach((name, tensor) -> all.put(NETWORK + name, tensor));
    average.ifPresent(
        set -> set.toHost().asMap().forEach((name, tensor) -> all.put(AVERAGE + name, tensor)));
    adam.toHost().asMap().forEach((name, tensor) -> all.put(ADAM + name, tensor));
    Map<String, String> metadata = new TreeMap<>();
    metadata.put(STEP, Long.toString(steps));
    metadata.put(SETTINGS, description);
    companions.forEach(
        (name, companion) -> {
          all.putAll(companion.parameters().toHost().withPrefix(name + ".").asMap());
          all.putAll(companion.adam().toHost().withPrefix(ADAM + name + ".").asMap());
          metadata.put(name, Long.toString(companion.adam().steps()));
        });
    Safetensors.write(target, new NamedTensors(all), metadata, Precision.F32);
  }

  /**
   * Goes on where a checkpoint was saved, with the results there would have been without the
   * interruption.
   *
   * @throws ModelException if the checkpoint is unsound or of other settings
   * @throws IOException if it cannot be read
   */
  public final void resume(ByteSource checkpoint) throws IOException {
    Safetensors saved = Safetensors.read(checkpoint);
    if (!description.equals(saved.metadata().get(SETTINGS))) {
      throw new ModelException(
          checkpoint.name(),
          "a checkpoint of " + saved.metadata().get(SETTINGS) + ", not of " + description);
    }
    saved.tensors().requireShapes(checkpoint.name(), shapes());
    steps = Long.parseLong(saved.metadata().get(STEP));
    parameters.restore(saved.tensors().withoutPrefix(NETWORK));
    average.ifPresent(set -> set.restore(saved.tensors().withoutPrefix(AVERAGE)));
    adam.restore(saved.tensors().withoutPrefix(ADAM), steps);
    companions.forEach(
        (name, companion) -> {
          companion.parameters().restore(saved.tensors().withoutPrefix(name + "."));
          companion
              .adam()
              .restore(
                  saved.tensors().withoutPrefix(ADAM + name + "."),
                  Long.parseLong(saved.metadata().get(name)));
        });
  }

  private Map<String, long[]> shapes() {
    Map<String, long[]> shapes = new TreeMap<>();
    parameters.shapes().forEach((name, shape) -> shapes.put(NETWORK + name, shape));
    average.ifPresent(
        set -> set.shapes().forEach((name, shape) -> shapes.put(AVERAGE + name, shape)));
    adam.shapes().forEach((name, shape) -> shapes.put(ADAM + name, shape));
    companions.forEach(
        (name, companion) -> {
          companion
              .parameters()
              .shapes()
              .forEach((of, shape) -> shapes.put(name + "." + of, shape));
          companion
              .adam()
              .shapes()
              .forEach((of, shape) -> shapes.put(ADAM + name + "." + of, shape));
        });
    return shapes;
  }

  /** Native arrays that live as long as the trainer, for tests against leaks. */
  final int nativeArrays() {
    return manager.getManagedArrays().size()
        + parameters.manager().getManagedArrays().size()
        + average.map(set -> set.manager().getManagedArrays().size()).orElse(0);
  }

  @Override
  public final void close() {
    manager.close();
  }
}
