package io.landloom.synthesis.gate;

import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.LandCoverClass;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.Pair;
import io.landloom.synthesis.segment.Segmenter;
import io.landloom.synthesis.training.ClassPositions;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.ModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Rejects images in which a segmenter, trained on real patches, does not find the mask they were
 * drawn for as well as it finds that of all but the worst twentieth of real ones.
 *
 * <p>The thresholds are those of the mask's dominant class, see {@link ConsistencyCalibration}. An
 * image whose mask has no pixel with a class is not judged.
 */
public final class ConsistencyGate implements Gate {
  /** The gate's name. */
  public static final String NAME = "consistency";

  private final Segmenter segmenter;
  private final ClassPositions positions;
  private final List<String> names;
  private final Map<String, Double> metrics;

  /**
   * A gate that owns a segmenter.
   *
   * @param card the segmenter's card
   * @throws ModelException as of {@link #requireThresholds}
   */
  public ConsistencyGate(Segmenter segmenter, ModelCard card, LandCoverScheme scheme) {
    requireThresholds(card, scheme);
    this.segmenter = segmenter;
    this.positions = new ClassPositions(scheme);
    this.names = scheme.validClasses().stream().map(LandCoverClass::name).toList();
    this.metrics = card.training().metrics();
  }

  /**
   * Checks that a card is of a segmenter that knows its thresholds.
   *
   * @throws ModelException if it is of another model or scheme, or was never measured on validation
   *     patches
   */
  public static void requireThresholds(ModelCard card, LandCoverScheme scheme) {
    String source = "model '" + card.name() + "'";
    if (!Segmenter.reads(card)) {
      throw new ModelException(
          source, "is " + card.architecture() + ", but the consistency gate needs a segmenter");
    }
    card.requireScheme(scheme);
    Map<String, Double> metrics = card.training().metrics();
    if (!metrics.containsKey(ConsistencyCalibration.ACCURACY + ConsistencyCalibration.OVER_ALL)
        || !metrics.containsKey(
            ConsistencyCalibration.MEAN_IOU + ConsistencyCalibration.OVER_ALL)) {
      throw new ModelException(
          source,
          "has no thresholds for the consistency gate; train it on a dataset with validation"
              + " patches");
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<List<GateDecision>> judge(List<Pair> pairs) {
    List<Raster> images = pairs.stream().map(Pair::image).toList();
    List<byte[]> predicted = segmenter.predict(images);
    List<List<GateDecision>> decisions = new ArrayList<>();
    for (int i = 0; i < pairs.size(); i++) {
      Pair pair = pairs.get(i);
      byte[] truth =
          positions.of(pair.condition().mask(), pair.image().width(), pair.condition().toString());
      decisions.add(decide(Consistency.of(truth, predicted.get(i), names.size())));
    }
    return decisions;
  }

  private List<GateDecision> decide(Consistency consistency) {
    if (consistency.dominant() == Consistency.NO_CLASS) {
      return List.of();
    }
    return List.of(
        GateDecision.atLeast(
            NAME,
            "acc",
            consistency.accuracy(),
            threshold(ConsistencyCalibration.ACCURACY, consistency.dominant())),
        GateDecision.atLeast(
            NAME,
            "mIoU",
            consistency.meanIou(),
            threshold(ConsistencyCalibration.MEAN_IOU, consistency.dominant())));
  }

  private double threshold(String metric, int dominant) {
    return metrics.getOrDefault(
        metric + names.get(dominant), metrics.get(metric + ConsistencyCalibration.OVER_ALL));
  }

  @Override
  public void close() {
    segmenter.close();
  }
}
