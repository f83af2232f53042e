package io.landloom.jobs;

import io.landloom.geo.image.PngEncoder;
import io.landloom.geo.image.Stretch;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.progress.LiveCount;
import io.landloom.jobs.progress.Progress;
import io.landloom.jobs.run.DatasetRoot;
import io.landloom.jobs.run.FileSummary;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.Paths;
import io.landloom.jobs.run.Printable;
import io.landloom.jobs.run.RunId;
import io.landloom.jobs.run.RunRecord;
import io.landloom.jobs.run.Staging;
import io.landloom.jobs.table.MaskSource;
import io.landloom.jobs.table.PatchClassesTable;
import io.landloom.jobs.table.PatchesTable;
import io.landloom.jobs.table.PixelFormat;
import io.landloom.jobs.tile.BucketTiling;
import io.landloom.jobs.tile.HeaderReading;
import io.landloom.jobs.tile.Increment;
import io.landloom.jobs.tile.PixelRule;
import io.landloom.jobs.tile.Refusal;
import io.landloom.jobs.tile.RefusalFile;
import io.landloom.jobs.tile.SceneEntry;
import io.landloom.jobs.tile.SceneFile;
import io.landloom.jobs.tile.SceneListing;
import io.landloom.jobs.tile.ScenesFile;
import io.landloom.jobs.tile.SplitRule;
import io.landloom.jobs.tile.TileBucket;
import io.landloom.jobs.tile.TileRule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;

/** {@code tile}: cuts labelled scenes into patches and counts their classes. */
final class TileScenes implements Job {
  // executors that come while headers are read find work
  private static final int HEADERS_A_TASK = 64;
  private static final int NAMED = 20;
  private static final List<String> TABLES = List.of(PatchesTable.NAME, PatchClassesTable.NAME);

  @Override
  public Outcome run(JobContext context) throws IOException {
    DatasetRoot dataset = context.dataset();
    TileRule asked = rule(context);
    List<SceneFile> files = list(context);
    Headers headers = readHeaders(context, files, asked);
    if (headers.scenes().isEmpty()) {
      throw allRefused(headers.refusals());
    }
    Optional<RunId> whole = published(context, dataset, asked, headers.scenes());
    if (whole.isPresent()) {
      return Outcome.alreadyPublished(whole.get());
    }
    Increment increment = increment(context, dataset, headers.scenes(), asked);
    if (increment.isEmpty()) {
      return nothingNew(increment, headers.refusals().size());
    }
    return tile(context, dataset, asked, increment, headers.only(increment.scenes()));
  }

  /** The run that holds just these scenes, by this rule and this program. */
  private static Optional<RunId> published(
      JobContext context, DatasetRoot dataset, TileRule asked, List<SceneEntry> scenes)
      throws IOException {
    TileRule rule = asked.with(asked.pixels().storedFor(scenes));
    RunId run = runId(context, rule, scenes);
    return dataset.holds(run) ? Optional.of(run) : Optional.empty();
  }

  /** What of the scenes is left to tile, since a scene is tiled once a dataset. */
  private static Increment increment(
      JobContext context, DatasetRoot dataset, List<SceneEntry> scenes, TileRule asked)
      throws IOException {
    List<RunRecord> tilings = dataset.runs(JobName.TILE.text());
    return context.settings().flag("tile.replace")
        ? Increment.replacing(dataset, tilings, scenes, asked, context.hadoop())
        : Increment.adding(dataset, tilings, scenes, asked, context.hadoop());
  }

  private static Outcome nothingNew(Increment increment, int refused) {
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put(
        "scenes",
        increment.unchanged() + " are published unchanged; nothing new to tile, nothing to do");
    summary.put("left out", increment.leftOutBefore() + " by an earlier run, " + refused + " now");
    return new Outcome(null, summary);
  }

  private static Outcome tile(
      JobContext context, DatasetRoot dataset, TileRule asked, Increment increment, Headers headers)
      throws IOException {
    TileRule rule = asked.with(asked.pixels().storedFor(headers.scenes()));
    RunId run = runId(context, rule, headers.scenes());
    List<TileBucket> buckets =
        TileBucket.plan(headers.scenes(), rule, bucketRows(context, headers.scenes(), rule));
    List<SceneEntry> tooSmall = tooSmall(headers, rule);
    if (buckets.isEmpty() && increment.unchanged() > 0 && increment.replaced().isEmpty()) {
      context.out().println(tooSmall(rule, tooSmall));
      return nothingNew(increment, headers.refusals().size());
    }
    if (buckets.isEmpty()) {
      throw JobException.user(
          "none of "
              + headers.scenes().size()
              + " scenes is as large as patch.size = "
              + rule.size()
              + ": "
              + named(tooSmall));
    }
    if (!tooSmall.isEmpty()) {
      context.out().println(tooSmall(rule, tooSmall));
    }
    Staging staging = new Staging(dataset, run, TABLES);
    Tiling tiling = new Tiling(context, rule, staging, buckets, headers, increment);
    return StagedRun.make(context, staging, tiling::run);
  }

  private static String tooSmall(TileRule rule, List<SceneEntry> scenes) {
    return scenes.size()
        + " scenes are smaller than patch.size = "
        + rule.size()
        + " and give no patch: "
        + Printable.of(named(scenes));
  }

  private static JobException allRefused(List<Refusal> refusals) {
    return JobException.rejected(
        "all "
            + refusals.size()
            + " scenes were refused, the first because "
            + refusals.get(0).message());
  }

  /**
   * What the headers gave.
   *
   * @param scenes scenes to tile, ordered by id
   * @param refusals scenes left out
   * @param listed how many scenes the input has
   */
  private record Headers(List<SceneEntry> scenes, List<Refusal> refusals, int listed) {
    Headers only(List<SceneEntry> some) {
      return new Headers(some, refusals, listed);
    }
  }

  /** How the configuration wants patches to be cut. */
  static TileRule rule(JobContext context) throws IOException {
    Settings settings = context.settings();
    LandCoverScheme scheme = context.scheme();
    int size = settings.integer("patch.size", 1, 16_384);
    int stride = settings.integer("patch.stride", 0, 16_384);
    String coding = settings.text("labels.coding");
    if (!List.of("auto", "color").contains(coding)) {
      try {
        scheme.coding(coding);
      } catch (IllegalArgumentException e) {
        throw new JobException(JobException.Kind.USER, "labels.coding: " + e.getMessage(), e);
      }
    }
    return new TileRule(
        scheme,
        coding,
        settings.choice("labels.offPalette", "fail", "unknown").equals("unknown"),
        size,
        stride == 0 ? size : stride,
        settings.real("patch.maxUnknown", 0, 1),
        splitRule(context),
        pixelRule(context.settings()),
        settings.choice("labels.source", "labelled", "predicted").equals("predicted")
            ? MaskSource.PREDICTED
            : MaskSource.LABELLED);
  }

  private static PixelRule pixelRule(Settings settings) {
    List<Integer> bands = settings.integers("input.bands", 1, 64);
    PixelFormat images =
        switch (settings.choice("output.images", "auto", "png", "raw")) {
          case "png" -> PixelFormat.PNG;
          case "raw" -> PixelFormat.RAW;
          default -> null;
        };
    String masksAsked = settings.choice("output.masks", "png", "raw");
    // what stores nothing must not make another run
    PixelFormat masks =
        settings.text("input.labels").equals("none")
            ? PixelFormat.PNG
            : PixelFormat.named(masksAsked);
    PngEncoder.Options png =
        settings.choice("output.png", "huffman", "deflate").equals("huffman")
            ? PngEncoder.Options.forImages()
            : PngEncoder.Options.forImagesThatRepeat();
    Stretch stretch = PixelRule.stretch("input.stretch", settings.text("input.stretch"));
    return new PixelRule(bands, stretch, images, masks, png);
  }

  /** Most patches a file should hold: bounded by rows, and by bytes before compression. */
  private static int bucketRows(JobContext context, List<SceneEntry> scenes, TileRule rule) {
    long most = scenes.stream().mapToLong(scene -> scene.patchBytes(rule.size())).max().orElse(1);
    return context.bucketRows(most);
  }

  private static SplitRule splitRule(JobContext context) throws IOException {
    Settings settings = context.settings();
    long seed = settings.bigint("run.seed");
    List<Double> shares = settings.reals("splits.shares");
    boolean usable =
        shares.size() == SplitRule.NAMES.size()
            && shares.stream().allMatch(s -> s >= 0)
            && shares.stream().mapToDouble(Double::doubleValue).sum() > 0;
    if (!usable) {
      throw JobException.user(
          "splits.shares = " + shares + ": expected three shares for train, val and test");
    }
    String split = settings.text("split");
    if (split.startsWith("table:")) {
      return listedSplit(context, split.substring("table:".length()));
    }
    return switch (settings.choice("split", "byBlock", "byScene", "random")) {
      case "byBlock" ->
          new SplitRule.ByBlock(seed, shares, settings.integer("splits.block", 1, 10_000));
      case "byScene" -> new SplitRule.ByScene(seed, shares);
      default -> new SplitRule.Random(seed, shares);
    };
  }

  private static SplitRule listedSplit(JobContext context, String file) throws IOException {
    Path path = Paths.of("split", file);
    try (FSDataInputStream in = path.getFileSystem(context.hadoop()).open(path)) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return SplitRule.Listed.parse(file, text.lines().toList());
    } catch (java.io.FileNotFoundException e) {
      throw new JobException(JobException.Kind.USER, "split = table:" + file + ": no such file", e);
    }
  }

  /** The scenes that the configuration names. */
  static List<SceneFile> list(JobContext context) throws IOException {
    Settings settings = context.settings();
    SceneListing listing =
        new SceneListing(context.hadoop(), settings.texts("input.labelSuffixes"));
    String scenes = settings.text("input.scenes");
    String labels = settings.text("input.labels");
    return labels.equals("none") ? listing.unlabelled(scenes) : listing.labelled(scenes, labels);
  }

  /**
   * The scenes of files, as far as their headers say that they can be read.
   *
   * @throws JobException if more of them are refused than is allowed
   */
  static List<SceneEntry> readScenes(JobContext context, List<SceneFile> files, TileRule rule) {
    Headers headers = readHeaders(context, files, rule);
    if (headers.scenes().isEmpty()) {
      throw allRefused(headers.refusals());
    }
    return headers.scenes();
  }

  private static Headers readHeaders(JobContext context, List<SceneFile> files, TileRule rule) {
    JavaSparkContext java = context.java();
    Broadcast<SerializableConfiguration> hadoop = context.sharedHadoop();
    Broadcast<TileRule> sharedRule = java.broadcast(rule);
    List<HeaderReading> readings;
    try (LiveCount count = LiveCount.of(context.spark().sparkContext(), "headers");
        Progress progress =
            Progress.start(context.out(), "read headers", "scenes", files.size(), count::now)) {
      LongAccumulator read = count.accumulator();
      int slices =
          Math.min(
              files.size(), Math.max(4 * java.defaultParallelism(), files.size() / HEADERS_A_TASK));
      readings =
          java.parallelize(files, slices)
              .map(
                  file -> {
                    HeaderReading reading =
                        HeaderReading.of(file, sharedRule.value(), hadoop.value().value());
                    read.add(1);
                    return reading;
                  })
              .collect();
      readings.stream()
          .filter(reading -> reading.refusal() != null)
          .forEach(reading -> progress.count(reading.refusal().reason(), 1));
    }
    List<Refusal> refusals = new ArrayList<>();
    List<SceneEntry> scenes = new ArrayList<>();
    for (HeaderReading reading : readings) {
      if (reading.refusal() != null) {
        refusals.add(reading.refusal());
      } else {
        scenes.add(reading.entry());
      }
    }
    checkRefusals(context, refusals, files.size());
    if (rule.split() instanceof SplitRule.Listed listed) {
      scenes.forEach(scene -> listed.check(scene.id()));
    }
    return new Headers(scenes, refusals, files.size());
  }

  private static void checkRefusals(JobContext context, List<Refusal> refusals, int scenes) {
    double allowed = context.settings().real("input.badScenes", 0, 1);
    if (refusals.isEmpty() || refusals.size() <= allowed * scenes) {
      refusals.forEach(r -> context.out().println("left out: " + Printable.of(r.message())));
      return;
    }
    String others =
        refusals.size() == 1
            ? ""
            : " (and " + (refusals.size() - 1) + " more of " + scenes + " scenes)";
    throw JobException.rejected(refusals.get(0).message() + others);
  }

  private static RunId runId(JobContext context, TileRule rule, List<SceneEntry> scenes) {
    RunId.Builder id =
        context
            .runId("tile")
            .with("scheme", rule.scheme().definition())
            .with("coding", rule.coding())
            .with("offPalette", rule.unknownOffPalette())
            .with("size", rule.size())
            .with("stride", rule.stride())
            .with("maxUnknown", rule.maxUnknown())
            .with("bucketRows", bucketRows(context, scenes, rule))
            .with("split", rule.split().definition())
            .with("pixels", rule.pixels().definition() + rule.predicted());
    for (SceneEntry scene : scenes) {
      id.with(scene.id().name(), scene.imageChecksum() + "|" + scene.labelChecksum());
    }
    return id.build();
  }

  private static List<SceneEntry> tooSmall(Headers headers, TileRule rule) {
    return headers.scenes().stream()
        .filter(scene -> scene.grid(rule.size(), rule.stride()).patches() == 0)
        .toList();
  }

  private static String named(List<SceneEntry> scenes) {
    String names =
        scenes.stream()
            .limit(NAMED)
            .map(scene -> scene.id() + " (" + scene.width() + " x " + scene.height() + ")")
            .collect(Collectors.joining(", "));
    return scenes.size() > NAMED ? names + ", and " + (scenes.size() - NAMED) + " more" : names;
  }

  /** The distributed part of a tiling run. */
  private static final class Tiling {
    private final JobContext context;
    private final TileRule rule;
    private final Staging staging;
    private final Headers headers;
    private final Increment increment;
    private final long start = System.nanoTime();
    private List<TileBucket> buckets;
    private final List<Refusal> refusals;
    private final RefusalFile refusalFile;

    Tiling(
        JobContext context,
        TileRule rule,
        Staging staging,
        List<TileBucket> buckets,
        Headers headers,
        Increment increment) {
      this.context = context;
      this.rule = rule;
      this.staging = staging;
      this.buckets = buckets;
      this.headers = headers;
      this.increment = increment;
      this.refusals = new ArrayList<>(headers.refusals());
      this.refusalFile = new RefusalFile(staging.folder(), context.hadoop());
    }

    Outcome run() throws IOException {
      TreeSet<Integer> staged = staging.open();
      leaveOut(refusalFile.read());
      requireScenes();
      List<TileBucket> missing =
          buckets.stream().filter(b -> !staged.contains(b.number())).toList();
      while (!missing.isEmpty()) {
        missing = withdraw(cut(missing));
      }
      return publish();
    }

    private List<Refusal> cut(List<TileBucket> missing) {
      JavaSparkContext java = context.java();
      Broadcast<SerializableConfiguration> hadoop = context.sharedHadoop();
      Broadcast<TileRule> sharedRule = java.broadcast(rule);
      Staging.Target target = staging.target();
      Map<String, String> lineage = Lineage.footer(staging.run(), rule.scheme());
      long patches = missing.stream().mapToLong(bucket -> bucket.patches(rule)).sum();
      try (LiveCount count = LiveCount.of(context.spark().sparkContext(), "patches cut");
          Progress progress =
              Progress.start(context.out(), "tile", "patches", patches, count::now)) {
        LongAccumulator done = count.accumulator();
        List<Refusal> refused =
            java.parallelize(missing, context.partitions(missing.size()))
                .map(
                    bucket ->
                        new BucketTiling(
                                bucket, sharedRule.value(), lineage, hadoop.value().value())
                            .run(target, Attempt.id(), done::add)
                            .orElse(null))
                .filter(refusal -> refusal != null)
                .collect();
        refused.forEach(refusal -> progress.count(refusal.reason(), 1));
        return refused;
      }
    }

    /** Takes refused scenes out of the plan; gives the buckets to be made again without them. */
    private List<TileBucket> withdraw(List<Refusal> refused) throws IOException {
      if (refused.isEmpty()) {
        return List.of();
      }
      Map<String, Refusal> byScene = new TreeMap<>();
      refused.forEach(refusal -> byScene.put(refusal.scene().name(), refusal));
      checkRefusals(
          context,
          Stream.concat(refusals.stream(), byScene.values().stream()).toList(),
          headers.listed());
      List<Refusal> late = new ArrayList<>(refusalFile.read());
      late.addAll(byScene.values());
      // kept first: a restart must not take buckets without a scene for buckets with it
      refusalFile.write(late);
      Set<Integer> again = new HashSet<>();
      for (TileBucket bucket : buckets) {
        if (bucket.holdsAny(byScene.keySet())) {
          staging.withdraw(bucket.number());
          again.add(bucket.number());
        }
      }
      leaveOut(List.copyOf(byScene.values()));
      requireScenes();
      return buckets.stream().filter(bucket -> again.contains(bucket.number())).toList();
    }

    private void leaveOut(List<Refusal> late) {
      refusals.addAll(late);
      Set<String> scenes = late.stream().map(r -> r.scene().name()).collect(Collectors.toSet());
      buckets = buckets.stream().map(bucket -> bucket.without(scenes)).toList();
    }

    private void requireScenes() {
      if (refusals.size() == headers.listed()) {
        throw allRefused(refusals);
      }
    }

    private Outcome publish() throws IOException {
      long planned = buckets.stream().mapToLong(bucket -> bucket.patches(rule)).sum();
      long written = 0;
      long bytes = 0;
      List<FileSummary> summaries = staging.summaries(PatchesTable.NAME);
      for (FileSummary summary : summaries) {
        written += summary.rows();
        bytes += summary.bytes();
      }
      Map<String, Long> dropped = FileSummary.counts(summaries, BucketTiling.DROPPED);
      long rejected = dropped.values().stream().mapToLong(Long::longValue).sum();
      if (planned != written + rejected) {
        throw new JobException(
            JobException.Kind.BUG,
            staging.run()
                + ": planned "
                + planned
                + ", wrote "
                + written
                + ", dropped "
                + rejected);
      }
      Map<String, Object> counts = new LinkedHashMap<>();
      counts.put("counts.planned", planned);
      counts.put("counts.written", written);
      dropped.forEach((reason, count) -> counts.put("counts.rejected." + reason, count));
      counts.put("counts.scenes", tiledScenes());
      int tooSmall = tooSmall(headers, rule).size();
      counts.put("counts.scenesSmallerThanAPatch", tooSmall);
      refusals.stream()
          .collect(Collectors.groupingBy(Refusal::reason, TreeMap::new, Collectors.counting()))
          .forEach((reason, count) -> counts.put("counts.refusedScenes." + reason, count));
      counts.put("counts.bytes", bytes);
      counts.put("counts.buckets", buckets.size());
      counts.put("patchSize", rule.size());
      counts.put("images", rule.pixels().images().text());
      counts.put("masks", rule.pixels().masks().text());
      counts.put("taskSeconds", FileSummary.seconds(summaries));
      counts.put("counts.unchangedScenes", increment.unchanged());
      List<RunId> replaced = replaced();
      counts.put("replaced", replaced.stream().map(RunId::text).toList());
      counts.put("seconds", (System.nanoTime() - start) / 1e9);
      keepScenes();
      staging.publish(
          buckets.size(),
          Lineage.record(staging.run(), rule.scheme(), context.settings(), counts),
          replaced,
          this::requireStillNew);
      Map<String, Object> summary = new LinkedHashMap<>();
      summary.put("run", staging.run());
      summary.put(
          "scenes",
          tiledScenes() + ", refused " + refusals.size() + ", smaller than a patch " + tooSmall);
      if (increment.unchanged() + increment.leftOutBefore() > 0) {
        summary.put(
            "published before",
            increment.unchanged()
                + " unchanged scenes, skipped; left out by an earlier run "
                + increment.leftOutBefore());
      }
      if (!replaced.isEmpty()) {
        summary.put("replaced", replaced);
      }
      summary.put("patches", written + " kept, " + rejected + " dropped " + dropped);
      summary.put("images", rule.pixels().images().text());
      summary.put("bytes", bytes);
      return new Outcome(staging.run(), summary);
    }

    /** Another run, over other scenes, may have published some of these in the meantime. */
    private void requireStillNew() throws IOException {
      List<RunRecord> tilings =
          context.dataset().runs(JobName.TILE.text()).stream()
              .filter(run -> !increment.replaced().contains(run.runId()))
              .toList();
      Increment now =
          Increment.of(context.dataset(), tilings, headers.scenes(), rule, context.hadoop());
      if (now.scenes().size() < headers.scenes().size() || !now.replaced().isEmpty()) {
        throw new JobException(
            JobException.Kind.INFRA,
            staging.run()
                + ": another run published some of its "
                + headers.scenes().size()
                + " scenes while they were tiled; start again, which leaves them out");
      }
    }

    /** The runs that this one replaces, and those that were made of their patches: these first. */
    private List<RunId> replaced() throws IOException {
      List<RunId> all = new ArrayList<>();
      for (JobName job : List.of(JobName.SYNTHESIZE, JobName.PLAN, JobName.FEATURES)) {
        for (RunRecord record : context.dataset().runs(job.text())) {
          boolean concerned =
              record.list(RunRecord.PATCHES_RUNS).stream()
                  .anyMatch(run -> increment.replaced().contains(new RunId((String) run)));
          if (concerned) {
            all.add(record.runId());
          }
        }
      }
      all.addAll(increment.replaced());
      return all;
    }

    private void keepScenes() throws IOException {
      String identity = rule.identity();
      Map<String, String> reasons =
          refusals.stream()
              .collect(Collectors.toMap(one -> one.scene().name(), Refusal::reason, (a, b) -> a));
      new ScenesFile(staging.folder(), context.hadoop())
          .write(
              headers.scenes().stream()
                  .map(
                      scene -> {
                        String made = rule.identity(identity, scene.id());
                        String reason = reasons.get(scene.id().name());
                        return reason == null
                            ? ScenesFile.Line.tiled(scene, made)
                            : ScenesFile.Line.refused(scene, made, reason);
                      }));
    }

    private long tiledScenes() {
      Set<String> out =
          refusals.stream().map(refusal -> refusal.scene().name()).collect(Collectors.toSet());
      return headers.scenes().stream()
          .filter(scene -> !out.contains(scene.id().name()))
          .filter(scene -> scene.grid(rule.size(), rule.stride()).patches() > 0)
          .count();
    }
  }
}
