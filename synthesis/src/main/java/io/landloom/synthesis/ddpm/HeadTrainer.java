package io.landloom.synthesis.ddpm;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.SeededStream;
import io.landloom.synthesis.tensor.GradMode;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.ParameterSet;
import io.landloom.synthesis.tensor.Statistics;
import io.landloom.synthesis.tensor.TorchEngine;
import io.landloom.synthesis.training.Augmentation;
import io.landloom.synthesis.training.ClassMaps;
import io.landloom.synthesis.training.ClassPositions;
import io.landloom.synthesis.training.NetworkTrainer;
import io.landloom.synthesis.training.PatchSampler;
import io.landloom.synthesis.training.TrainingSet;
import io.landloom.synthesis.weights.HostTensor;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.ModelException;
import io.landloom.synthesis.weights.NamedTensors;
import io.landloom.synthesis.weights.Precision;
import io.landloom.synthesis.weights.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Trains a head on few labels, by the cross-entropy of the pixels that have a class; the network
 * below stays as it is, unless it is told to learn as well.
 */
public final class HeadTrainer extends NetworkTrainer {
  private static final float TINY = 1e-6f;

  private final HeadSettings settings;
  private final LandCoverScheme scheme;
  private final HeadModel model;
  private final NoisyFeatures features;
  private final HeadNet net;
  private final FeatureCache cache;
  private final float[] classWeights;
  private final int items;

  /**
   * A trainer before its first step.
   *
   * @param below the trained model whose maps are the features
   * @param set all labelled patches; the settings say which labels are seen
   * @throws IllegalArgumentException if the set is empty, or a setting does not fit the model
   * @throws ModelException if the model is none that gives features
   */
  public HeadTrainer(
      HeadSettings settings,
      ModelBundle below,
      LandCoverScheme scheme,
      TrainingSet set,
      Device device) {
    this(
        settings,
        below,
        HeadModel.of(settings, required(below), scheme.validClasses().size()),
        scheme,
        settings.labels().of(set, scheme),
        device);
  }

  private HeadTrainer(
      HeadSettings settings,
      ModelBundle below,
      HeadModel model,
      LandCoverScheme scheme,
      TrainingSet seen,
      Device device) {
    super(
        settings.course(),
        new Care(0, Double.POSITIVE_INFINITY, settings.regularization().weightDecay()),
        settings.regularization().augment() ? Augmentation.ALL : Augmentation.NONE,
        settings.identity() + " on model " + below.digest(),
        scheme,
        seen,
        device,
        manager -> network(manager, settings, model, below));
    this.settings = settings;
    this.scheme = scheme;
    this.model = model;
    this.features = model.features(parameters());
    this.net = model.net(parameters());
    this.cache = new FeatureCache(manager(), (long) settings.features().cacheMiB() << 20);
    this.classWeights = settings.weighting().weights(seen, new ClassPositions(scheme));
    this.items = seen.size();
  }

  private static ModelCard required(ModelBundle below) {
    Ddpm.require(below);
    return below.card();
  }

  private static ParameterSet network(
      NDManager manager, HeadSettings settings, HeadModel model, ModelBundle below) {
    TensorSpec.Role role =
        switch (settings.backbone()) {
          case FROZEN, RANDOM -> TensorSpec.Role.BUFFER;
          case FINETUNED -> TensorSpec.Role.TRAINED;
        };
    ParameterSet parameters =
        ParameterSet.initialized(manager, model.layout(role), settings.course().seed());
    if (settings.backbone() != HeadSettings.Backbone.RANDOM) {
      Map<String, HostTensor> start = new TreeMap<>(parameters.toHost().asMap());
      below
          .tensors()
          .asMap()
          .forEach((name, tensor) -> start.put(HeadModel.BACKBONE + name, tensor));
      parameters.restore(new NamedTensors(start));
    }
    return parameters;
  }

  /** Number of patches whose labels are seen. */
  public int labelledPatches() {
    return items;
  }

  /** How often features of frozen networks were made. */
  long madeFeatures() {
    return cache.made();
  }

  @Override
  protected Map<String, Term> terms(PatchSampler.Patches patches, long step, NDManager scope) {
    int size = settings.course().patchSize();
    NDArray image = scope.create(patches.image(), settings.course().batches().shape());
    List<NDArray> maps = model.seen(features(image, patches, step), image);
    ClassMaps classes = new ClassMaps(scope, patches.positions(), size, scheme.size());
    return net instanceof ResidualHead head
        ? residualTerms(head, maps, classes, step)
        : pixelTerms((PixelEnsemble) net, maps, patches.positions(), step);
  }

  private List<NDArray> features(NDArray image, PatchSampler.Patches patches, long step) {
    int batch = settings.course().batch();
    NoisyFeatures.Noising shared = features.shared(image.getManager(), image.getShape());
    List<List<NDArray>> all = new ArrayList<>();
    for (int i = 0; i < batch; i++) {
      NDArray one = image.get(new NDIndex(i + ":" + (i + 1)));
      SeededStream stream = sampler().stream("scheduled noise", step * batch + i);
      boolean scheduled = stream.nextShare() < settings.features().scheduledNoise();
      NoisyFeatures.Noising noising = scheduled ? moved(stream, one) : shared;
      if (settings.backbone() == HeadSettings.Backbone.FINETUNED) {
        all.add(features.ofOne(one, noising));
      } else if (scheduled) {
        all.add(unrecorded(one, noising));
      } else {
        FeatureCache.Key key = new FeatureCache.Key(patches.items()[i], patches.symmetries()[i]);
        all.add(cache.get(key, () -> unrecorded(one, shared)));
      }
    }
    return NoisyFeatures.together(all);
  }

  private List<NDArray> unrecorded(NDArray image, NoisyFeatures.Noising noising) {
    try (GradMode off = GradMode.off()) {
      return features.ofOne(image, noising);
    }
  }

  /** Other noise, of timesteps near those of the choice. */
  private NoisyFeatures.Noising moved(SeededStream stream, NDArray image) {
    int spread = settings.features().spread();
    List<Integer> timesteps = new ArrayList<>();
    for (int timestep : features.timesteps()) {
      int lowest = Math.max(0, timestep - spread);
      int highest = Math.min(model.timesteps() - 1, timestep + spread);
      timesteps.add(lowest + stream.nextInt(highest - lowest + 1));
    }
    return new NoisyFeatures.Noising(
        timesteps, NoisyFeatures.noise(image.getManager(), stream, image.getShape()));
  }

  private Map<String, Term> residualTerms(
      ResidualHead head, List<NDArray> maps, ClassMaps classes, long step) {
    int size = settings.course().patchSize();
    List<NDArray> gates = head.gates(maps);
    NDArray logits = head.logits(maps, gates, size, size, dropout(step));
    Map<String, Term> terms = new LinkedHashMap<>();
    NDArray error = Operators.crossEntropy(logits, classes.weighted(classWeights));
    terms.put("cross_entropy", new Term(error, 1));
    if (settings.lambdas().gates() > 0) {
      terms.put("gates", new Term(mean(gates), settings.lambdas().gates()));
    }
    if (settings.lambdas().dice() > 0) {
      terms.put("dice", new Term(dice(logits, classes.valid()), settings.lambdas().dice()));
    }
    return terms;
  }

  /** One seed a step, so that a training that goes on drops what it would have dropped. */
  private UnaryOperator<NDArray> dropout(long step) {
    double rate = settings.regularization().dropout();
    if (rate == 0) {
      return x -> x;
    }
    TorchEngine.seed(sampler().stream("dropout", step).nextInt(Integer.MAX_VALUE));
    return x -> Operators.dropout(x, rate);
  }

  private static NDArray mean(List<NDArray> gates) {
    NDArray sum = gates.stream().map(NDArray::mean).reduce(NDArray::add).orElseThrow();
    return Operators.scaled(sum, 1.0 / gates.size());
  }

  /**
   * One minus the overlap of what is predicted and what is there (Milletari et al., 3DV 2016), mean
   * over the classes that are there.
   *
   * @param logits (B, K, H, W)
   * @param valid (B, K, H, W), one-hot, all 0 at unknown pixels
   */
  static NDArray dice(NDArray logits, NDArray valid) {
    int[] all = {0, 2, 3};
    NDArray labelled = valid.sum(new int[] {1}, true); // (B, 1, H, W)
    NDArray likely = logits.softmax(1).mul(labelled);
    NDArray both = likely.mul(valid).sum(all); // (K)
    NDArray either = likely.sum(all).add(valid.sum(all));
    NDArray there = valid.sum(all).gt(0).toType(likely.getDataType(), false);
    NDArray overlap = Operators.scaled(both, 2).div(either.add(TINY)).mul(there);
    NDArray classes = there.sum().maximum(1f);
    return overlap.sum().div(classes).neg().add(1);
  }

  private Map<String, Term> pixelTerms(
      PixelEnsemble head, List<NDArray> maps, byte[] positions, long step) {
    int size = settings.course().patchSize();
    int[] labelled = labelled(positions);
    NDArray sum = null;
    for (int member = 0; member < head.members(); member++) {
      int[] pixels = chosen(labelled, step, member);
      NDArray rows = PixelRows.of(maps, new PixelRows.Pixels(pixels, size, size));
      NDArray scores = head.scores(member, rows, Statistics.TRAINING);
      NDArray error = Operators.crossEntropy(scores, targets(pixels, positions, rows.getManager()));
      sum = sum == null ? error : sum.add(error);
    }
    // each perceptron learns as if it were alone; the mean is for people
    NDArray mean = Operators.scaled(sum, 1.0 / head.members());
    return Map.of("cross_entropy", new Term(mean, head.members()));
  }

  private int[] labelled(byte[] positions) {
    int[] labelled = new int[positions.length];
    int count = 0;
    for (int pixel = 0; pixel < positions.length; pixel++) {
      if (positions[pixel] < model.classes()) {
        labelled[count++] = pixel;
      }
    }
    return Arrays.copyOf(labelled, count);
  }

  /** The pixels a member learns from; without a labelled one any, which then count nothing. */
  private int[] chosen(int[] labelled, long step, int member) {
    SeededStream stream = sampler().stream("pixels", step, member);
    int[] pixels = new int[settings.network().pixels()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = labelled.length == 0 ? i : labelled[stream.nextInt(labelled.length)];
    }
    return pixels;
  }

  /** Weights (P, K) of the pixels' classes, all 0 where a pixel is unknown. */
  private NDArray targets(int[] pixels, byte[] positions, NDManager manager) {
    int classes = model.classes();
    float[] targets = new float[pixels.length * classes];
    for (int i = 0; i < pixels.length; i++) {
      int position = positions[pixels[i]];
      if (position < classes) {
        targets[i * classes + position] = classWeights.length == 0 ? 1 : classWeights[position];
      }
    }
    return manager.create(targets, new Shape(pixels.length, classes));
  }

  @Override
  public ModelBundle bundle(String name, String dataset, String licence, Precision precision) {
    ModelCard card =
        new ModelCard(
            name,
            settings.form().onCards(),
            ModelCard.SchemeClasses.of(scheme),
            settings.course().patchSize(),
            settings.course().bands(),
            model.onCard(),
            HeadModel.INFERENCE,
            new ModelCard.Training(steps(), settings.course().seed(), dataset, licence));
    return ModelBundle.of(card, shipped().toHost(), precision);
  }
}
