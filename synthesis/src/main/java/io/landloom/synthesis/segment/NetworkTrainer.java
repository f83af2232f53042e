package io.landloom.synthesis.segment;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.geo.source.ByteSource;
import io.landloom.synthesis.tensor.Adam;
import io.landloom.synthesis.tensor.NativeScope;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.tensor.TorchEngine;
import io.landloom.synthesis.training.ClassPositions;
import io.landloom.synthesis.training.Course;
import io.landloom.synthesis.training.PatchSampler;
import io.landloom.synthesis.training.TrainingDivergedException;
import io.landloom.synthesis.training.TrainingSet;
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
import java.util.TreeMap;

/**
 * Trains one network by Adam on labelled patches.
 *
 * <p>What a step does is a function of the settings, the set and the step alone, so that a training
 * can stop after any step and go on.
 */
public abstract sealed class NetworkTrainer implements AutoCloseable
    permits SegmenterTrainer, FeatureNetTrainer {
  static final double BETA_1 = 0.9;
  static final double BETA_2 = 0.999;
  private static final String STEP = "step";
  private static final String SETTINGS = "settings";
  private static final String NETWORK = "network.";
  private static final String ADAM = "adam.";

  private final Course course;
  private final String description;
  private final PatchSampler sampler;
  private final NDManager manager;
  private final ParameterSet parameters;
  private final Adam adam;
  private long steps;

  /**
   * A part of what a step minimises.
   *
   * @param loss a scalar
   * @param weight what it is multiplied by in the sum
   */
  record Term(NDArray loss, double weight) {}

  /**
   * A trainer before its first step.
   *
   * @param settings everything that decides the result, as text
   */
  NetworkTrainer(
      Course course,
      String settings,
      List<TensorSpec> layout,
      LandCoverScheme scheme,
      TrainingSet set,
      Device device) {
    this.course = course;
    this.description = settings + " on " + scheme;
    this.sampler =
        new PatchSampler(
            set, new ClassPositions(scheme), course.batches(), course.seed(), "training");
    this.manager = TorchEngine.newManager(device);
    this.parameters = ParameterSet.initialized(manager, layout, course.seed());
    this.adam = new Adam(parameters, BETA_1, BETA_2);
    parameters.unfreeze();
  }

  /** What a step minimises, by name in the order people read it. */
  abstract Map<String, Term> terms(PatchSampler.Patches patches, long step, NDManager scope);

  /**
   * The model as it is shipped.
   *
   * @param name the model's name
   * @param dataset the training data, in words
   * @param licence the weights' licence
   */
  public abstract ModelBundle bundle(
      String name, String dataset, String licence, Precision precision);

  final ParameterSet parameters() {
    return parameters;
  }

  final PatchSampler sampler() {
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
      adam.step(course.learningRate(steps));
    }
    steps++;
    return losses;
  }

  /** The weighted sum of losses. */
  static NDArray sum(Map<String, Term> terms) {
    return terms.values().stream()
        .map(term -> term.loss().mul(term.weight()))
        .reduce(NDArray::add)
        .orElseThrow();
  }

  /** Writes everything {@link #resume} needs to go on exactly; the stream stays open. */
  public final void save(OutputStream target) throws IOException {
    Map<String, HostTensor> all = new TreeMap<>();
    parameters.toHost().asMap().forEach((name, tensor) -> all.put(NETWORK + name, tensor));
    adam.toHost().asMap().forEach((name, tensor) -> all.put(ADAM + name, tensor));
    Map<String, String> metadata = Map.of(STEP, Long.toString(steps), SETTINGS, description);
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
    adam.restore(saved.tensors().withoutPrefix(ADAM), steps);
  }

  private Map<String, long[]> shapes() {
    Map<String, long[]> shapes = new TreeMap<>();
    parameters.shapes().forEach((name, shape) -> shapes.put(NETWORK + name, shape));
    adam.shapes().forEach((name, shape) -> shapes.put(ADAM + name, shape));
    return shapes;
  }

  /** Native arrays that live as long as the trainer, for tests against leaks. */
  final int nativeArrays() {
    return manager.getManagedArrays().size() + parameters.manager().getManagedArrays().size();
  }

  @Override
  public final void close() {
    manager.close();
  }
}
