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
import io.landloom.jobs.synthesize.DrawnMasks;
import io.landloom.jobs.synthesize.MaskChoice;
import io.landloom.jobs.synthesize.PatchesFile;
import io.landloom.jobs.synthesize.PlanBucket;
import io.landloom.jobs.synthesize.Redraw;
import io.landloom.jobs.table.SynthesisPlanTable;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;

/** {@code plan}: chooses the masks to synthesize images for, and how many of each. */
final class PlanSynthesis implements Job {
  /** An RGB image and its mask. */
  static final long PAIR_PIXEL_BYTES = 4;

  private static final String NO_TARGET = "none";

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
    MaskChoice masks =
        MaskChoice.named(context.settings().choice("plan.masks", "labelled", "predicted", "any"));
    boolean standIn = context.settings().text("plan.layouts").equals("auto");
    int layouts = standIn ? 0 : context.settings().integer("plan.layouts", 0, 1_000_000);
    if ((standIn || layouts > 0) && masks != MaskChoice.LABELLED) {
      throw JobException.user(
          "plan.masks = " + masks.text() + ": plan.layouts asks for masks that are not there");
    }
    if (layouts > 0) {
      return new PlanLayouts(context, files, layouts, patchSize(dataset, scheme, files)).run();
    }
    DrawnMasks drawn = DrawnMasks.of(dataset, scheme);
    List<PatchesFile> chosen = withMasks(dataset, scheme, files, masks);
    List<PatchesFile> open = chosen.stream().filter(file -> !drawn.holdsAllOf(file)).toList();
    if (chosen.isEmpty()) {
      throw JobException.user(dataset.path() + " holds no " + masks.patches() + " to plan with");
    }
    if (open.isEmpty() && !standIn) {
      return nothingNew(drawn);
    }
    boolean hasTarget = !context.settings().text("plan.target").equals(NO_TARGET);
    checkKeys(context.settings(), hasTarget, standIn);
    if (hasTarget) {
      int side = patchSize(dataset, scheme, files);
      return new PlanForTarget(context, files, open, drawn, masks, redraw, side, standIn).run();
    }
    Planning planning =
        new Planning(
            new PlanBucket.Rule(copies, masks, redraw, drawn), patchSize(dataset, scheme, open));
    int most = context.bucketRows(PAIR_PIXEL_BYTES * planning.patchSize() * planning.patchSize());
    List<String> runs = open.stream().map(PatchesFile::run).distinct().toList();
    RunId run =
        context
            .runId("plan")
            .with("patches", runs.stream().map(drawn::describe).toList())
            .with("scheme", scheme.definition())
            .with("copies", copies)
            .with("redraw", redraw)
            .with("bucketRows", most)
            .with("masks", masks.text())
            .build();
    if (dataset.holds(run)) {
      return Outcome.alreadyPublished(run);
    }
    List<PlanBucket> buckets = PlanBucket.plan(open, usable(context, open, planning), copies, most);
    if (buckets.isEmpty() && drawn.conditions() > 0) {
      return nothingNew(drawn);
    }
    if (buckets.isEmpty()) {
      throw JobException.user(
          dataset.path()
              + " holds no "
              + masks.patches()
              + " of the training split to plan with"
              + (redraw.equals(Redraw.ALL)
                  ? ""
                  : " that show " + context.settings().text("plan.redraw")));
    }
    Staging staging = new Staging(dataset, run, List.of(SynthesisPlanTable.NAME));
    return StagedRun.make(
        context,
        staging,
        () -> {
          TreeSet<Integer> staged = staging.open();
          write(
              context,
              staging,
              buckets.stream().filter(bucket -> !staged.contains(bucket.number())).toList(),
              planning);
          return publish(context, staging, buckets.size(), planning, runs);
        });
  }

  /** What is planned, and the side of the masks. */
  private record Planning(PlanBucket.Rule rule, int patchSize) {}

  /**
   * Files of the tile runs whose masks are chosen among. A run has masks of one source, and is
   * drawn for as a whole: one whose masks are not chosen among must not count as drawn for.
   */
  private static List<PatchesFile> withMasks(
      DatasetRoot dataset, LandCoverScheme scheme, List<PatchesFile> files, MaskChoice masks)
      throws IOException {
    Set<String> runs =
        dataset.runs("tile", scheme).stream()
            .filter(tiling -> masks.takes(tiling.maskSource()))
            .map(tiling -> tiling.runId().text())
            .collect(Collectors.toSet());
    return files.stream().filter(file -> runs.contains(file.run())).toList();
  }

  private static Outcome nothingNew(DrawnMasks drawn) {
    return new Outcome(
        null,
        Map.of(
            "masks",
            drawn.conditions() + " are drawn for already; nothing new to plan, nothing to do"));
  }

  /** Side of the patches, which must be one for all: models draw and read one size. */
  static int patchSize(DatasetRoot dataset, LandCoverScheme scheme, List<PatchesFile> files)
      throws IOException {
    Set<String> runs = files.stream().map(PatchesFile::run).collect(Collectors.toSet());
    TreeSet<Integer> sizes = new TreeSet<>();
    for (RunRecord tiling : dataset.runs("tile", scheme)) {
      if (runs.contains(tiling.runId().text())) {
        sizes.add((int) tiling.number("patchSize"));
      }
    }
    if (sizes.size() != 1) {
      throw JobException.user(
          dataset.path() + " holds patches of the sizes " + sizes + "; all must have one size");
    }
    return sizes.first();
  }

  /** Keys that mean nothing without the other one. */
  private static void checkKeys(Settings settings, boolean hasTarget, boolean standIn) {
    boolean hasBudget =
        settings.optionalText("plan.alpha").isPresent()
            || settings.optionalText("plan.count").isPresent();
    String redraw = settings.text("plan.redraw");
    if (standIn && !List.of("all", PlanForTarget.DEFICIT).contains(redraw)) {
      throw JobException.user(
          "plan.layouts = auto draws all of a layout; plan.redraw = " + redraw + " is for masks");
    }
    if (standIn && !(hasTarget && hasBudget)) {
      throw JobException.user(
          "plan.layouts = auto stands in for masks of a plan with plan.target, and with plan.alpha"
              + " or plan.count; give both, or a number of layouts");
    }
    if (hasTarget) {
      return;
    }
    for (String key : List.of("plan.alpha", "plan.count")) {
      if (settings.optionalText(key).isPresent()) {
        throw JobException.user(
            key + " needs plan.target; give plan.target=real to keep the shares as they are");
      }
    }
    if (settings.text("plan.redraw").equals(PlanForTarget.DEFICIT)) {
      throw JobException.user("plan.redraw = " + PlanForTarget.DEFICIT + " needs plan.target");
    }
  }

  private static Redraw redraw(String wanted, LandCoverScheme scheme) {
    if (wanted.equals("all") || wanted.equals(PlanForTarget.DEFICIT)) {
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

  private static List<Long> usable(JobContext context, List<PatchesFile> files, Planning planning) {
    PlanBucket.Rule rule = planning.rule();
    Broadcast<SerializableConfiguration> hadoop = context.sharedHadoop();
    return context
        .java()
        .parallelize(files, context.partitions(files.size()))
        .map(file -> rule.count(file, hadoop.value().value()))
        .collect();
  }

  private static void write(
      JobContext context, Staging staging, List<PlanBucket> buckets, Planning planning) {
    PlanBucket.Rule rule = planning.rule();
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
                bucket.write(target, Attempt.id(), rule, lineage, hadoop.value().value());
                bucket.segments().forEach(segment -> done.add(segment.count()));
              });
    }
  }

  private static Outcome publish(
      JobContext context, Staging staging, int buckets, Planning planning, List<String> runs)
      throws IOException {
    long masks =
        staging.summaries(SynthesisPlanTable.NAME).stream().mapToLong(FileSummary::rows).sum();
    Map<String, Object> counts = new LinkedHashMap<>();
    counts.put("counts.planned", masks);
    counts.put("counts.written", masks);
    counts.put("counts.pairs", masks * planning.rule().copies());
    counts.put("counts.buckets", buckets);
    counts.put("counts.drawnBefore", planning.rule().drawn().conditions());
    counts.put("patchSize", planning.patchSize());
    counts.put(RunRecord.PATCHES_RUNS, runs);
    if (planning.rule().redraw().index() != null) {
      counts.put(RunRecord.REDRAWN_CLASS, planning.rule().redraw().index());
    }
    staging.publish(
        buckets, Lineage.record(staging.run(), context.scheme(), context.settings(), counts));
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("run", staging.run());
    summary.put("masks", masks);
    if (planning.rule().drawn().conditions() > 0) {
      summary.put("drawn for before", planning.rule().drawn().conditions() + " masks, left out");
    }
    summary.put("pairs planned", masks * planning.rule().copies());
    return new Outcome(staging.run(), summary);
  }
}
