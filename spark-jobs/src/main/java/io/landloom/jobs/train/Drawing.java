package io.landloom.jobs.train;

import ai.djl.Device;
import io.landloom.geo.landcover.LandCoverClass;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.Condition;
import io.landloom.synthesis.Pair;
import io.landloom.synthesis.Synthesizer;
import io.landloom.synthesis.diffusion.mask.MaskRealism;
import io.landloom.synthesis.diffusion.mask.ProportionErrors;
import io.landloom.synthesis.diffusion.mask.TargetShares;
import io.landloom.synthesis.diffusion.model.Finishing;
import io.landloom.synthesis.diffusion.model.LayoutSynthesizer;
import io.landloom.synthesis.diffusion.model.LayoutSynthesizer.Layout;
import io.landloom.synthesis.diffusion.model.LayoutSynthesizer.Request;
import io.landloom.synthesis.training.ClassPositions;
import io.landloom.synthesis.training.TrainingSet;
import io.landloom.synthesis.weights.ModelBundle;
import java.util.ArrayList;
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

  private static final int MOST_MEASURED = 32;
  private static final int LEAST_AREA = 8;

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
        conditions.add(new Condition("sheet " + i, copy, 0, items.mask(i)));
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
   * @param validation masks whose shares are asked for; those without a valid pixel are left out
   */
  static SortedMap<String, Double> measure(
      ModelBundle bundle,
      LandCoverScheme scheme,
      TrainingSet validation,
      Device device,
      int batch,
      long seed) {
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
    FINISHED.forEach(
        (end, finishing) -> {
          try (LayoutSynthesizer synthesizer =
              new LayoutSynthesizer(bundle, scheme, device, finishing, batch, seed)) {
            List<Layout> layouts = synthesizer.draw(requests);
            putErrors(measures, end, layouts, scheme);
            if (!real.isEmpty()) {
              List<byte[]> drawn = layouts.stream().map(Layout::positions).toList();
              int classes = scheme.validClasses().size();
              putRealism(
                  measures, end, MaskRealism.of(drawn, real, synthesizer.patchSize(), classes));
            }
          }
        });
    measures.put("patches", (double) requests.size());
    measures.values().removeIf(value -> !Double.isFinite(value));
    return measures;
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
