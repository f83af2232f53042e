package io.landloom.jobs.evaluate;

import ai.djl.Device;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.Synthesizer;
import io.landloom.synthesis.measure.Images;
import io.landloom.synthesis.reference.ClassMeanSynthesizer;
import io.landloom.synthesis.reference.RegressionSynthesizer;
import io.landloom.synthesis.segment.Segmenter;
import java.util.ArrayList;
import java.util.List;

/** Measures images of masks beside real ones and references, one part after the other. */
final class ImageMeasures {
  /** Row of real images that the model has not learnt from. */
  static final String REAL = "real, left out";

  private static final double REGRESSION_RATE = 1e-3;

  private final EvaluationRule rule;
  private final LandCoverScheme scheme;
  private final RealSets sets;
  private final Device device;

  ImageMeasures(EvaluationRule rule, LandCoverScheme scheme, RealSets sets, Device device) {
    this.rule = rule;
    this.scheme = scheme;
    this.sets = sets;
    this.device = device;
  }

  /** Number of parts of an evaluation. */
  static int parts(EvaluationRule rule) {
    return rule.regressionSteps() > 0 ? 7 : 6;
  }

  /**
   * All tables.
   *
   * @param part runs when a part is done
   */
  List<ResultTable> run(
      Synthesizer model, Segmenter segmenter, NetFeatures features, Runnable part) {
    Realism realism = new Realism(rule, sets, scheme, features, device);
    Consistency consistency = new Consistency(segmenter, sets.shown(), scheme, rule.batch());
    part.run();
    add(REAL, RealSets.images(sets.shown()), realism, consistency, part);
    add(model.name(), DrawnImages.of(model, sets.shown()), realism, consistency, part);
    try (Synthesizer means =
        ClassMeanSynthesizer.of(sets.train(), scheme, rule.batch(), rule.seed())) {
      add(means.name(), DrawnImages.of(means, sets.shown()), realism, consistency, part);
    }
    if (rule.regressionSteps() > 0) {
      try (Synthesizer regression = regression()) {
        add(
            regression.name(),
            DrawnImages.of(regression, sets.shown()),
            realism,
            consistency,
            part);
      }
    }
    List<ResultTable> tables = new ArrayList<>(realism.tables(REAL));
    tables.addAll(consistency.tables());
    Diversity diversity = new Diversity(rule, features, model, scheme, sets.shown());
    tables.add(diversity.whole());
    part.run();
    tables.addAll(diversity.byClass());
    part.run();
    return tables;
  }

  private void add(
      String row, Images images, Realism realism, Consistency consistency, Runnable part) {
    realism.add(row, images, sets.shown());
    consistency.add(row, images);
    part.run();
  }

  private Synthesizer regression() {
    RegressionSynthesizer.Training training =
        new RegressionSynthesizer.Training(
            rule.regressionWidth(),
            rule.batch(),
            rule.regressionSteps(),
            REGRESSION_RATE,
            rule.seed());
    return RegressionSynthesizer.train(sets.train(), scheme, training, rule.batch(), device);
  }
}
