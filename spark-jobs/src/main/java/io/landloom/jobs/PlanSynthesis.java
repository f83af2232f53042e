package io.landloom.jobs;

import io.landloom.geo.landcover.LandCoverClass;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.progress.LiveCount;
import io.landloom.jobs.progress.Progress;
import io.landloom.jobs.run.DatasetRoot;
import io.landloom.jobs.run.FileSummary;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.RunId;
import io.landloom.jobs.run.RunRecord;
import io.landloom.jobs.run.Staging;
import io.landloom.jobs.synthesize.PatchesFile;
import io.landloom.jobs.synthesize.PlanBucket;
import io.landloom.jobs.synthesize.Redraw;
import io.landloom.jobs.table.SynthesisPlanTable;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;

/** {@code plan}: chooses the masks to synthesize images for, and how many of each. */
final class PlanSynthesis implements Job {
  /** An RGB image and its mask. */
  private static final long PAIR_PIXEL_BYTES = 4;

  @Override
  public Outcome run(JobContext context) throws IOException {
    DatasetRoot dataset = context.dataset();
    LandCoverScheme scheme = context.scheme();
    int copies = context.settings().integer("plan.copies", 1, 1_000_000);
    Redraw redraw = redraw(context.settings().text("plan.redraw"), scheme);
    List<PatchesFile> files = PatchesFile.published(dataset, scheme);
    if (files.isEmpty()) {
      throw JobException.user(
          dataset.path() + " holds no patches of scheme " + scheme.name() + "; run tile first");
    }
    int patchSize = patchSize(dataset, scheme);
    int most = context.bucketRows(PAIR_PIXEL_BYTES * patchSize * patchSize);
    RunId run =
        RunId.of("plan")
            .with("patches", files.stream().map(PatchesFile::run).distinct().toList())
            .with("scheme", scheme.definition())
            .with("copies", copies)
            .with("redraw", redraw)
            .with("bucketRows", most)
            .build();
    if (dataset.holds(run)) {
      return Outcome.alreadyPublished(run);
    }
    List<PlanBucket> buckets = PlanBucket.plan(files, usable(context, files, redraw), copies, most);
    if (buckets.isEmpty()) {
      throw JobException.user(
          dataset.path()
              + " holds no labelled patches of the training split to plan with"
              + (redraw.equals(Redraw.ALL)
                  ? ""
                  : " that show " + context.settings().text("plan.redraw")));
    }
    Staging staging = new Staging(dataset, run, List.of(SynthesisPlanTable.NAME));
    return StagedRun.make(
        staging,
        () -> {
          TreeSet<Integer> staged = staging.open();
          write(
              context,
              staging,
              buckets.stream().filter(bucket -> !staged.contains(bucket.number())).toList(),
              copies,
              redraw);
          return publish(context, staging, buckets.size(), copies, patchSize);
        });
  }

  /** Side of the masks, which must be one for all: a model draws patches of one size. */
  private static int patchSize(DatasetRoot dataset, LandCoverScheme scheme) throws IOException {
    TreeSet<Integer> sizes = new TreeSet<>();
    for (RunRecord tiling : dataset.runs("tile", scheme)) {
      sizes.add((int) tiling.number("patchSize"));
    }
    if (sizes.size() != 1) {
      throw JobException.user(
          dataset.path() + " holds patches of the sizes " + sizes + "; a plan needs one size");
    }
    return sizes.first();
  }

  private static Redraw redraw(String wanted, LandCoverScheme scheme) {
    if (wanted.equals("all")) {
      return Redraw.ALL;
    }
    return scheme.validClasses().stream()
        .filter(one -> one.name().equals(wanted))
        .findFirst()
        .map(one -> Redraw.of(scheme, one))
        .orElseThrow(
            () ->
                JobException.user(
                    "plan.redraw = "
                        + wanted
                        + ": give all, or a class of "
                        + scheme.name()
                        + ": "
                        + scheme.validClasses().stream()
                            .map(LandCoverClass::name)
                            .collect(Collectors.joining(", "))));
  }

  private static List<Long> usable(JobContext context, List<PatchesFile> files, Redraw redraw) {
    Broadcast<SerializableConfiguration> hadoop = context.sharedHadoop();
    return context
        .java()
        .parallelize(files, context.partitions(files.size()))
        .map(file -> file.countUsable(redraw, hadoop.value().value()))
        .collect();
  }

  private static void write(
      JobContext context, Staging staging, List<PlanBucket> buckets, int copies, Redraw redraw) {
    Broadcast<SerializableConfiguration> hadoop = context.sharedHadoop();
    Staging.Target target = staging.target();
    Map<String, String> lineage = Lineage.footer(staging.run(), context.scheme());
    long masks =
        buckets.stream()
            .flatMap(bucket -> bucket.segments().stream())
            .mapToLong(PlanBucket.Segment::count)
            .sum();
    try (LiveCount count = LiveCount.of(context.spark().sparkContext(), "masks planned");
        Progress progress = Progress.start(context.out(), "plan", "masks", masks, count::now)) {
      LongAccumulator done = count.accumulator();
      context
          .java()
          .parallelize(buckets, context.partitions(buckets.size()))
          .foreach(
              bucket -> {
                bucket.write(target, Attempt.id(), copies, redraw, lineage, hadoop.value().value());
                bucket.segments().forEach(segment -> done.add(segment.count()));
              });
    }
  }

  private static Outcome publish(
      JobContext context, Staging staging, int buckets, int copies, int patchSize)
      throws IOException {
    long masks =
        staging.summaries(SynthesisPlanTable.NAME).stream().mapToLong(FileSummary::rows).sum();
    Map<String, Object> counts = new LinkedHashMap<>();
    counts.put("counts.planned", masks);
    counts.put("counts.written", masks);
    counts.put("counts.pairs", masks * copies);
    counts.put("counts.buckets", buckets);
    counts.put("patchSize", patchSize);
    staging.publish(
        buckets, Lineage.record(staging.run(), context.scheme(), context.settings(), counts));
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("run", staging.run());
    summary.put("masks", masks);
    summary.put("pairs planned", masks * copies);
    return new Outcome(staging.run(), summary);
  }
}
