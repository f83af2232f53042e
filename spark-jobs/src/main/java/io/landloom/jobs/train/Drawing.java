package io.landloom.jobs.train;

import ai.djl.Device;
import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.LandCoverClass;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.Condition;
import io.landloom.synthesis.Pair;
import io.landloom.synthesis.Synthesizer;
import io.landloom.synthesis.diffusion.mask.MaskNovelty;
import io.landloom.synthesis.diffusion.mask.MaskRealism;
import io.landloom.synthesis.diffusion.mask.ProportionErrors;
import io.landloom.synthesis.diffusion.mask.TargetShares;
import io.landloom.synthesis.diffusion.model.Finishing;
import io.landloom.synthesis.diffusion.model.LayoutSynthesizer;
import io.landloom.synthesis.diffusion.model.LayoutSynthesizer.Layout;
import io.landloom.synthesis.diffusion.model.LayoutSynthesizer.Request;
import io.landloom.synthesis.measure.Images;
import io.landloom.synthesis.measure.TwoSampleTest;
import io.landloom.synthesis.training.ClassPositions;
import io.landloom.synthesis.training.TrainingSet;
import io.landloom.synthesis.weights.ModelBundle;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Sheets and measures of what draws: images of masks, or masks of target shares. */
final class Drawing {
  /** Images or masks drawn for an item of a sheet. */
  static final int COPIES = 3;

  static final List<String> OF_IMAGES =
      List.of("mask", "real", "synthetic", "synthetic", "synthetic");
  static final List<String> OF_MASKS = List.of("mask", "drawn", "drawn", "drawn");

  private static final int MOST_MEASURED = 64;
  private static final int MOST_KNOWN = 4096;
  private static final int LEAST_TOLD_APART = 16;
  private static final int LEAST_AREA = 8;

  private static final TwoSampleTest.Training TOLD_APART =
      new TwoSampleTest.Training(200, 8, 1e-3, 1);

  /** The finishing that masks are measured with, by what the names of its measures end with. */
  private static final Map<String, Finishing> FINISHED =
      Map.of(
          "",
          Finishing.NONE,
          " cleaned",
          new Finishing(0, 1, 1, 0, true, LEAST_AREA, false),
          " exact",
          new Finishing(0, 1, 1, 0, true, LEAST_AREA, true));

  private Drawing() {}

  /** Rows of a mask, its image, and images drawn for it. */
  static List<List<Picture>> images(
      Synthesizer synthesizer, LandCoverScheme scheme, TrainingSet items) {
    List<List<Picture>> rows = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      List<Condition> conditions = new ArrayList<>();
      for (int copy = 0; copy < COPIES; copy++) {
        conditions.add(
            new Condition("sheet " + i, copy, 0, items.mask(i)).captioned(items.caption(i)));
      }
      List<Picture> row = new ArrayList<>();
      row.add(Picture.of(items.mask(i), scheme));
      row.add(Picture.of(items.image(i)));
      for (Pair pair : synthesizer.synthesize(conditions)) {
        row.add(Picture.of(pair.finiteImage(synthesizer.name())));
      }
      rows.add(row);
    }
    return rows;
  }

  /** Rows of a mask, and masks drawn for its shares. */
  static List<List<Picture>> masks(
      ModelBundle bundle, LandCoverScheme scheme, TrainingSet items, Device device, long seed) {
    List<List<Picture>> rows = new ArrayList<>();
    try (LayoutSynthesizer synthesizer =
        new LayoutSynthesizer(bundle, scheme, device, Finishing.NONE, COPIES, seed)) {
      for (int i = 0; i < items.size(); i++) {
        TargetShares target = target(items, i, scheme);
        List<Request> requests = new ArrayList<>();
        for (int copy = 0; copy < COPIES; copy++) {
          requests.add(new Request("sheet " + i + "/" + copy, target));
        }
        List<Picture> row = new ArrayList<>();
        row.add(Picture.of(items.mask(i), scheme));
        for (Layout layout : synthesizer.draw(requests)) {
          row.add(Picture.of(layout.positions(), synthesizer.patchSize(), scheme));
        }
        rows.add(row);
      }
    }
    return rows;
  }

  private static TargetShares target(TrainingSet items, int item, LandCoverScheme scheme) {
    return TargetShares.of(positions(items, item, scheme), scheme.validClasses().size());
  }

  private static byte[] positions(TrainingSet items, int item, LandCoverScheme scheme) {
    return new ClassPositions(scheme)
        .of(items.mask(item), items.mask(item).width(), "validation item " + item);
  }

  /**
   * How far drawn masks are from the shares asked for, and how unlike real ones they are: as they
   * are drawn, cleaned, and cleaned with exact shares.
   *
   * @param sets masks whose shares are asked for, without those that have no valid pixel, and masks
   *     that the model learned from
   */
  static SortedMap<String, Double> measure(
      ModelBundle bundle,
      LandCoverScheme scheme,
      TrainableSystem.Sets sets,
      Device device,
      int batch,
      long seed) {
    TrainingSet validation = sets.validation();
    List<Request> requests = new ArrayList<>();
    List<byte[]> real = new ArrayList<>();
    for (int i = 0; i < validation.size() && requests.size() < MOST_MEASURED; i++) {
      TargetShares target = target(validation, i, scheme);
      if (target.isFull()) {
        requests.add(new Request("validation " + i, target));
      }
      byte[] positions = positions(validation, i, scheme);
      if (allValid(positions, scheme)) {
        real.add(positions);
      }
    }
    SortedMap<String, Double> measures = new TreeMap<>();
    if (requests.isEmpty()) {
      return measures;
    }
    List<byte[]> known = known(sets.training(), scheme);
    int classes = scheme.validClasses().size();
    FINISHED.forEach(
        (end, finishing) -> {
          try (LayoutSynthesizer synthesizer =
              new LayoutSynthesizer(bundle, scheme, device, finishing, batch, seed)) {
            List<Layout> layouts = synthesizer.draw(requests);
            putErrors(measures, end, layouts, scheme);
            List<byte[]> drawn = layouts.stream().map(Layout::positions).toList();
            int width = synthesizer.patchSize();
            if (!real.isEmpty()) {
              putRealism(measures, end, MaskRealism.of(drawn, real, width, classes));
            }
            List<Double> novelty = MaskNovelty.of(drawn, known, width, classes);
            measures.put("novelty" + end, mean(novelty));
            measures.put("novelty least" + end, Collections.min(novelty));
            int each = Math.min(drawn.size(), real.size());
            if (each >= LEAST_TOLD_APART) {
              measures.put("C2ST" + end, toldApart(real, drawn, each, width, scheme, device));
            }
          }
        });
    measures.put("patches", (double) requests.size());
    measures.values().removeIf(value -> !Double.isFinite(value));
    return measures;
  }

  private static List<byte[]> known(TrainingSet training, LandCoverScheme scheme) {
    List<byte[]> known = new ArrayList<>();
    for (int i = 0; i < Math.min(MOST_KNOWN, training.size()); i++) {
      known.add(positions(training, i, scheme));
    }
    return known;
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }

  /** How well a small network tells drawn masks from real ones, in the scheme's colours: AUC. */
  private static double toldApart(
      List<byte[]> real,
      List<byte[]> drawn,
      int each,
      int width,
      LandCoverScheme scheme,
      Device device) {
    return TwoSampleTest.of(
            new Colored(real.subList(0, each), width, scheme),
            new Colored(drawn.subList(0, each), width, scheme),
            TOLD_APART,
            device)
        .auc();
  }

  /** Masks of valid positions as images in the colours of their classes. */
  private record Colored(List<byte[]> masks, int width, LandCoverScheme scheme) implements Images {
    @Override
    public int size() {
      return masks.size();
    }

    @Override
    public Raster image(int i) {
      byte[] positions = masks.get(i);
      byte[] samples = new byte[3 * positions.length];
      for (int pixel = 0; pixel < positions.length; pixel++) {
        int rgb = scheme.validClasses().get(positions[pixel]).rgb();
        samples[3 * pixel] = (byte) (rgb >> 16);
        samples[3 * pixel + 1] = (byte) (rgb >> 8);
        samples[3 * pixel + 2] = (byte) rgb;
      }
      return Raster.ofBytes(width, positions.length / width, 3, samples);
    }
  }

  private static void putRealism(
      SortedMap<String, Double> measures, String end, MaskRealism realism) {
    measures.put("adjacency" + end, realism.adjacency());
    measures.put(
        "areas" + end,
        realism.areas().stream()
            .filter(Double::isFinite)
            .mapToDouble(Double::doubleValue)
            .average()
            .orElse(Double.NaN));
    measures.put("regions" + end, realism.regionCounts());
    measures.put("boundary" + end, realism.boundary());
  }

  private static boolean allValid(byte[] positions, LandCoverScheme scheme) {
    for (byte position : positions) {
      if (position >= scheme.validClasses().size()) {
        return false;
      }
    }
    return true;
  }

  private static void putErrors(
      SortedMap<String, Double> measures,
      String end,
      List<Layout> layouts,
      LandCoverScheme scheme) {
    double[][] drawn = new double[layouts.size()][];
    double[][] asked = new double[layouts.size()][];
    for (int i = 0; i < drawn.length; i++) {
      drawn[i] = TargetShares.counted(layouts.get(i).positions(), scheme.validClasses().size());
      asked[i] = layouts.get(i).request().target().toArray();
    }
    ProportionErrors errors = ProportionErrors.of(drawn, asked);
    measures.put("mCPE" + end, errors.mean());
    measures.put("mCPE dataset" + end, errors.dataset());
    List<LandCoverClass> classes = scheme.validClasses();
    for (int k = 0; k < classes.size(); k++) {
      measures.put("CPE " + classes.get(k).name() + end, errors.ofClasses().get(k));
    }
  }
}
