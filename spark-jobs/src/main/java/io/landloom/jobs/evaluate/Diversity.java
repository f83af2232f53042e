package io.landloom.jobs.evaluate;

import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.LandCoverClass;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.Condition;
import io.landloom.synthesis.Synthesizer;
import io.landloom.synthesis.measure.FeatureExtractor;
import io.landloom.synthesis.measure.FeatureMap;
import io.landloom.synthesis.measure.ImagePairs;
import io.landloom.synthesis.measure.Images;
import io.landloom.synthesis.measure.PerceptualDistance;
import io.landloom.synthesis.measure.RedrawChange;
import io.landloom.synthesis.measure.RegionDistance;
import io.landloom.synthesis.measure.RegionDistance.Keep;
import io.landloom.synthesis.measure.RegionDistance.Restriction;
import io.landloom.synthesis.training.ClassPositions;
import io.landloom.synthesis.training.TrainingSet;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** How much images of one mask differ, as a whole and where one class is drawn anew. */
final class Diversity {
  /** Name of the table of whole images. */
  static final String WHOLE = "Diversity";

  /** Name of the table by class. */
  static final String BY_CLASS = "One class drawn anew";

  /** Name of the table of means over the classes. */
  static final String MEANS = "Class-specific diversity";

  private final EvaluationRule rule;
  private final FeatureExtractor extractor;
  private final Synthesizer model;
  private final LandCoverScheme scheme;
  private final ClassPositions positions;
  private final TrainingSet patches;

  Diversity(
      EvaluationRule rule,
      FeatureExtractor extractor,
      Synthesizer model,
      LandCoverScheme scheme,
      TrainingSet patches) {
    this.rule = rule;
    this.extractor = extractor;
    this.model = model;
    this.scheme = scheme;
    this.positions = new ClassPositions(scheme);
    this.patches = patches;
  }

  /** Distances of images of one mask, and of real patches among each other. */
  ResultTable whole() {
    int masks = Math.min(rule.diversityMasks(), patches.size());
    double drawn = 0;
    for (int mask = 0; mask < masks; mask++) {
      drawn += distance(copies(mask));
    }
    drawn /= masks;
    double real = amongReals(masks * rule.pairs());
    ResultTable table =
        ResultTable.empty(
            WHOLE,
            String.format(
                "LPIPS form over %s %s with weights of 1: %d images a mask, %d pairs of them, mean over"
                    + " %d masks; real patches are paired at random. Seed %d.",
                extractor.name(),
                extractor.digest().substring(0, 12),
                rule.copies(),
                rule.pairs(),
                masks,
                rule.seed()),
            List.of("D-LPIPS", "ratio to real"));
    table.add(ImageMeasures.REAL, List.of(real, 1.0));
    table.add(model.name(), List.of(drawn, drawn / real));
    return table;
  }

  private List<Raster> copies(int mask) {
    List<Condition> conditions =
        IntStream.range(0, rule.copies())
            .mapToObj(copy -> DrawnImages.condition(patches, mask, copy))
            .toList();
    return DrawnImages.of(conditions, model).images();
  }

  private List<ImagePairs.Two> pairs(int images) {
    return ImagePairs.distinct(images, rule.pairs(), rule.seed());
  }

  private double distance(List<Raster> images) {
    List<List<FeatureMap>> maps = unitMaps(images);
    return pairs(images.size()).stream()
        .mapToDouble(
            pair -> PerceptualDistance.between(maps.get(pair.first()), maps.get(pair.second())))
        .average()
        .orElseThrow();
  }

  private double amongReals(int most) {
    Images reals = RealSets.images(patches);
    return ImagePairs.distinct(reals.size(), most, rule.seed()).stream()
        .mapToDouble(
            pair -> {
              List<List<FeatureMap>> maps =
                  unitMaps(List.of(reals.image(pair.first()), reals.image(pair.second())));
              return PerceptualDistance.between(maps.get(0), maps.get(1));
            })
        .average()
        .orElseThrow();
  }

  private List<List<FeatureMap>> unitMaps(List<Raster> images) {
    List<List<FeatureMap>> maps = new ArrayList<>();
    for (int from = 0; from < images.size(); from += extractor.batchSize()) {
      int to = Math.min(images.size(), from + extractor.batchSize());
      extractor.maps(images.subList(from, to)).stream()
          .map(PerceptualDistance::unit)
          .forEach(maps::add);
    }
    return maps;
  }

  /** What a redraw of each class changes, inside it, outside it, and far from it. */
  List<ResultTable> byClass() {
    List<LandCoverClass> classes = scheme.validClasses();
    Map<Restriction, RegionDistance.Means> means = new EnumMap<>(Restriction.class);
    for (Restriction restriction : Restriction.values()) {
      means.put(restriction, new RegionDistance.Means(classes.size()));
    }
    ResultTable table = ResultTable.empty(BY_CLASS, redrawNote(), redrawColumns());
    for (int position = 0; position < classes.size(); position++) {
      table.add(classes.get(position).name(), row(means, position, redraw(position, means)));
    }
    return List.of(table, meansTable(means));
  }

  private String redrawNote() {
    return String.format(
        "Other noise for one class, all else kept: %d images a mask, up to %d masks with %d pixels of"
            + " the class. D: LPIPS form over %d pairs, by the mean of its map over the region (map)"
            + " and of whole images made grey elsewhere (grey). Change: grey levels, in the class and"
            + " more than %d pixels away from it; selectivity is their ratio.",
        rule.copies(), rule.redrawMasks(), rule.leastPixels(), rule.pairs(), RedrawChange.FAR);
  }

  private static List<String> redrawColumns() {
    return List.of(
        "masks",
        "D inside (map)",
        "D outside (map)",
        "D inside (grey)",
        "D outside (grey)",
        "change inside",
        "change far",
        "selectivity");
  }

  private static List<Double> row(
      Map<Restriction, RegionDistance.Means> means, int position, RedrawChange change) {
    RegionDistance.Means map = means.get(Restriction.MAP_MEAN);
    RegionDistance.Means grey = means.get(Restriction.GREY_OUTSIDE);
    return List.of(
        (double) map.masks(position),
        map.inside(position),
        map.outside(position),
        grey.inside(position),
        grey.outside(position),
        change.inside(),
        change.far(),
        change.selectivity());
  }

  private ResultTable meansTable(Map<Restriction, RegionDistance.Means> means) {
    ResultTable table =
        ResultTable.empty(
            MEANS,
            "Means of the table above over its classes. The two restrictions are not comparable.",
            List.of("mCSD", "mOCD"));
    table.add(
        "map mean",
        List.of(
            means.get(Restriction.MAP_MEAN).specific(), means.get(Restriction.MAP_MEAN).other()));
    table.add(
        "grey outside",
        List.of(
            means.get(Restriction.GREY_OUTSIDE).specific(),
            means.get(Restriction.GREY_OUTSIDE).other()));
    return table;
  }

  private List<Integer> masksWith(int position) {
    return IntStream.range(0, patches.size())
        .filter(mask -> pixels(mask, position) >= rule.leastPixels())
        .limit(rule.redrawMasks())
        .boxed()
        .toList();
  }

  private byte[] positions(int mask) {
    return positions.of(patches.mask(mask), model.patchSize(), "patch " + mask);
  }

  private int pixels(int mask, int position) {
    int pixels = 0;
    for (byte found : positions(mask)) {
      pixels += (found & 0xFF) == position ? 1 : 0;
    }
    return pixels;
  }

  private RedrawChange redraw(int position, Map<Restriction, RegionDistance.Means> means) {
    List<Integer> masks = masksWith(position);
    List<List<Raster>> draws = draws(masks, position);
    RedrawChange change = RedrawChange.NONE;
    for (int i = 0; i < masks.size(); i++) {
      int mask = i;
      List<Raster> images = draws.stream().map(draw -> draw.get(mask)).toList();
      byte[] region = positions(masks.get(mask));
      means.get(Restriction.MAP_MEAN).add(position, ofMaps(images, region, position));
      means.get(Restriction.GREY_OUTSIDE).add(position, ofGreyed(images, region, position));
      for (Raster other : images.subList(1, images.size())) {
        change = change.plus(RedrawChange.between(images.get(0), other, region, position));
      }
    }
    return change;
  }

  /** Images of every mask, by draw of the class; of all masks at once, so that batches are full. */
  private List<List<Raster>> draws(List<Integer> masks, int position) {
    int index = scheme.validClasses().get(position).index();
    List<List<Raster>> draws = new ArrayList<>();
    for (int i = 0; i < rule.copies(); i++) {
      int draw = i;
      List<Condition> conditions =
          masks.stream().map(mask -> DrawnImages.redrawn(patches, mask, index, draw)).toList();
      draws.add(DrawnImages.of(conditions, model).images());
    }
    return draws;
  }

  private List<RegionDistance> ofMaps(List<Raster> images, byte[] region, int position) {
    List<List<FeatureMap>> maps = unitMaps(images);
    int size = model.patchSize();
    return pairs(images.size()).stream()
        .map(
            pair ->
                RegionDistance.ofMap(
                    PerceptualDistance.map(
                        maps.get(pair.first()), maps.get(pair.second()), size, size),
                    region,
                    position))
        .toList();
  }

  private List<RegionDistance> ofGreyed(List<Raster> images, byte[] region, int position) {
    double[] inside =
        distances(images, image -> RegionDistance.greyed(image, region, position, Keep.INSIDE));
    double[] outside =
        distances(images, image -> RegionDistance.greyed(image, region, position, Keep.OUTSIDE));
    return IntStream.range(0, inside.length)
        .mapToObj(pair -> new RegionDistance(inside[pair], outside[pair]))
        .toList();
  }

  private double[] distances(List<Raster> images, UnaryOperator<Raster> restricted) {
    List<List<FeatureMap>> maps = unitMaps(images.stream().map(restricted).toList());
    return pairs(images.size()).stream()
        .mapToDouble(
            pair -> PerceptualDistance.between(maps.get(pair.first()), maps.get(pair.second())))
        .toArray();
  }
}
