package io.landloom.jobs.train;

import ai.djl.Device;
import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.LandCoverClass;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.diffusion.mask.MaskNovelty;
import io.landloom.synthesis.diffusion.mask.MaskRealism;
import io.landloom.synthesis.diffusion.mask.ProportionErrors;
import io.landloom.synthesis.diffusion.mask.TargetShares;
import io.landloom.synthesis.diffusion.model.Finishing;
import io.landloom.synthesis.diffusion.model.LayoutSynthesizer;
import io.landloom.synthesis.diffusion.model.LayoutSynthesizer.Finish;
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

/**
 * How far masks are from the shares asked for, and how unlike real ones they are: as they are
 * drawn, cleaned, and cleaned with exact shares.
 */
public final class MaskMeasures {
  /** Finishes that are measured, and what the names of their measures end with on a card. */
  private static final Map<Finish, String> ENDS =
      Map.of(Finish.RAW, "", Finish.CLEANED, " cleaned", Finish.EXACT, " exact");

  private static final int CARD_MASKS = 64;
  private static final int MOST_KNOWN = 4096;
  private static final int LEAST_TOLD_APART = 16;
  private static final int LEAST_AREA = 8;

  private static final TwoSampleTest.Training TOLD_APART =
      new TwoSampleTest.Training(200, 8, 1e-3, 1);

  private static final Finishing FINISHING = new Finishing(0, 1, 1, 0, true, LEAST_AREA, true);

  private final LandCoverScheme scheme;
  private final Device device;
  private final List<Request> requests = new ArrayList<>();
  private final List<byte[]> real = new ArrayList<>();
  private final List<byte[]> known;

  /**
   * Measures against masks.
   *
   * @param asked masks whose shares are asked for, without those that have no valid pixel; those
   *     that are valid throughout are what drawn ones should be like
   * @param most masks that are asked for; of more, so many from all of them alike
   * @param known masks that the model learned from
   * @param device for the network that tells drawn from real masks
   */
  public MaskMeasures(
      LandCoverScheme scheme, TrainingSet asked, int most, TrainingSet known, Device device) {
    this.scheme = scheme;
    this.device = device;
    int count = Math.min(most, asked.size());
    for (int i = 0; i < count; i++) {
      int item = (int) ((long) i * asked.size() / count);
      TargetShares target = target(asked, item, scheme);
      if (target.isFull()) {
        requests.add(new Request("validation " + item, target));
      }
      byte[] positions = positions(asked, item, scheme);
      if (allValid(positions)) {
        real.add(positions);
      }
    }
    this.known = some(known, MOST_KNOWN, scheme);
  }

  /** Shares of an item's mask. */
  static TargetShares target(TrainingSet items, int item, LandCoverScheme scheme) {
    return TargetShares.of(positions(items, item, scheme), scheme.validClasses().size());
  }

  private static byte[] positions(TrainingSet items, int item, LandCoverScheme scheme) {
    return new ClassPositions(scheme)
        .of(items.mask(item), items.mask(item).width(), "mask " + item);
  }

  private static List<byte[]> some(TrainingSet items, int most, LandCoverScheme scheme) {
    List<byte[]> positions = new ArrayList<>();
    for (int i = 0; i < Math.min(most, items.size()); i++) {
      positions.add(positions(items, i, scheme));
    }
    return positions;
  }

  /** Number of masks that are asked for. */
  public int size() {
    return requests.size();
  }

  /** Draws what is asked for, once, with every finish. */
  public List<Layout> draw(ModelBundle bundle, int batch, long seed) {
    try (LayoutSynthesizer synthesizer =
        new LayoutSynthesizer(bundle, scheme, device, FINISHING, batch, seed)) {
      return synthesizer.draw(requests);
    }
  }

  /**
   * Errors of shares in percentage points: {@code mCPE}, {@code mCPE dataset}, and {@code CPE} of
   * every class.
   */
  public SortedMap<String, Double> errors(List<Layout> layouts, Finish finish) {
    double[][] drawn = new double[layouts.size()][];
    double[][] asked = new double[layouts.size()][];
    for (int i = 0; i < drawn.length; i++) {
      drawn[i] = layouts.get(i).shares(finish);
      asked[i] = layouts.get(i).request().target().toArray();
    }
    ProportionErrors errors = ProportionErrors.of(drawn, asked);
    SortedMap<String, Double> measures = new TreeMap<>();
    measures.put("mCPE", errors.mean());
    measures.put("mCPE dataset", errors.dataset());
    List<LandCoverClass> classes = scheme.validClasses();
    for (int k = 0; k < classes.size(); k++) {
      measures.put("CPE " + classes.get(k).name(), errors.ofClasses().get(k));
    }
    return measures;
  }

  /** Masks of layouts after a finish. */
  public static List<byte[]> masks(List<Layout> layouts, Finish finish) {
    return layouts.stream().map(layout -> layout.masks().get(finish)).toList();
  }

  /** Real masks, those that are valid throughout. */
  public List<byte[]> masks(TrainingSet items) {
    return some(items, items.size(), scheme).stream().filter(this::allValid).toList();
  }

  /**
   * How unlike the real masks others are (methods of {@link MaskRealism}), {@code novelty} and
   * {@code novelty least} by {@link MaskNovelty}, and {@code C2ST}, the AUC of a small network that
   * tells them apart; without what cannot be told of so few masks.
   *
   * @param masks valid positions
   * @param width pixels along an edge
   */
  public SortedMap<String, Double> likeness(List<byte[]> masks, int width) {
    int classes = scheme.validClasses().size();
    SortedMap<String, Double> measures = new TreeMap<>();
    if (masks.isEmpty()) {
      return measures;
    }
    if (!real.isEmpty()) {
      MaskRealism realism = MaskRealism.of(masks, real, width, classes);
      measures.put("adjacency", realism.adjacency());
      measures.put("areas", meanOfFinite(realism.areas()));
      measures.put("regions", realism.regionCounts());
      measures.put("boundary", realism.boundary());
    }
    List<Double> novelty = MaskNovelty.of(masks, known, width, classes);
    measures.put("novelty", meanOfFinite(novelty));
    measures.put("novelty least", Collections.min(novelty));
    int each = Math.min(masks.size(), real.size());
    if (each >= LEAST_TOLD_APART) {
      measures.put("C2ST", toldApart(masks, each, width));
    }
    measures.values().removeIf(value -> !Double.isFinite(value));
    return measures;
  }

  private static double meanOfFinite(List<Double> values) {
    return values.stream()
        .filter(Double::isFinite)
        .mapToDouble(Double::doubleValue)
        .average()
        .orElse(Double.NaN);
  }

  /** How well a small network tells masks from real ones, in the scheme's colours: AUC. */
  private double toldApart(List<byte[]> masks, int each, int width) {
    return TwoSampleTest.of(
            new Colored(real.subList(0, each), width, scheme),
            new Colored(masks.subList(0, each), width, scheme),
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

  private boolean allValid(byte[] positions) {
    for (byte position : positions) {
      if (position >= scheme.validClasses().size()) {
        return false;
      }
    }
    return true;
  }

  /**
   * What a model's card says of its masks: all measures, those of cleaned and exact masks with
   * {@code cleaned} and {@code exact} behind their names.
   */
  static SortedMap<String, Double> ofCard(
      ModelBundle bundle,
      LandCoverScheme scheme,
      TrainableSystem.Sets sets,
      Device device,
      int batch,
      long seed) {
    SortedMap<String, Double> all = new TreeMap<>();
    MaskMeasures measures =
        new MaskMeasures(scheme, sets.validation(), CARD_MASKS, sets.training(), device);
    if (measures.size() == 0) {
      return all;
    }
    List<Layout> layouts = measures.draw(bundle, batch, seed);
    ENDS.forEach(
        (finish, end) -> {
          measures.errors(layouts, finish).forEach((name, value) -> all.put(name + end, value));
          measures
              .likeness(masks(layouts, finish), bundle.card().patchSize())
              .forEach((name, value) -> all.put(name + end, value));
        });
    all.put("patches", (double) layouts.size());
    all.values().removeIf(value -> !Double.isFinite(value));
    return all;
  }
}
