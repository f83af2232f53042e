package io.landloom.jobs.evaluate;

import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.LandCoverClass;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.measure.Confusion;
import io.landloom.synthesis.measure.Confusion.Over;
import io.landloom.synthesis.measure.Images;
import io.landloom.synthesis.segment.Segmenter;
import io.landloom.synthesis.training.ClassPositions;
import io.landloom.synthesis.training.TrainingSet;
import java.util.ArrayList;
import java.util.List;

/** Whether a segmenter, trained on real patches, finds the masks in images drawn for them. */
final class Consistency {
  /** Name of the table. */
  static final String NAME = "Seg-consistency";

  /** Name of the table by class. */
  static final String BY_CLASS = "IoU by class";

  private static final double OVER_REGULAR = 1.05;

  private final Segmenter segmenter;
  private final TrainingSet patches;
  private final ClassPositions positions;
  private final int batch;
  private final ResultTable table;
  private final ResultTable byClass;

  Consistency(Segmenter segmenter, TrainingSet patches, LandCoverScheme scheme, int batch) {
    this.segmenter = segmenter;
    this.patches = patches;
    this.positions = new ClassPositions(scheme);
    this.batch = batch;
    this.table =
        ResultTable.empty(
            NAME,
            String.format(
                "Segmenter %s %s against the %d masks. The ratio is to real images of the same masks;"
                    + " above %.2f images are over-regular, easier than real ones. mIoU and mF1 are"
                    + " means over the classes that are true somewhere.",
                segmenter.name(),
                segmenter.digest().substring(0, 12),
                patches.size(),
                OVER_REGULAR),
            List.of("mIoU", "classes", "mF1", "FWIoU", "acc", "mIoU ratio"));
    this.byClass =
        ResultTable.empty(
            BY_CLASS,
            "By the same segmenter.",
            scheme.validClasses().stream().map(LandCoverClass::name).toList());
  }

  /** Measures images of the patches' masks, as a row of both tables. */
  void add(String row, Images images) {
    Confusion confusion = new Confusion(segmenter.classes());
    for (int from = 0; from < images.size(); from += batch) {
      List<Raster> some = new ArrayList<>();
      for (int i = from; i < Math.min(images.size(), from + batch); i++) {
        some.add(images.image(i));
      }
      List<byte[]> predicted = segmenter.predict(some);
      for (int i = 0; i < some.size(); i++) {
        byte[] truth =
            positions.of(patches.mask(from + i), some.get(i).width(), "patch " + (from + i));
        confusion.add(truth, predicted.get(i));
      }
    }
    double mean = confusion.meanIou(Over.TRUE);
    double real = table.rows().isEmpty() ? mean : table.rows().values().iterator().next().get(0);
    table.add(
        row,
        List.of(
            mean,
            (double) confusion.counted(Over.TRUE),
            confusion.meanF1(Over.TRUE),
            confusion.frequencyWeightedIou(),
            confusion.accuracy(),
            mean / real));
    List<Double> ious = new ArrayList<>();
    for (int position = 0; position < confusion.classes(); position++) {
      ious.add(confusion.iou(position));
    }
    byClass.add(row, ious);
  }

  /** The tables; the first row added is what ratios are to. */
  List<ResultTable> tables() {
    return List.of(table, byClass);
  }
}
