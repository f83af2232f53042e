package io.landloom.synthesis.training;

import io.landloom.geo.landcover.ClassMask;
import io.landloom.synthesis.SeededStream;
import java.util.Arrays;

/** Which items of a training set an epoch shows, and in which order; an epoch has as many as it. */
public final class PatchOrder {
  private final double[] upTo;

  private PatchOrder(double[] upTo) {
    this.upTo = upTo;
  }

  /** How often items are shown. */
  public enum Sampling {
    /** Each once an epoch. */
    UNIFORM("uniform"),
    /**
     * By what an item has of each class, over what all items have of it: classes are then seen
     * about equally often.
     */
    RARE_CLASSES("rareClasses");

    private final String value;

    Sampling(String value) {
      this.value = value;
    }

    /** The sampling of a setting's value. */
    public static Sampling of(String value) {
      return Arrays.stream(values())
          .filter(sampling -> sampling.value.equals(value))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "sampling '" + value + "' is neither uniform nor rareClasses"));
    }
  }

  /**
   * The order of a set.
   *
   * @throws IllegalArgumentException if classes are to be seen equally often and no pixel has one
   */
  static PatchOrder of(Sampling sampling, TrainingSet set, ClassPositions positions) {
    double[] weights = new double[set.size()];
    Arrays.fill(weights, 1);
    if (sampling == Sampling.RARE_CLASSES) {
      weights = rarities(set, positions);
    }
    double[] upTo = new double[weights.length];
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      sum += weights[i];
      upTo[i] = sum;
    }
    if (!(sum > 0)) {
      throw new IllegalArgumentException(
          "sampling = rareClasses: no pixel of the training set has a class");
    }
    return new PatchOrder(upTo);
  }

  /** Of every item, the sum over classes of its share of the item over its share of all. */
  private static double[] rarities(TrainingSet set, ClassPositions positions) {
    int classes = positions.count() - 1;
    double[][] shares = new double[set.size()][classes];
    double[] sums = new double[classes];
    for (int item = 0; item < set.size(); item++) {
      ClassMask mask = set.mask(item);
      byte[] pixels = positions.of(mask, mask.width(), "training item " + item);
      for (byte position : pixels) {
        if (position < classes) {
          shares[item][position] += 1.0 / pixels.length;
        }
      }
      for (int position = 0; position < classes; position++) {
        sums[position] += shares[item][position];
      }
    }
    double[] rarities = new double[set.size()];
    for (int item = 0; item < rarities.length; item++) {
      for (int position = 0; position < classes; position++) {
        rarities[item] += sums[position] > 0 ? shares[item][position] / sums[position] : 0;
      }
    }
    return rarities;
  }

  /**
   * The items of an epoch: systematic draws from the weights, so that an item comes as often as its
   * weight says, rounded up or down, in a random order.
   */
  int[] epoch(SeededStream stream) {
    int size = upTo.length;
    int[] order = stream.permutation(size);
    double offset = stream.nextShare();
    double step = upTo[size - 1] / size;
    for (int i = 0; i < size; i++) {
      int found = Arrays.binarySearch(upTo, (order[i] + offset) * step);
      // exactly on an item's end is the next item's start
      order[i] = Math.min(size - 1, found >= 0 ? found + 1 : -found - 1);
    }
    return order;
  }
}
