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

  /**
   * What is asked for, before a row was read.
   *
   * @param format the format
   * @param indices how classes are numbered
   * @param splits the splits
   * @param to the folder to make
   * @param scheme the land-cover scheme
   * @param files published files, in order
   * @param least pairs under which another file is added to a bucket
   * @param run the export's id
   */
  record Request(
      ExportFormat format,
      String indices,
      TreeSet<String> splits,
      DestinationFolder to,
      LandCoverScheme scheme,
      List<SourceFile> files,
      int least,
      RunId run) {}

  /**
   * What would be written.
   *
   * @param contents what there is to export in each file
   * @param buckets what each task exports
   */
  record Planned(List<SourceFile.Contents> contents, List<ExportBucket> buckets) {
    /** Pairs in all. */
    long pairs() {
      return buckets.stream().mapToLong(ExportBucket::total).sum();
    }

    /** Pairs by split. */
    Map<String, Long> bySplit() {
      Map<String, Long> bySplit = new TreeMap<>();
      buckets.forEach(
          bucket -> bucket.rows().forEach((split, rows) -> bySplit.merge(split, rows, Long::sum)));
      return bySplit;
    }

    /** Patches without labels, which are left out. */
    long unlabelled() {
      return contents.stream().mapToLong(SourceFile.Contents::unlabelled).sum();
    }
  }

  @Override
  public Outcome run(JobContext context) throws IOException {
    Request request = request(context);
    Staging staging = Staging.beside(request.to().path(), request.run(), context.hadoop());
    if (isThere(context, request)) {
      return Outcome.alreadyPublished(request.run());
    }
    Planned planned = plan(context, request);
    BucketExport export =
        new BucketExport(
            request.format(),
            request.splits(),
            request.scheme(),
            request.indices(),
            staging.files());
    return StagedRun.make(
        context,
        staging,
        () -> {
          write(context, staging, planned.buckets(), export);
          return publish(context, staging, planned, export, request);
        });
  }

  /**
   * Reads what is asked for.
   *
   * @throws JobException if the configuration is wrong, or there is nothing of that kind
   */
  static Request request(JobContext context) throws IOException {
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
    return new Request(format, indices, splits, to, scheme, sources.files(), least, run);
  }

  /**
   * Whether this export is there already.
   *
   * @throws JobException if something else is
   */
  static boolean isThere(JobContext context, Request request) throws IOException {
    return request.to().holds(NOUN, request.run(), context.hadoop());
  }

  /**
   * Counts what would be written.
   *
   * @throws JobException if that is nothing, or not what the format takes
   */
  static Planned plan(JobContext context, Request request) throws IOException {
    Broadcast<SerializableConfiguration> hadoop = context.sharedHadoop();
    List<SourceFile> files = request.files();
    TreeSet<String> splits = request.splits();
    List<SourceFile.Contents> contents =
        context
            .java()
            .parallelize(files, context.partitions(files.size()))
            .map(file -> file.contents(splits, hadoop.value().value()))
            .collect();
    List<ExportBucket> buckets = ExportBucket.plan(files, contents, request.least());
    check(context, request.format(), splits, contents, buckets);
    return new Planned(contents, buckets);
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
      JobContext context, Staging staging, Planned planned, BucketExport export, Request request)
      throws IOException {
    List<ExportBucket> buckets = planned.buckets();
    Map<Integer, String> notes = staging.files().notes(context.hadoop());
    long written = notes.values().stream().mapToLong(Long::parseLong).sum();
    if (notes.size() != buckets.size() || written != planned.pairs()) {
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
              + planned.pairs()
              + " pairs");
    }
    export.finish(buckets, context.hadoop());
    Map<String, Object> counts = new LinkedHashMap<>();
    counts.put("counts.planned", planned.pairs());
    counts.put("counts.written", written);
    counts.put("counts.unlabelled", planned.unlabelled());
    counts.put("counts.buckets", buckets.size());
    planned.bySplit().forEach((split, rows) -> counts.put("counts.splits." + split, rows));
    boolean published =
        staging.publish(
            0, Lineage.record(staging.run(), context.scheme(), context.settings(), counts));
    if (!published && isThere(context, request)) {
      return Outcome.alreadyPublished(staging.run());
    }
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("run", staging.run());
    summary.put("exported", request.to().path());
    summary.put("pairs", written + " " + planned.bySplit());
    if (planned.unlabelled() > 0) {
      summary.put("left out", planned.unlabelled() + " patches without labels");
    }
    return new Outcome(staging.run(), summary);
  }
}
