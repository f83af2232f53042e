package io.landloom.jobs;

import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.export.BucketExport;
import io.landloom.jobs.export.ExportBucket;
import io.landloom.jobs.export.ExportFormat;
import io.landloom.jobs.export.SourceFile;
import io.landloom.jobs.progress.LiveCount;
import io.landloom.jobs.progress.Progress;
import io.landloom.jobs.run.DatasetRoot;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.RunId;
import io.landloom.jobs.run.RunRecord;
import io.landloom.jobs.run.StagedFiles;
import io.landloom.jobs.run.Staging;
import io.landloom.jobs.table.PairsTable;
import io.landloom.jobs.table.PatchesTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.FileStatus;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;

/** {@code export}: published patches and pairs as files that other tools train from. */
final class ExportDataset implements Job {
  private static final String NOUN = "export";
  private static final List<String> SPLITS = List.of("train", "val", "test");

  /**
   * What is exported.
   *
   * @param files published files, in order
   * @param runs the runs that they are of
   */
  private record Sources(List<SourceFile> files, List<RunId> runs) {}

  @Override
  public Outcome run(JobContext context) throws IOException {
    Settings settings = context.settings();
    ExportFormat format =
        ExportFormat.named(settings.choice("export.format", ExportFormat.texts()));
    String indices = settings.choice("export.indices", BucketExport.numberings());
    TreeSet<String> splits = splits(settings);
    DestinationFolder to = DestinationFolder.of("export.to", context);
    LandCoverScheme scheme = context.scheme();
    Sources sources = sources(context, scheme);
    int least = settings.integer("export.shardRows", 1, 1 << 20);
    RunId run =
        context
            .runId("export")
            .with("format", format.text())
            .with("indices", indices)
            .with("splits", splits)
            .with("scheme", scheme.definition())
            .with("runs", sources.runs())
            .with("shardRows", least)
            .build();
    Staging staging = Staging.beside(to.path(), run, context.hadoop());
    if (staging.isPublished()) {
      return to.found(NOUN, run, context.hadoop());
    }
    List<SourceFile.Contents> contents = contents(context, sources, splits);
    List<ExportBucket> buckets = ExportBucket.plan(sources.files(), contents, least);
    check(context, format, splits, contents, buckets);
    BucketExport export = new BucketExport(format, splits, scheme, indices, staging.files());
    return StagedRun.make(
        context,
        staging,
        () -> {
          write(context, staging, buckets, export);
          return publish(context, staging, buckets, export, contents, to);
        });
  }

  private static TreeSet<String> splits(Settings settings) {
    List<String> wanted = settings.texts("export.splits");
    if (wanted.isEmpty() || !SPLITS.containsAll(wanted)) {
      throw JobException.user(
          "export.splits = " + wanted + ": expected some of " + String.join(", ", SPLITS));
    }
    return new TreeSet<>(wanted);
  }

  private static Sources sources(JobContext context, LandCoverScheme scheme) throws IOException {
    DatasetRoot dataset = context.dataset();
    String scope = context.settings().choice("export.scope", "real", "synthetic", "mixed");
    List<SourceFile> files = new ArrayList<>();
    List<RunId> runs = new ArrayList<>();
    if (!scope.equals("synthetic")) {
      add(dataset, dataset.runs("tile", scheme), PatchesTable.NAME, false, files, runs);
    }
    if (!scope.equals("real")) {
      add(dataset, dataset.runs("synthesize", scheme), PairsTable.NAME, true, files, runs);
    }
    if (files.isEmpty()) {
      throw JobException.user(
          dataset.path()
              + " holds no "
              + (scope.equals("synthetic") ? "pairs" : "patches")
              + " of scheme "
              + scheme.name()
              + "; run "
              + (scope.equals("synthetic") ? "synthesize" : "tile")
              + " first");
    }
    return new Sources(files, runs);
  }

  private static void add(
      DatasetRoot dataset,
      List<RunRecord> records,
      String table,
      boolean synthetic,
      List<SourceFile> files,
      List<RunId> runs)
      throws IOException {
    for (RunId run : records.stream().map(RunRecord::runId).sorted().toList()) {
      runs.add(run);
      for (FileStatus status : dataset.files(run, table)) {
        files.add(new SourceFile(status.getPath().toString(), synthetic));
      }
    }
  }

  private static List<SourceFile.Contents> contents(
      JobContext context, Sources sources, TreeSet<String> splits) {
    Broadcast<SerializableConfiguration> hadoop = context.sharedHadoop();
    List<SourceFile> files = sources.files();
    return context
        .java()
        .parallelize(files, context.partitions(files.size()))
        .map(file -> file.contents(splits, hadoop.value().value()))
        .collect();
  }

  private static void check(
      JobContext context,
      ExportFormat format,
      TreeSet<String> splits,
      List<SourceFile.Contents> contents,
      List<ExportBucket> buckets)
      throws IOException {
    if (buckets.isEmpty()) {
      throw JobException.user(
          context.dataset().path() + " holds nothing labelled of the splits " + splits);
    }
    String raw =
        contents.stream()
            .flatMap(one -> one.raw().stream())
            .distinct()
            .sorted()
            .collect(Collectors.joining(", "));
    if (format.needsPng() && !raw.isEmpty()) {
      throw JobException.user(
          "export.format = "
              + format.text()
              + " takes images of 8 bits with 1 or 3 bands, and there are images of "
              + raw
              + "; export as geotiff, arrow or webdataset, or tile with input.bands and"
              + " input.stretch");
    }
  }

  private static void write(
      JobContext context, Staging staging, List<ExportBucket> buckets, BucketExport export)
      throws IOException {
    StagedFiles files = staging.files();
    files.open(context.hadoop());
    Map<Integer, String> staged = files.notes(context.hadoop());
    List<ExportBucket> open =
        buckets.stream().filter(bucket -> !staged.containsKey(bucket.number())).toList();
    if (!staged.isEmpty()) {
      context
          .out()
          .println(staged.size() + " of " + buckets.size() + " buckets were staged before");
    }
    Broadcast<SerializableConfiguration> hadoop = context.sharedHadoop();
    long pairs = open.stream().mapToLong(ExportBucket::total).sum();
    try (LiveCount count = LiveCount.of(context.spark().sparkContext(), "pairs exported");
        Progress progress = Progress.start(context.out(), "export", "pairs", pairs, count::now)) {
      LongAccumulator done = count.accumulator();
      context
          .java()
          .parallelize(open, context.partitions(open.size()))
          .foreach(bucket -> done.add(export.write(bucket, Attempt.id(), hadoop.value().value())));
    }
  }

  private static Outcome publish(
      JobContext context,
      Staging staging,
      List<ExportBucket> buckets,
      BucketExport export,
      List<SourceFile.Contents> contents,
      DestinationFolder to)
      throws IOException {
    Map<Integer, String> notes = staging.files().notes(context.hadoop());
    long written = notes.values().stream().mapToLong(Long::parseLong).sum();
    long planned = buckets.stream().mapToLong(ExportBucket::total).sum();
    if (notes.size() != buckets.size() || written != planned) {
      throw new JobException(
          JobException.Kind.INFRA,
          staging.run()
              + ": "
              + notes.size()
              + " of "
              + buckets.size()
              + " buckets are staged, with "
              + written
              + " of "
              + planned
              + " pairs");
    }
    export.finish(buckets, context.hadoop());
    long unlabelled = contents.stream().mapToLong(SourceFile.Contents::unlabelled).sum();
    Map<String, Long> bySplit = new TreeMap<>();
    buckets.forEach(
        bucket -> bucket.rows().forEach((split, rows) -> bySplit.merge(split, rows, Long::sum)));
    Map<String, Object> counts = new LinkedHashMap<>();
    counts.put("counts.planned", planned);
    counts.put("counts.written", written);
    counts.put("counts.unlabelled", unlabelled);
    counts.put("counts.buckets", buckets.size());
    bySplit.forEach((split, rows) -> counts.put("counts.splits." + split, rows));
    if (!staging.publish(
        0, Lineage.record(staging.run(), context.scheme(), context.settings(), counts))) {
      return to.found(NOUN, staging.run(), context.hadoop());
    }
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("run", staging.run());
    summary.put("exported", to.path());
    summary.put("pairs", written + " " + bySplit);
    if (unlabelled > 0) {
      summary.put("left out", unlabelled + " patches without labels");
    }
    return new Outcome(staging.run(), summary);
  }
}
