package io.landloom.jobs.train;

import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.LandCoverClass;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.geo.source.ByteSource;
import io.landloom.jobs.train.TrainableSystem.Sizes;
import io.landloom.jobs.train.TrainableSystem.Training;
import io.landloom.synthesis.measure.Confusion;
import io.landloom.synthesis.training.ClassPositions;
import io.landloom.synthesis.training.Course;
import io.landloom.synthesis.training.NetworkTrainer;
import io.landloom.synthesis.training.TrainingSet;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.Precision;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/** What the systems that segment have in common. */
final class Segmentation {
  static final List<String> COLUMNS = List.of("image", "mask", "predicted");

  private Segmentation() {}

  static Sizes sizes(Course course) {
    return new Sizes(course.steps(), course.patchSize(), course.bands());
  }

  /** A training with a fresh trainer, which goes on from a checkpoint where there is one. */
  static Training open(NetworkTrainer trainer, Optional<ByteSource> checkpoint) throws IOException {
    try {
      if (checkpoint.isPresent()) {
        trainer.resume(checkpoint.get());
      }
      return new Running(trainer);
    } catch (IOException | RuntimeException e) {
      trainer.close();
      throw e;
    }
  }

  /**
   * A training in progress.
   *
   * @param trainer what trains
   */
  private record Running(NetworkTrainer trainer) implements Training {
    @Override
    public long steps() {
      return trainer.steps();
    }

    @Override
    public Map<String, Float> step() {
      return trainer.step();
    }

    @Override
    public void save(OutputStream target) throws IOException {
      trainer.save(target);
    }

    @Override
    public ModelBundle bundle(TrainingTask.Card card) {
      return trainer.bundle(card.name(), card.dataset(), card.licence(), Precision.F16);
    }

    @Override
    public void close() {
      trainer.close();
    }
  }

  static List<List<Picture>> sheet(
      Function<List<Raster>, List<byte[]>> predict, LandCoverScheme scheme, TrainingSet items) {
    List<List<Picture>> rows = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      Raster image = items.image(i);
      byte[] predicted = predict.apply(List.of(image)).get(0);
      rows.add(
          List.of(
              Picture.of(image),
              Picture.of(items.mask(i), scheme),
              Picture.of(predicted, image.width(), scheme)));
    }
    return rows;
  }

  /** Sees the true and the predicted class positions of a patch. */
  interface Seen {
    void add(byte[] truth, byte[] predicted);
  }

  /**
   * The measures of the confusion matrix over all pixels of a set.
   *
   * @param each sees every patch of the set
   */
  static SortedMap<String, Double> measure(
      Function<List<Raster>, List<byte[]>> predict,
      LandCoverScheme scheme,
      TrainingSet set,
      Seen each) {
    List<LandCoverClass> classes = scheme.validClasses();
    ClassPositions positions = new ClassPositions(scheme);
    Confusion confusion = new Confusion(classes.size());
    for (int i = 0; i < set.size(); i++) {
      Raster image = set.image(i);
      byte[] truth = positions.of(set.mask(i), image.width(), "validation item " + i);
      byte[] predicted = predict.apply(List.of(image)).get(0);
      confusion.add(truth, predicted);
      each.add(truth, predicted);
    }
    SortedMap<String, Double> measures = new TreeMap<>();
    measures.put("mIoU", confusion.meanIou(Confusion.Over.SEEN));
    measures.put("mF1", confusion.meanF1(Confusion.Over.SEEN));
    measures.put("FWIoU", confusion.frequencyWeightedIou());
    measures.put("acc", confusion.accuracy());
    measures.put("classes", (double) confusion.counted(Confusion.Over.SEEN));
    measures.put("patches", (double) set.size());
    for (int k = 0; k < classes.size(); k++) {
      measures.put("IoU " + classes.get(k).name(), confusion.iou(k));
    }
    // a class that is nowhere has no measure
    measures.values().removeIf(value -> !Double.isFinite(value));
    return measures;
  }
}
