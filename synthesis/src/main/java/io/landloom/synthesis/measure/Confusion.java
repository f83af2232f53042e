package io.landloom.synthesis.measure;

import java.util.Arrays;

/**
 * Pixels by true and predicted class, over a whole set of images, and the segmentation measures
 * read from them.
 *
 * <p>Classes are positions in the model: valid classes from 0, and their number for unknown. A
 * pixel whose true class is unknown does not count.
 */
public final class Confusion {
  private final int classes;
  private final long[] pixels; // [true class][predicted class]

  /** Which classes a mean is taken over. */
  public enum Over {
    /** Those that are true or predicted at a pixel at least. */
    SEEN,
    /** Those that are true at a pixel at least. */
    TRUE
  }

  /**
   * No pixels yet.
   *
   * @param classes number of valid classes, 1 to 255
   */
  public Confusion(int classes) {
    if (classes < 1 || classes > 255) {
      throw new IllegalArgumentException(classes + " classes, outside 1..255");
    }
    this.classes = classes;
    this.pixels = new long[classes * classes];
  }

  /**
   * Counts the pixels of an image.
   *
   * @param truth class position a pixel, unsigned; {@link #classes()} where it is unknown
   * @param predicted class position a pixel, of a valid class
   * @throws IllegalArgumentException if the lengths differ or a position is out of range; nothing
   *     is counted then
   */
  public void add(byte[] truth, byte[] predicted) {
    if (truth.length != predicted.length) {
      throw new IllegalArgumentException(
          truth.length + " true pixels, " + predicted.length + " predicted");
    }
    for (int i = 0; i < truth.length; i++) {
      if ((truth[i] & 0xFF) > classes || (predicted[i] & 0xFF) >= classes) {
        throw new IllegalArgumentException(
            String.format(
                "pixel %d: true class %d, predicted class %d, but there are %d classes",
                i, truth[i] & 0xFF, predicted[i] & 0xFF, classes));
      }
    }
    for (int i = 0; i < truth.length; i++) {
      int row = truth[i] & 0xFF;
      if (row < classes) {
        pixels[row * classes + (predicted[i] & 0xFF)]++;
      }
    }
  }

  /** Counts all that another has counted. */
  public void add(Confusion other) {
    if (other.classes != classes) {
      throw new IllegalArgumentException(classes + " classes plus " + other.classes);
    }
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] += other.pixels[i];
    }
  }

  /** Number of valid classes. */
  public int classes() {
    return classes;
  }

  /** Pixels of a true class that were predicted to be another or the same. */
  public long at(int truth, int predicted) {
    return pixels[truth * classes + predicted];
  }

  /** Pixels counted. */
  public long total() {
    return Arrays.stream(pixels).sum();
  }

  /** Pixels of a true class. */
  public long truly(int position) {
    long sum = 0;
    for (int predicted = 0; predicted < classes; predicted++) {
      sum += at(position, predicted);
    }
    return sum;
  }

  private long predictedAs(int position) {
    long sum = 0;
    for (int truth = 0; truth < classes; truth++) {
      sum += at(truth, position);
    }
    return sum;
  }

  /** Intersection over union of a class, 0 to 1; NaN where it is neither true nor predicted. */
  public double iou(int position) {
    long union = truly(position) + predictedAs(position) - at(position, position);
    return (double) at(position, position) / union;
  }

  /** F1, the harmonic mean of precision and recall, of a class; NaN as {@link #iou}. */
  public double f1(int position) {
    return 2.0 * at(position, position) / (truly(position) + predictedAs(position));
  }

  /** Number of classes a mean is taken over. */
  public int counted(Over over) {
    int counted = 0;
    for (int position = 0; position < classes; position++) {
      counted += counts(position, over) ? 1 : 0;
    }
    return counted;
  }

  private boolean counts(int position, Over over) {
    return truly(position) > 0 || (over == Over.SEEN && predictedAs(position) > 0);
  }

  /** Mean intersection over union; NaN without a counted class. */
  public double meanIou(Over over) {
    double sum = 0;
    for (int position = 0; position < classes; position++) {
      sum += counts(position, over) ? iou(position) : 0;
    }
    return sum / counted(over);
  }

  /** Mean F1; NaN without a counted class. */
  public double meanF1(Over over) {
    double sum = 0;
    for (int position = 0; position < classes; position++) {
      sum += counts(position, over) ? f1(position) : 0;
    }
    return sum / counted(over);
  }

  /** Intersection over union, weighted by the true classes' shares; NaN without pixels. */
  public double frequencyWeightedIou() {
    double sum = 0;
    for (int position = 0; position < classes; position++) {
      long truly = truly(position);
      sum += truly > 0 ? truly * iou(position) : 0;
    }
    return sum / total();
  }

  /** Share of the pixels whose class is right; NaN without pixels. */
  public double accuracy() {
    long right = 0;
    for (int position = 0; position < classes; position++) {
      right += at(position, position);
    }
    return (double) right / total();
  }

  @Override
  public String toString() {
    return "Confusion of " + classes + " classes " + Arrays.toString(pixels);
  }
}
