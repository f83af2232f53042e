package io.landloom.jobs.evaluate;

import ai.djl.Device;
import io.landloom.geo.landcover.LandCoverClass;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.measure.FeatureExtractor;
import io.landloom.synthesis.measure.FeatureVectors;
import io.landloom.synthesis.measure.FrechetDistance;
import io.landloom.synthesis.measure.ImageStatistics;
import io.landloom.synthesis.measure.Images;
import io.landloom.synthesis.measure.KernelDistance;
import io.landloom.synthesis.measure.Neighbourhoods;
import io.landloom.synthesis.measure.PrincipalComponents;
import io.landloom.synthesis.measure.RegionVectors;
import io.landloom.synthesis.measure.SlicedWasserstein;
import io.landloom.synthesis.measure.Standardization;
import io.landloom.synthesis.measure.TwoSampleTest;
import io.landloom.synthesis.training.ClassPositions;
import io.landloom.synthesis.training.TrainingSet;
import java.util.ArrayList;
import java.util.List;

/** How far sets of images are from one set of real images; units come from real training images. */
final class Realism {
  /** Name of the table of distances. */
  static final String DISTANCES = "Distance to other real images";

  /** Name of the table of distances over the floor's. */
  static final String RATIOS = "Distance over that of real images";

  /** Name of the table of distances by class. */
  static final String BY_CLASS = "FD-style by class";

  /** Name of the table of SWD by level. */
  static final String LEVELS = "SWD by level";

  private static final List<String> MEASURES =
      List.of(
          "FD-Seg",
          "FD-style",
          "FD-stat",
          "SWD",
          "KID-Seg",
          "KID-Seg sd",
          "precision",
          "recall",
          "density",
          "coverage",
          "C2ST AUC",
          "C2ST accuracy");
  private static final List<String> DISTANCE_MEASURES =
      List.of("FD-Seg", "FD-style", "FD-stat", "SWD");
  private static final int CLASSIFIER_BATCH = 16;
  private static final double CLASSIFIER_RATE = 1e-3;

  private final EvaluationRule rule;
  private final FeatureExtractor extractor;
  private final Device device;
  private final Images real;
  private final FeatureVectors realVectors;
  private final float[][] realStatistics;
  private final PrincipalComponents components;
  private final Standardization styleUnits;
  private final Standardization statisticUnits;
  private final ResultTable distances;
  private final ResultTable levels;
  private final ResultTable byClass;
  private final LandCoverScheme scheme;
  private final ClassPositions positions;
  private final RegionVectors regionUnits;
  private final RegionVectors realRegions;

  /** Takes units from training images and the vectors of the images to compare with. */
  Realism(
      EvaluationRule rule,
      RealSets sets,
      LandCoverScheme scheme,
      FeatureExtractor extractor,
      Device device) {
    this.rule = rule;
    this.scheme = scheme;
    this.positions = new ClassPositions(scheme);
    this.extractor = extractor;
    this.device = device;
    this.real = RealSets.images(sets.compared());
    TrainingSet train = sets.train();
    this.regionUnits = regions();
    FeatureVectors trained = vectors(RealSets.images(train), train, regionUnits);
    int most = Math.min(trained.pooled()[0].length, train.size() - 1);
    int count = Math.min(most, Math.max(1, Math.min(rule.principal(), real.size() / 8)));
    this.components = PrincipalComponents.of(trained.pooled(), count);
    this.styleUnits = Standardization.of(trained.style());
    this.statisticUnits = Standardization.of(ImageStatistics.of(RealSets.images(train)));
    this.realRegions = regions();
    this.realVectors = vectors(real, sets.compared(), realRegions);
    this.realStatistics = statisticUnits.apply(ImageStatistics.of(real));
    this.distances = ResultTable.empty(DISTANCES, note(), MEASURES);
    this.levels =
        ResultTable.empty(
            LEVELS, "Finest first; the last level is what is left of the image.", levelNames());
    this.byClass = ResultTable.empty(BY_CLASS, regionNote(), classNames());
  }

  private RegionVectors regions() {
    return new RegionVectors(positions.count() - 1, rule.leastPixels());
  }

  /** Vectors of images, and those of their masks' regions. */
  private FeatureVectors vectors(Images images, TrainingSet masks, RegionVectors regions) {
    return FeatureVectors.of(
        images,
        extractor,
        (i, maps) ->
            regions.add(
                maps,
                positions.of(masks.mask(i), images.image(i).width(), "evaluated patch " + i)));
  }

  private List<String> classNames() {
    return scheme.validClasses().stream().map(LandCoverClass::name).toList();
  }

  private String regionNote() {
    return String.format(
        "As FD-style, over the pixels of one class: means of all maps' channels, a vector for every"
            + " image with %d pixels of it, in units of training images. A class far above the first"
            + " row looks false.",
        rule.leastPixels());
  }

  private List<String> levelNames() {
    int count = SlicedWasserstein.levels(real.image(0));
    List<String> names = new ArrayList<>();
    for (int level = 0; level < count; level++) {
      names.add((real.image(0).width() >> level) + " pixels");
    }
    return names;
  }

  private String note() {
    return String.format(
        java.util.Locale.ROOT,
        "Each row is %d images against the same %d real images that it has no mask of. FD-Seg: Frechet"
            + " distance of %d principal components (%.0f %% of the variance of training images) of"
            + " the features' deepest mean. FD-style: per dimension, means and deviations of all"
            + " maps' channels in units of training images. FD-stat: Frechet distance of network-free"
            + " statistics in the same units. KID-Seg x1000, sd over %d halves. Precision to"
            + " coverage: k = %d. C2ST: half learnt from, half asked about, %d steps. Features: %s"
            + " %s. Seed %d.",
        real.size(),
        real.size(),
        components.count(),
        100 * components.share(),
        rule.subsets(),
        rule.neighbours(),
        rule.classifierSteps(),
        extractor.name(),
        extractor.digest().substring(0, 12),
        rule.seed());
  }

  /**
   * Measures a set of images, as a row of all tables.
   *
   * @param masks patches with the images' masks
   */
  void add(String row, Images images, TrainingSet masks) {
    RegionVectors regions = regions();
    FeatureVectors vectors = vectors(images, masks, regions);
    SlicedWasserstein sliced = SlicedWasserstein.between(real, images, rule.seed());
    KernelDistance kernel =
        KernelDistance.between(realVectors.pooled(), vectors.pooled(), rule.subsets(), rule.seed());
    Neighbourhoods found =
        Neighbourhoods.of(realVectors.pooled(), vectors.pooled(), rule.neighbours());
    TwoSampleTest test =
        TwoSampleTest.of(
            real,
            images,
            new TwoSampleTest.Training(
                rule.classifierSteps(), CLASSIFIER_BATCH, CLASSIFIER_RATE, rule.seed()),
            device);
    distances.add(
        row,
        List.of(
            FrechetDistance.between(
                components.project(realVectors.pooled()), components.project(vectors.pooled())),
            FrechetDistance.perDimension(
                styleUnits.apply(realVectors.style()), styleUnits.apply(vectors.style())),
            FrechetDistance.between(
                realStatistics, statisticUnits.apply(ImageStatistics.of(images))),
            sliced.mean(),
            kernel.value(),
            kernel.deviation(),
            found.precision(),
            found.recall(),
            found.density(),
            found.coverage(),
            test.auc(),
            test.accuracy()));
    levels.add(row, sliced.levels());
    List<Double> distancesOfClasses = new ArrayList<>();
    for (int position = 0; position < positions.count() - 1; position++) {
      distancesOfClasses.add(regions.distance(realRegions, regionUnits, position));
    }
    byClass.add(row, distancesOfClasses);
  }

  /** The tables; ratios are to a row. */
  List<ResultTable> tables(String floor) {
    ResultTable ratios =
        ResultTable.empty(
            RATIOS,
            "1 is what real images have that were left out of training. A synthesizer that does not"
                + " beat the references here has learnt nothing worth shipping.",
            DISTANCE_MEASURES);
    for (String row : distances.rows().keySet()) {
      ratios.add(
          row,
          DISTANCE_MEASURES.stream()
              .map(measure -> distances.at(row, measure) / distances.at(floor, measure))
              .toList());
    }
    return List.of(distances, ratios, byClass, levels);
  }
}
