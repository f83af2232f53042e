package io.landloom.jobs.evaluate;

import io.landloom.geo.image.Raster;
import io.landloom.synthesis.measure.Images;
import io.landloom.synthesis.training.TrainingSet;

/**
 * The real patches of an evaluation.
 *
 * @param train training patches, for units and references
 * @param shown patches whose masks images are drawn for; their own images are the floor
 * @param compared other patches, as many, that drawn images and the floor are compared with
 * @param origin where the latter two come from, in words
 */
record RealSets(TrainingSet train, TrainingSet shown, TrainingSet compared, String origin) {
  RealSets {
    if (shown.size() != compared.size()) {
      throw new IllegalArgumentException(
          shown.size()
              + " patches shown, "
              + compared.size()
              + " compared: expected equal numbers");
    }
  }

  /** The images of a set. */
  static Images images(TrainingSet set) {
    return new Images() {
      @Override
      public int size() {
        return set.size();
      }

      @Override
      public Raster image(int i) {
        return set.image(i);
      }
    };
  }
}
