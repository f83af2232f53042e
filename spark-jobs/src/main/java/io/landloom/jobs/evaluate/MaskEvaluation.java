package io.landloom.jobs.evaluate;

import ai.djl.Device;
import io.landloom.geo.landcover.LandCoverClass;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.synthesize.BundleFiles;
import io.landloom.jobs.synthesize.TaskDevice;
import io.landloom.jobs.train.MaskMeasures;
import io.landloom.jobs.train.TrainableSystem;
import io.landloom.synthesis.diffusion.model.LayoutSynthesizer;
import io.landloom.synthesis.diffusion.model.LayoutSynthesizer.Finish;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;

/**
 * Evaluates a model that draws masks of target shares.
 *
 * @param patches published ones
 * @param model bundle of the model that is measured
 * @param rule how much is measured
 * @param device auto, cpu or gpu
 */
public record MaskEvaluation(Patches patches, BundleFiles model, EvaluationRule rule, String device)
    implements Evaluation {
  static final String SHARES = "Errors of shares";
  static final String LIKENESS = "Unlikeness to real masks";

  private static final String FINISHED = "Unlikeness over that before";
  private static final List<String> UNLIKE =
      List.of("adjacency", "areas", "regions", "boundary", "C2ST");
  private static final List<String> NOVELTY = List.of("novelty", "novelty least");

  /** Finishes that are measured, by their rows. */
  private static final Map<String, Finish> ROWS = rows();

  private static Map<String, Finish> rows() {
    Map<String, Finish> rows = new LinkedHashMap<>();
    rows.put("as drawn", Finish.RAW);
    rows.put("cleaned", Finish.CLEANED);
    rows.put("exact", Finish.EXACT);
    return rows;
  }

  @Override
  public int parts() {
    return 2 + ROWS.size();
  }

  @Override
  public SortedMap<String, String> identity() throws IOException {
    return new TreeMap<>(Map.of("model", model.open().digest()));
  }

  @Override
  public EvaluationResults run(Configuration configuration, Runnable part) throws IOException {
    ModelBundle bundle = model.open();
    Device chosen = TaskDevice.choose(device);
    TrainableSystem.Sizes sizes =
        new TrainableSystem.Sizes(0, bundle.card().patchSize(), TrainableSystem.Sizes.ANY_BANDS);
    RealSets sets = patches.sets(sizes, rule, configuration);
    MaskMeasures measures =
        new MaskMeasures(patches.scheme(), sets.shown(), rule.images(), sets.train(), chosen);
    if (measures.size() == 0) {
      throw JobException.user("no mask of validation has a valid pixel");
    }
    try {
      List<LayoutSynthesizer.Layout> layouts = measures.draw(bundle, rule.batch(), rule.seed());
      part.run();
      return new EvaluationResults(
          facts(bundle, sets, layouts.size(), chosen),
          tables(measures, layouts, sets, bundle.card().patchSize(), part));
    } catch (ModelException e) {
      throw new JobException(JobException.Kind.USER, e.getMessage(), e);
    }
  }

  private List<ResultTable> tables(
      MaskMeasures measures,
      List<LayoutSynthesizer.Layout> layouts,
      RealSets sets,
      int width,
      Runnable part) {
    ResultTable shares =
        ResultTable.empty(
            SHARES,
            "Mean absolute difference of a class's share from the one asked for, in percentage points:"
                + " of masks and classes (mCPE), of the set's mean shares (dataset), and of every"
                + " class.",
            Stream.concat(
                    Stream.of("mCPE", "dataset"),
                    patches.scheme().validClasses().stream().map(LandCoverClass::name))
                .toList());
    ResultTable likeness =
        ResultTable.empty(
            LIKENESS,
            "From the masks whose shares were asked for; less is nearer. C2ST: AUC of a network that"
                + " tells them apart, 0.5 if it cannot. Novelty: 1 less the largest mean IoU with a"
                + " training mask, turned or not.",
            Stream.concat(UNLIKE.stream(), NOVELTY.stream()).toList());
    add(likeness, ImageMeasures.REAL, measures.likeness(measures.masks(sets.compared()), width));
    part.run();
    ROWS.forEach(
        (row, finish) -> {
          SortedMap<String, Double> errors = measures.errors(layouts, finish);
          List<Double> numbers = new ArrayList<>();
          numbers.add(errors.get("mCPE"));
          numbers.add(errors.get("mCPE dataset"));
          patches.scheme().validClasses().forEach(c -> numbers.add(errors.get("CPE " + c.name())));
          shares.add(row, numbers);
          add(likeness, row, measures.likeness(MaskMeasures.masks(layouts, finish), width));
          part.run();
        });
    return List.of(shares, likeness, ratios(likeness));
  }

  private static void add(ResultTable table, String row, SortedMap<String, Double> measures) {
    table.add(
        row,
        table.columns().stream().map(column -> measures.getOrDefault(column, Double.NaN)).toList());
  }

  private static ResultTable ratios(ResultTable likeness) {
    ResultTable ratios =
        ResultTable.empty(
            FINISHED, "What each finish costs: 1 leaves a measure where it was before it.", UNLIKE);
    List<String> rows = List.copyOf(ROWS.keySet());
    for (int i = 1; i < rows.size(); i++) {
      String before = rows.get(i - 1);
      String row = rows.get(i);
      ratios.add(
          row + " over " + before,
          UNLIKE.stream()
              .map(column -> likeness.at(row, column) / likeness.at(before, column))
              .toList());
    }
    return ratios;
  }

  private LinkedHashMap<String, String> facts(
      ModelBundle bundle, RealSets sets, int masks, Device chosen) {
    LinkedHashMap<String, String> facts = new LinkedHashMap<>();
    facts.put("model", Evaluation.described(bundle));
    facts.putAll(patches.facts());
    facts.put(
        "masks",
        String.format(
            "%d of %d x %d, whose shares are those of validation's; left out: %s; %d training"
                + " patches",
            masks,
            bundle.card().patchSize(),
            bundle.card().patchSize(),
            sets.origin(),
            sets.train().size()));
    facts.put("seed", Long.toString(rule.seed()));
    facts.put("device", TaskDevice.name(chosen));
    return facts;
  }
}
