package io.landloom.synthesis.segment;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.tensor.Operators;
import io.landloom.synthesis.tensor.Statistics;
import io.landloom.synthesis.training.ClassMaps;
import io.landloom.synthesis.training.ClassPositions;
import io.landloom.synthesis.training.NetworkTrainer;
import io.landloom.synthesis.training.PatchSampler;
import io.landloom.synthesis.training.TrainingSet;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.Precision;
import java.util.Map;
import java.util.TreeMap;

/** Trains a plain segmenter by the cross-entropy of the pixels that have a class. */
public final class SegmenterTrainer extends NetworkTrainer {
  private final SegmenterSettings settings;
  private final LandCoverScheme scheme;
  private final SegmentationNet net;
  private final float[] classWeights;

  /**
   * A trainer before its first step.
   *
   * @param set all labelled patches; the settings say which labels are seen
   * @throws IllegalArgumentException if the set is empty
   */
  public SegmenterTrainer(
      SegmenterSettings settings, LandCoverScheme scheme, TrainingSet set, Device device) {
    this(settings, scheme, device, settings.labels().of(set, scheme));
  }

  private SegmenterTrainer(
      SegmenterSettings settings, LandCoverScheme scheme, Device device, TrainingSet seen) {
    super(
        settings.course(),
        settings.toString(),
        settings
            .architecture()
            .layout(settings.course().bands(), settings.width(), scheme.validClasses().size()),
        scheme,
        seen,
        device);
    this.settings = settings;
    this.scheme = scheme;
    this.net = settings.architecture().net(parameters());
    this.classWeights = settings.weighting().weights(seen, new ClassPositions(scheme));
  }

  @Override
  protected Map<String, Term> terms(PatchSampler.Patches patches, long step, NDManager scope) {
    int size = settings.course().patchSize();
    NDArray image = scope.create(patches.image(), settings.course().batches().shape());
    ClassMaps maps = new ClassMaps(scope, patches.positions(), size, scheme.size());
    return terms(net, image, maps.weighted(classWeights));
  }

  /** The terms of images (B, bands, S, S) and the weights of their pixels' classes (B, K, S, S). */
  static Map<String, Term> terms(SegmentationNet net, NDArray image, NDArray valid) {
    NDArray logits = net.forward(image, Statistics.TRAINING);
    return Map.of("cross_entropy", new Term(Operators.crossEntropy(logits, valid), 1));
  }

  @Override
  public ModelBundle bundle(String name, String dataset, String licence, Precision precision) {
    ModelCard card =
        new ModelCard(
            name,
            settings.architecture().onCards(),
            ModelCard.SchemeClasses.of(scheme),
            settings.course().patchSize(),
            settings.course().bands(),
            new TreeMap<>(Map.of("width", settings.width())),
            Segmenter.INFERENCE,
            new ModelCard.Training(steps(), settings.course().seed(), dataset, licence));
    return ModelBundle.of(card, parameters().toHost(), precision);
  }
}
