package io.landloom.jobs;

import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.progress.Progress;
import io.landloom.jobs.run.DatasetRoot;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.RunId;
import io.landloom.jobs.run.RunRecord;
import io.landloom.jobs.run.Staging;
import io.landloom.jobs.summarize.ClassSum;
import io.landloom.jobs.summarize.Population;
import io.landloom.jobs.summarize.SummaryFiles;
import io.landloom.jobs.table.ClassProportionsTable;
import io.landloom.jobs.table.MaskSource;
import io.landloom.jobs.table.PairsTable;
import io.landloom.jobs.table.PatchesTable;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/** {@code summarize}: each class's share of the published patches and pairs. */
final class SummarizeClasses implements Job {
  private static final String SCOPES =
      """
      WITH scoped AS (
        SELECT 'real' AS scope, split, scene_id, source_run, class_pixels FROM real_masks
        UNION ALL SELECT 'synthetic', split, scene_id, source_run, class_pixels FROM synthetic_masks
        UNION ALL SELECT 'mixed', split, scene_id, source_run, class_pixels FROM real_masks
        UNION ALL SELECT 'mixed', split, scene_id, source_run, class_pixels FROM synthetic_masks),
      counted AS (
        SELECT scope, split, scene_id, source_run, position, pixels
        FROM scoped LATERAL VIEW posexplode(class_pixels) AS position, pixels)
      SELECT scope,
             coalesce(split, 'all') AS split,
             scene_id,
             source_run,
             position,
             sum(pixels) AS pixels,
             count(*) AS patches,
             count_if(pixels > 0) AS patches_with_class
      FROM counted
      GROUP BY scope, position, split, scene_id, source_run
      GROUPING SETS (
        (scope, position, split, scene_id), (scope, position, split), (scope, position),
        (scope, position, split, source_run), (scope, position, source_run))
      -- a mix is of several runs
      HAVING scope <> 'mixed' OR source_run IS NULL
      """;

  @Override
  public Outcome run(JobContext context) throws IOException {
    DatasetRoot dataset = context.dataset();
    LandCoverScheme scheme = context.scheme();
    List<RunRecord> tilings = dataset.runs("tile", scheme);
    List<RunRecord> syntheses = dataset.runs("synthesize", scheme);
    if (tilings.isEmpty()) {
      throw JobException.user(
          dataset.path() + " holds no patches of scheme " + scheme.name() + "; run tile first");
    }
    RunId run =
        context
            .runId("summarize")
            .with("scheme", scheme.definition())
            .with("patches", tilings.stream().map(RunRecord::runId).toList())
            .with("pairs", syntheses.stream().map(RunRecord::runId).toList())
            .build();
    if (dataset.holds(run)) {
      retireOthers(dataset, scheme, run);
      return Outcome.alreadyPublished(run);
    }
    Dataset<Row> sums = sums(context, dataset, tilings, syntheses);
    Staging staging = new Staging(dataset, run, SummaryFiles.TABLES);
    return StagedRun.make(
        context,
        staging,
        () -> {
          if (staging.open().isEmpty()) {
            List<String> runs =
                Stream.concat(tilings.stream(), syntheses.stream())
                    .map(record -> record.runId().text())
                    .toList();
            write(context, staging, scheme, runs, sums);
          }
          return publish(context, staging, tilings.size(), syntheses.size());
        });
  }

  private static void retireOthers(DatasetRoot dataset, LandCoverScheme scheme, RunId kept)
      throws IOException {
    for (RunId other : others(dataset, scheme, kept)) {
      Staging.retire(dataset, other);
    }
  }

  /** A summary counts everything, so the one before must not be counted beside it. */
  private static List<RunId> others(DatasetRoot dataset, LandCoverScheme scheme, RunId kept)
      throws IOException {
    return dataset.runs("summarize", scheme).stream()
        .map(RunRecord::runId)
        .filter(run -> !run.equals(kept))
        .toList();
  }

  private static Dataset<Row> sums(
      JobContext context, DatasetRoot dataset, List<RunRecord> tilings, List<RunRecord> syntheses) {
    Dataset<Row> real =
        columns(
            table(context, dataset, tilings, PatchesTable.NAME)
                .where("mask_source = '" + MaskSource.LABELLED.text() + "'"));
    Dataset<Row> synthetic =
        syntheses.isEmpty()
            ? real.limit(0)
            : columns(table(context, dataset, syntheses, PairsTable.NAME));
    real.createOrReplaceTempView("real_masks");
    synthetic.createOrReplaceTempView("synthetic_masks");
    return context.spark().sql(SCOPES);
  }

  private static Dataset<Row> columns(Dataset<Row> masks) {
    return masks.selectExpr("split", "scene_id", "run_id AS source_run", "class_pixels");
  }

  private static Dataset<Row> table(
      JobContext context, DatasetRoot dataset, List<RunRecord> runs, String table) {
    String[] folders =
        runs.stream()
            .map(run -> dataset.table(run.runId(), table).toString())
            .toArray(String[]::new);
    return context.spark().read().option("basePath", dataset.path().toString()).parquet(folders);
  }

  private static void write(
      JobContext context,
      Staging staging,
      LandCoverScheme scheme,
      List<String> runs,
      Dataset<Row> sums) {
    Broadcast<SerializableConfiguration> hadoop = context.sharedHadoop();
    SummaryFiles files =
        new SummaryFiles(staging.target(), scheme, runs, Lineage.footer(staging.run(), scheme));
    AtomicLong done = new AtomicLong();
    try (Progress progress = Progress.start(context.out(), "summarize", "tables", 1, done::get)) {
      sums.javaRDD()
          .mapToPair(row -> new Tuple2<>(population(row), ClassSum.of(row)))
          .groupByKey()
          .sortByKey(true, 1)
          .foreachPartition(
              populations -> files.write(populations, Attempt.id(), hadoop.value().value()));
      done.set(1);
    }
  }

  private static Population population(Row row) {
    return new Population(
        row.getAs("scope"), row.getAs("split"), row.getAs("scene_id"), row.getAs("source_run"));
  }

  private static Outcome publish(JobContext context, Staging staging, int tilings, int syntheses)
      throws IOException {
    long rows = staging.summaries(ClassProportionsTable.NAME).get(0).rows();
    Map<String, Object> counts = new LinkedHashMap<>();
    counts.put("counts.planned", rows);
    counts.put("counts.written", rows);
    counts.put("counts.buckets", 1);
    staging.publish(
        1,
        Lineage.record(staging.run(), context.scheme(), context.settings(), counts),
        others(context.dataset(), context.scheme(), staging.run()));
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("run", staging.run());
    summary.put("read", tilings + " tile runs, " + syntheses + " synthesize runs");
    summary.put("rows", rows);
    return new Outcome(staging.run(), summary);
  }
}
