package io.landloom.jobs.evaluate;

import io.landloom.geo.image.Raster;
import io.landloom.synthesis.Condition;
import io.landloom.synthesis.Synthesizer;
import io.landloom.synthesis.measure.Images;
import io.landloom.synthesis.training.TrainingSet;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Images that a synthesizer drew for the masks of some patches, one each. */
record DrawnImages(List<Raster> images) implements Images {
  /** Draws an image for every mask. */
  static DrawnImages of(Synthesizer synthesizer, TrainingSet patches) {
    List<Condition> conditions = new ArrayList<>();
    for (int item = 0; item < patches.size(); item++) {
      conditions.add(condition(patches, item, 0));
    }
    return of(conditions, synthesizer);
  }

  /** Draws an image for every condition, in batches that are as full as they can be. */
  static DrawnImages of(List<Condition> conditions, Synthesizer synthesizer) {
    int batchSize = synthesizer.batchSize();
    List<Raster> images = new ArrayList<>();
    for (int from = 0; from < conditions.size(); from += batchSize) {
      List<Condition> batch =
          conditions.subList(from, Math.min(conditions.size(), from + batchSize));
      synthesizer
          .synthesize(batch)
          .forEach(pair -> images.add(pair.finiteImage(synthesizer.name())));
    }
    return new DrawnImages(images);
  }

  /** The condition of a copy of a patch's mask. */
  static Condition condition(TrainingSet patches, int item, int copy) {
    return new Condition(key(item), copy, 0, patches.mask(item)).captioned(patches.caption(item));
  }

  /**
   * The condition of a patch's mask of which one class is drawn anew.
   *
   * @param index the class's index
   * @param draw number of its draw; 0 is what {@link #condition} draws of the first copy
   */
  static Condition redrawn(TrainingSet patches, int item, int index, int draw) {
    return new Condition(
        key(item), 0, draw, patches.mask(item), OptionalInt.of(index), patches.caption(item));
  }

  private static String key(int item) {
    return "evaluated patch " + item;
  }

  @Override
  public int size() {
    return images.size();
  }

  @Override
  public Raster image(int i) {
    return images.get(i);
  }
}
