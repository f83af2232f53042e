package io.landloom.jobs;

import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.features.FeatureWriting;
import io.landloom.jobs.progress.LiveCount;
import io.landloom.jobs.progress.Progress;
import io.landloom.jobs.run.DatasetRoot;
import io.landloom.jobs.run.FileSummary;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.RunId;
import io.landloom.jobs.run.RunRecord;
import io.landloom.jobs.run.Staging;
import io.landloom.jobs.synthesize.BundleFiles;
import io.landloom.jobs.synthesize.ExecutorGuard;
import io.landloom.jobs.synthesize.PatchesFile;
import io.landloom.jobs.synthesize.PlanBucket;
import io.landloom.jobs.table.FeaturesTable;
import io.landloom.jobs.tile.SplitRule;
import io.landloom.synthesis.ddpm.Ddpm;
import io.landloom.synthesis.ddpm.DdpmFeatures;
import io.landloom.synthesis.ddpm.FeatureChoice;
import io.landloom.synthesis.ddpm.PixelUNet;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.ModelException;
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

/** {@code features}: writes what a diffusion model of pixels makes of patches, as a table. */
final class ExtractFeatures implements Job {
  private static final String MAPS = "maps";

  @Override
  public Outcome run(JobContext context) throws IOException {
    DatasetRoot dataset = context.dataset();
    Settings settings = context.settings();
    LandCoverScheme scheme = context.scheme();
    StageGpus gpus = context.gpus("extract.device");
    BundleFiles model = BundleFiles.find(settings.text("model"), context.hadoop());
    ModelBundle bundle = model.open();
    FeatureChoice choice = choice(bundle, settings);
    List<DdpmFeatures.Kind> kinds = DdpmFeatures.kinds(bundle.card(), choice);
    FeatureWriting writing =
        new FeatureWriting(
            model,
            bundle.digest(),
            choice,
            splits(settings),
            FeatureWriting.Numbers.of(settings.choice("extract.dtype", "float16", "float32")),
            settings.choice("extract.device", "auto", "cpu", "gpu"));
    List<PatchesFile> files = PatchesFile.published(dataset, scheme);
    if (files.isEmpty()) {
      throw JobException.user(
          dataset.path() + " holds no patches of scheme " + scheme.name() + "; run tile first");
    }
    String maps =
        String.join(
            " ",
            "model " + bundle.digest(),
            choice.half() + " " + kinds,
            "of " + writing.splits(),
            "as " + writing.numbers());
    Set<String> before = before(dataset, scheme, maps);
    List<PatchesFile> open = files.stream().filter(file -> !before.contains(file.run())).toList();
    if (open.isEmpty()) {
      return nothingNew(before);
    }
    int side = PlanSynthesis.patchSize(dataset, scheme, open);
    requireFits(side, bundle.card());
    int most = context.bucketRows(bytes(kinds, side, writing.numbers()));
    List<String> runs = open.stream().map(PatchesFile::run).distinct().toList();
    RunId run =
        context
            .runId("features")
            .with("patches", runs)
            .with("maps", maps)
            .with("bucketRows", most)
            .build();
    if (dataset.holds(run)) {
      return Outcome.alreadyPublished(run);
    }
    List<PlanBucket> buckets = PlanBucket.plan(open, counts(context, open, writing, side), 1, most);
    if (buckets.isEmpty()) {
      throw JobException.user(dataset.path() + " holds no patch of the splits " + writing.splits());
    }
    Staging staging = new Staging(dataset, run, List.of(FeaturesTable.NAME));
    return StagedRun.make(
        context,
        staging,
        () -> {
          TreeSet<Integer> staged = staging.open();
          write(
              context,
              gpus,
              staging,
              buckets.stream().filter(bucket -> !staged.contains(bucket.number())).toList(),
              writing);
          return publish(context, staging, buckets, kinds, runs, maps, writing);
        });
  }

  /** Tile runs whose features are published: the same maps by the same model, of any version. */
  private static Set<String> before(DatasetRoot dataset, LandCoverScheme scheme, String maps)
      throws IOException {
    return dataset.runs("features", scheme).stream()
        .filter(run -> run.text(MAPS).equals(maps))
        .flatMap(run -> run.list(RunRecord.PATCHES_RUNS).stream())
        .map(String::valueOf)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Outcome nothingNew(Set<String> before) {
    return new Outcome(
        null,
        Map.of(
            "patches",
            "those of "
                + before.size()
                + " tile runs have their features; nothing new, nothing to do"));
  }

  /** What was retired or made by others while this run was made. */
  private static void lookAgain(JobContext context, String maps, List<String> runs)
      throws IOException {
    DatasetRoot dataset = context.dataset();
    Set<String> there =
        dataset.runs("tile", context.scheme()).stream()
            .map(run -> run.runId().text())
            .collect(Collectors.toSet());
    Set<String> others = before(dataset, context.scheme(), maps);
    if (!there.containsAll(runs) || runs.stream().anyMatch(others::contains)) {
      throw new JobException(
          JobException.Kind.INFRA,
          "patches were retired, or their features published, while this run was made; start again");
    }
  }

  private static FeatureChoice choice(ModelBundle bundle, Settings settings) {
    try {
      Ddpm.require(bundle);
      return DdpmFeatures.choice(
          bundle.card(),
          PixelUNet.Half.of(settings.choice("extract.half", "decoder", "encoder")),
          settings.integers("extract.blocks", 0, 1 << 10),
          settings.reals("extract.signals"));
    } catch (ModelException e) {
      throw new JobException(JobException.Kind.USER, e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new JobException(JobException.Kind.USER, "extract: " + e.getMessage(), e);
    }
  }

  private static List<String> splits(Settings settings) {
    List<String> splits = settings.texts("extract.splits");
    if (splits.isEmpty() || !SplitRule.NAMES.containsAll(splits)) {
      throw JobException.user(
          "extract.splits = " + splits + ": expected some of " + SplitRule.NAMES);
    }
    return splits.stream().distinct().sorted().toList();
  }

  private static void requireFits(int side, ModelCard card) {
    int stride = DdpmFeatures.stride(card);
    if (side % stride != 0) {
      throw JobException.user(
          String.format(
              "the patches are %d pixels wide; model '%s' needs a multiple of %d",
              side, card.name(), stride));
    }
  }

  /** Bytes of the maps of a patch. */
  private static long bytes(
      List<DdpmFeatures.Kind> kinds, int side, FeatureWriting.Numbers numbers) {
    long bytes = 0;
    for (DdpmFeatures.Kind kind : kinds) {
      long edge = side / kind.stride();
      bytes += edge * edge * kind.channels() * numbers.bytes();
    }
    return bytes;
  }

  private static List<Long> counts(
      JobContext context, List<PatchesFile> files, FeatureWriting writing, int side) {
    Broadcast<SerializableConfiguration> hadoop = context.sharedHadoop();
    Broadcast<FeatureWriting> shared = context.java().broadcast(writing);
    return context
        .java()
        .parallelize(files, context.partitions(files.size()))
        .map(file -> shared.value().count(file, side, hadoop.value().value()))
        .collect();
  }

  private static void write(
      JobContext context,
      StageGpus gpus,
      Staging staging,
      List<PlanBucket> buckets,
      FeatureWriting writing) {
    if (buckets.isEmpty()) {
      return;
    }
    Broadcast<SerializableConfiguration> hadoop = context.sharedHadoop();
    Broadcast<FeatureWriting> shared = context.java().broadcast(writing);
    Staging.Target target = staging.target();
    Map<String, String> lineage = Lineage.footer(staging.run(), context.scheme());
    try (LiveCount count = LiveCount.of(context.spark().sparkContext(), "patches looked at");
        Progress progress =
            Progress.start(context.out(), "features", "patches", patches(buckets), count::now)) {
      LongAccumulator done = count.accumulator();
      gpus.askedFor(context.java().parallelize(buckets, context.partitions(buckets.size())))
          .foreachPartition(
              part ->
                  ExecutorGuard.watch(
                      () -> {
                        shared
                            .value()
                            .write(
                                part,
                                target,
                                Attempt::id,
                                lineage,
                                hadoop.value().value(),
                                done::add);
                        return null;
                      }));
    }
  }

  private static long patches(List<PlanBucket> buckets) {
    return buckets.stream()
        .flatMap(bucket -> bucket.segments().stream())
        .mapToLong(PlanBucket.Segment::count)
        .sum();
  }

  private static Outcome publish(
      JobContext context,
      Staging staging,
      List<PlanBucket> buckets,
      List<DdpmFeatures.Kind> kinds,
      List<String> runs,
      String maps,
      FeatureWriting writing)
      throws IOException {
    long rows = 0;
    long bytes = 0;
    for (FileSummary summary : staging.summaries(FeaturesTable.NAME)) {
      rows += summary.rows();
      bytes += summary.bytes();
    }
    Map<String, Object> counts = new LinkedHashMap<>();
    counts.put("counts.planned", patches(buckets) * kinds.size());
    counts.put("counts.written", rows);
    counts.put("counts.bytes", bytes);
    counts.put("counts.buckets", buckets.size());
    counts.put("modelDigest", writing.digest());
    counts.put(MAPS, maps);
    counts.put(RunRecord.PATCHES_RUNS, runs);
    staging.publish(
        buckets.size(),
        Lineage.record(staging.run(), context.scheme(), context.settings(), counts),
        List.of(),
        () -> lookAgain(context, maps, runs));
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("run", staging.run());
    summary.put("patches", patches(buckets));
    summary.put("maps", rows + " in " + bytes + " bytes, of " + kinds.size() + " kinds");
    return new Outcome(staging.run(), summary);
  }
}
