package io.landloom.synthesis.gate;

import io.landloom.synthesis.measure.Confusion;

/**
 * How well a segmenter finds the mask of one image.
 *
 * @param dominant position of the class that most pixels truly are of; the first of equals
 * @param accuracy share of the pixels with a class whose class is found, 0 to 1
 * @param meanIou mean intersection over union of the classes that are in the mask, 0 to 1
 */
record Consistency(int dominant, double accuracy, double meanIou) {
  /** Marks an image whose mask has no pixel with a class. */
  static final int NO_CLASS = -1;

  /**
   * Measures one image.
   *
   * @param truth class position a pixel, unsigned; {@code classes} where it is unknown
   * @param predicted class position a pixel, of a valid class
   */
  static Consistency of(byte[] truth, byte[] predicted, int classes) {
    Confusion confusion = new Confusion(classes);
    confusion.add(truth, predicted);
    int dominant = NO_CLASS;
    long most = 0;
    for (int position = 0; position < classes; position++) {
      long pixels = confusion.truly(position);
      if (pixels > most) {
        most = pixels;
        dominant = position;
      }
    }
    return new Consistency(dominant, confusion.accuracy(), confusion.meanIou(Confusion.Over.TRUE));
  }
}
