package io.landloom.synthesis.gate;

import io.landloom.geo.landcover.LandCoverClass;
import io.landloom.geo.landcover.LandCoverScheme;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * Finds how badly a segmenter may do on a real image: the thresholds of the consistency gate, kept
 * in the segmenter's card.
 *
 * <p>They are the 5th percentiles of accuracy and mean IoU on real validation patches, of those
 * where one class is dominant, and of all. A class that is dominant in few has none of its own: a
 * percentile of so few is one of them.
 */
public final class ConsistencyCalibration {
  static final String ACCURACY = "p5 acc ";
  static final String MEAN_IOU = "p5 mIoU ";

  /** In the place of a class, for patches whatever class is dominant. */
  static final String OVER_ALL = "over all";

  private static final double SHARE = 0.05;
  private static final int LEAST_PATCHES = 20;

  private final List<String> names;
  private final List<Consistency> patches = new ArrayList<>();

  /** Nothing measured yet. */
  public ConsistencyCalibration(LandCoverScheme scheme) {
    this.names = scheme.validClasses().stream().map(LandCoverClass::name).toList();
  }

  /**
   * Measures a patch; one without a pixel that has a class does not count.
   *
   * @param truth class position a pixel, unsigned; the number of valid classes where it is unknown
   * @param predicted class position a pixel, of a valid class
   */
  public void add(byte[] truth, byte[] predicted) {
    Consistency consistency = Consistency.of(truth, predicted, names.size());
    if (consistency.dominant() != Consistency.NO_CLASS) {
      patches.add(consistency);
    }
  }

  /** The thresholds as metrics of a card; none without patches. */
  public Map<String, Double> metrics() {
    Map<String, Double> metrics = new TreeMap<>();
    if (!patches.isEmpty()) {
      put(metrics, patches, OVER_ALL);
    }
    for (int position = 0; position < names.size(); position++) {
      int dominant = position;
      List<Consistency> own = patches.stream().filter(p -> p.dominant() == dominant).toList();
      if (own.size() >= LEAST_PATCHES) {
        put(metrics, own, names.get(position));
      }
    }
    return metrics;
  }

  private static void put(Map<String, Double> metrics, List<Consistency> some, String of) {
    metrics.put(ACCURACY + of, percentile(some, Consistency::accuracy));
    metrics.put(MEAN_IOU + of, percentile(some, Consistency::meanIou));
  }

  /** Linear between the two nearest values. */
  private static double percentile(List<Consistency> some, ToDoubleFunction<Consistency> measure) {
    double[] sorted = some.stream().mapToDouble(measure).toArray();
    Arrays.sort(sorted);
    double place = SHARE * (sorted.length - 1);
    int below = (int) place;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }
}
