package io.landloom.jobs;

import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.plan.Goal;
import io.landloom.jobs.plan.LayoutShares;
import io.landloom.jobs.plan.Tally;
import io.landloom.jobs.run.DatasetRoot;
import io.landloom.jobs.run.FileSummary;
import io.landloom.jobs.run.RunId;
import io.landloom.jobs.run.RunRecord;
import io.landloom.jobs.run.Staging;
import io.landloom.jobs.synthesize.LayoutPlanBucket;
import io.landloom.jobs.synthesize.PatchesFile;
import io.landloom.jobs.table.PairsTable;
import io.landloom.jobs.table.SynthesisPlanTable;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * {@code plan} with {@code plan.layouts}: asks for masks that are to be drawn, whose shares are
 * like real masks' and together bring the dataset to its target.
 */
final class PlanLayouts {
  private final JobContext context;
  private final DatasetRoot dataset;
  private final LandCoverScheme scheme;
  private final List<PatchesFile> files;
  private final int layouts;
  private final int patchSize;
  private final String target;
  private final int copies;

  PlanLayouts(JobContext context, List<PatchesFile> files, int layouts, int patchSize)
      throws IOException {
    this.context = context;
    this.dataset = context.dataset();
    this.scheme = context.scheme();
    this.files = files;
    this.layouts = layouts;
    this.patchSize = patchSize;
    String wanted = context.settings().text("plan.target");
    this.target = wanted.equals("none") ? "real" : wanted;
    this.copies = context.settings().integer("plan.copies", 1, 1_000_000);
  }

  Outcome run() throws IOException {
    int most = context.bucketRows(PlanSynthesis.PAIR_PIXEL_BYTES * patchSize * patchSize);
    RunId run =
        context
            .runId("plan")
            .with("patches", files.stream().map(PatchesFile::run).distinct().toList())
            .with(
                "pairs",
                dataset.runs("synthesize", scheme).stream().map(RunRecord::runId).sorted().toList())
            .with("scheme", scheme.definition())
            .with("layouts", layouts)
            .with("target", target)
            .with("copies", copies)
            .with("seed", context.settings().bigint("run.seed"))
            .with("bucketRows", most)
            .build();
    if (dataset.holds(run)) {
      return Outcome.alreadyPublished(run);
    }
    PlannedLayouts planned = new PlannedLayouts(shares(), copies, null);
    List<LayoutPlanBucket> buckets = planned.buckets(0, most);
    Staging staging = new Staging(dataset, run, List.of(SynthesisPlanTable.NAME));
    return StagedRun.make(
        context,
        staging,
        () -> {
          TreeSet<Integer> staged = staging.open();
          planned.write(
              context,
              staging,
              buckets.stream().filter(bucket -> !staged.contains(bucket.number())).toList(),
              target);
          return publish(staging, buckets.size(), planned);
        });
  }

  private LayoutShares shares() throws IOException {
    Dataset<Row> patches = PlannedLayouts.labelled(context, files);
    List<double[]> masks = PlannedLayouts.ofReal(context, patches);
    Tally real = tally(patches);
    Tally there = real;
    String[] pairs =
        dataset.runs("synthesize", scheme).stream()
            .map(record -> dataset.table(record.runId(), PairsTable.NAME).toString())
            .toArray(String[]::new);
    if (pairs.length > 0) {
      there = real.plus(tally(context.spark().read().parquet(pairs)));
    }
    Goal goal = Goal.parse(target, scheme, real);
    long pixels = (long) layouts * copies * patchSize * patchSize;
    return LayoutShares.of(
        masks,
        LayoutShares.wanted(goal, there, pixels),
        goal.missing(there),
        layouts,
        context.settings().bigint("run.seed"));
  }

  private Tally tally(Dataset<Row> rows) {
    int classes = scheme.validClasses().size();
    Column[] sums = new Column[2 * classes];
    for (int k = 0; k < classes; k++) {
      Column pixels = functions.col("class_pixels").getItem(place(k));
      sums[k] = functions.coalesce(functions.sum(pixels), functions.lit(0L));
      sums[classes + k] = functions.count(functions.when(pixels.gt(0), 1));
    }
    Column count = functions.count(functions.lit(1));
    Row row = rows.agg(count, sums).head();
    long[] pixels = new long[classes];
    long[] shown = new long[classes];
    for (int k = 0; k < classes; k++) {
      pixels[k] = row.getLong(1 + k);
      shown[k] = row.getLong(1 + classes + k);
    }
    return new Tally(pixels, shown, row.getLong(0));
  }

  /** Where a valid class stands among all of the scheme. */
  private int place(int position) {
    return scheme.position(scheme.validClasses().get(position).index());
  }

  private Outcome publish(Staging staging, int buckets, PlannedLayouts planned) throws IOException {
    long rows =
        staging.summaries(SynthesisPlanTable.NAME).stream().mapToLong(FileSummary::rows).sum();
    Map<String, Object> counts = new LinkedHashMap<>();
    counts.put("counts.planned", rows);
    counts.put("counts.written", rows);
    counts.put(PlannedLayouts.COUNT, rows);
    counts.put("counts.pairs", rows * copies);
    counts.put("counts.buckets", buckets);
    counts.put("patchSize", patchSize);
    counts.put(RunRecord.PATCHES_RUNS, List.of());
    staging.publish(buckets, Lineage.record(staging.run(), scheme, context.settings(), counts));
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("run", staging.run());
    summary.put("layouts", rows);
    int classes = scheme.validClasses().size();
    double[] asked = planned.tally(classes, (long) patchSize * patchSize).shares();
    for (int k = 0; k < classes; k++) {
      summary.put(
          "asked of " + scheme.validClasses().get(k).name(),
          String.format(Locale.ROOT, "%.1f %%", 100 * asked[k]));
    }
    summary.put("pairs planned", rows * copies);
    return new Outcome(staging.run(), summary);
  }
}
