package io.landloom.jobs;

import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.progress.LiveCount;
import io.landloom.jobs.progress.Progress;
import io.landloom.jobs.run.CodeVersion;
import io.landloom.jobs.run.DatasetRoot;
import io.landloom.jobs.run.FileSummary;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.RunId;
import io.landloom.jobs.run.RunRecord;
import io.landloom.jobs.run.Staging;
import io.landloom.jobs.source.Captions;
import io.landloom.jobs.synthesize.BucketSynthesis;
import io.landloom.jobs.synthesize.BundleFiles;
import io.landloom.jobs.synthesize.DrawnMasks;
import io.landloom.jobs.synthesize.ExecutorGuard;
import io.landloom.jobs.synthesize.GateRule;
import io.landloom.jobs.synthesize.LayoutErrors;
import io.landloom.jobs.synthesize.LayoutRule;
import io.landloom.jobs.synthesize.Placement;
import io.landloom.jobs.synthesize.SharedSynthesizer;
import io.landloom.jobs.synthesize.TorchPlacement;
import io.landloom.jobs.table.GateDecisionsTable;
import io.landloom.jobs.table.PairsTable;
import io.landloom.jobs.table.SynthesisPlanTable;
import io.landloom.synthesis.diffusion.model.DenoiserSizes;
import io.landloom.synthesis.diffusion.model.ShippedControl;
import io.landloom.synthesis.gan.ClassEmbeddings;
import io.landloom.synthesis.gan.CsebganSynthesizer;
import io.landloom.synthesis.tensor.TorchEngine;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;

/** {@code synthesize}: makes the pairs of a plan with a trained model. */
final class SynthesizePairs implements Job {
  private static final String DEVICE = "synthesize.device";

  private final Placement placement;

  SynthesizePairs() {
    this(new TorchPlacement());
  }

  SynthesizePairs(Placement placement) {
    this.placement = placement;
  }

  @Override
  public Outcome run(JobContext context) throws IOException {
    DatasetRoot dataset = context.dataset();
    Settings settings = context.settings();
    LandCoverScheme scheme = context.scheme();
    StageGpus gpus = context.gpus(DEVICE);
    RunRecord plan = plan(settings, dataset);
    BundleFiles files = BundleFiles.find(settings.text("model"), context.hadoop());
    ModelBundle bundle = files.open();
    check(plan, bundle, scheme);
    GateRule gates = gates(settings, context);
    gates.check(bundle.card(), scheme);
    int batch = settings.integer("synthesize.batch", 1, 4096);
    Optional<LayoutRule> layouts = layouts(settings, context, plan, batch);
    Captions captions = context.captions(DenoiserSizes.readsCaptions(bundle.card()));
    String judged = judged(gates, layouts) + captions.identity();
    long seed = settings.bigint("run.seed");
    RunId run =
        context
            .runId("synthesize")
            .with("plan", plan.runId())
            .with("model", bundle.digest())
            .with("seed", seed)
            .with("batch", batch)
            .with("gates", judged)
            .build();
    if (dataset.holds(run)) {
      return Outcome.alreadyPublished(run);
    }
    Optional<RunId> same = madeByAnotherVersion(dataset, plan, bundle, judged, batch, seed);
    if (same.isPresent()) {
      return Outcome.alreadyPublished(same.get());
    }
    List<RunRecord> before = dataset.runs("synthesize");
    refuseSecondSynthesis(context, dataset, plan.runId(), before);
    Staging staging = new Staging(dataset, run, List.of(PairsTable.NAME, GateDecisionsTable.NAME));
    SharedSynthesizer model =
        new SharedSynthesizer(
            files,
            bundle.digest(),
            scheme,
            settings.choice(DEVICE, "auto", "cpu", "gpu"),
            batch,
            seed,
            gates,
            layouts.orElse(null),
            captions,
            placement);
    long start = System.nanoTime();
    return StagedRun.make(
        context,
        staging,
        () -> {
          List<BucketSynthesis> missing = missing(dataset, staging, plan, scheme, gates);
          synthesize(context, gpus, staging, missing, model, plan);
          return publish(
              context,
              staging,
              plan,
              bundle,
              gates,
              judged,
              start,
              () -> requireFirst(context, plan, before));
        });
  }

  /** What draws the masks of a plan of layouts. */
  private static Optional<LayoutRule> layouts(
      Settings settings, JobContext context, RunRecord plan, int batch) throws IOException {
    if (!plan.fields().containsKey(PlannedLayouts.COUNT)) {
      return Optional.empty();
    }
    String model =
        settings
            .optionalText("layouts.model")
            .orElseThrow(
                () ->
                    JobException.user(
                        plan.runId()
                            + " asks for layouts; give --set layouts.model=<bundle of a"
                            + " denoiser>"));
    LayoutRule rule =
        LayoutRule.of(
            BundleFiles.find("layouts.model", model, context.hadoop()),
            settings.section("layouts"),
            batch);
    rule.check(context.scheme(), plan.number("patchSize"));
    return Optional.of(rule);
  }

  /** What decides beside the model which pairs are made, as text. */
  private static String judged(GateRule gates, Optional<LayoutRule> layouts) {
    return gates.identity() + layouts.map(rule -> " layouts=" + rule.identity()).orElse("");
  }

  private static GateRule gates(Settings settings, JobContext context) throws IOException {
    Optional<String> segmenter = settings.optionalText("gates.segmenter");
    return new GateRule(
        new GateRule.Limits(
            settings.integer("gates.leastRange", 0, 255),
            settings.real("gates.mostSaturated", 0, 1)),
        segmenter.isPresent()
            ? BundleFiles.find("gates.segmenter", segmenter.get(), context.hadoop())
            : null,
        settings.integer("gates.redraws", 0, 1000),
        settings.real("gates.maxRejected", 0, 1));
  }

  private static List<BucketSynthesis> missing(
      DatasetRoot dataset, Staging staging, RunRecord plan, LandCoverScheme scheme, GateRule gates)
      throws IOException {
    long mostRejected = gates.mostRejected(plan.number("counts.pairs"));
    TreeSet<Integer> staged = staging.open();
    Map<String, String> footer = Lineage.footer(staging.run(), scheme);
    String root = dataset.path().toString();
    List<BucketSynthesis> missing = new ArrayList<>();
    for (int number = 0; number < plan.number("counts.buckets"); number++) {
      if (!staged.contains(number)) {
        String planFile = BucketSynthesis.planFile(root, plan.runId().text(), number);
        missing.add(new BucketSynthesis(number, planFile, root, scheme, footer, mostRejected));
      }
    }
    return missing;
  }

  /** The plan that the configuration names. */
  static RunRecord plan(Settings settings, DatasetRoot dataset) throws IOException {
    String wanted = settings.text("synthesize.plan");
    if (wanted.equals("newest")) {
      return dataset
          .newest("plan")
          .orElseThrow(() -> JobException.user(dataset.path() + " holds no plan; run plan first"));
    }
    return dataset.runs("plan").stream()
        .filter(run -> run.runId().text().equals(wanted))
        .findFirst()
        .orElseThrow(
            () ->
                JobException.user(
                    "synthesize.plan = " + wanted + ": no such plan in " + dataset.path()));
  }

  private static void check(RunRecord plan, ModelBundle bundle, LandCoverScheme scheme) {
    if (!plan.text("scheme").equals(scheme.name())) {
      throw JobException.user(
          plan.runId() + " plans for scheme " + plan.text("scheme") + ", not " + scheme.name());
    }
    if (!plan.text(RunRecord.SCHEME_DIGEST).equals(RunRecord.digest(scheme))) {
      throw JobException.user(
          plan.runId() + " was made with another definition of scheme " + scheme.name());
    }
    try {
      bundle.card().requireScheme(scheme);
    } catch (ModelException e) {
      throw new JobException(JobException.Kind.USER, e.getMessage(), e);
    }
    String architecture = bundle.card().architecture();
    if (!List.of(CsebganSynthesizer.ARCHITECTURE, ShippedControl.ARCHITECTURE)
        .contains(architecture)) {
      throw JobException.user(
          String.format(
              "model '%s' is %s, which draws no images of masks; give a %s or a %s",
              bundle.card().name(),
              architecture,
              CsebganSynthesizer.ARCHITECTURE,
              ShippedControl.ARCHITECTURE));
    }
    long size = plan.number("patchSize");
    if (size != bundle.card().patchSize()) {
      throw JobException.user(
          "model '"
              + bundle.card().name()
              + "' makes patches of "
              + bundle.card().patchSize()
              + " pixels, the plan's masks have "
              + size);
    }
  }

  /**
   * A run that differs in nothing but the program, so that a newer one finds nothing to do where
   * nothing is new.
   */
  private static Optional<RunId> madeByAnotherVersion(
      DatasetRoot dataset, RunRecord plan, ModelBundle bundle, String gates, int batch, long seed)
      throws IOException {
    return dataset.runs("synthesize").stream()
        .filter(run -> run.text("plan").equals(plan.runId().text()))
        .filter(run -> run.text("modelDigest").equals(bundle.digest()))
        .filter(run -> run.text("gates").equals(gates))
        .filter(run -> run.number("config.synthesize.batch") == batch)
        .filter(run -> run.number("config.run.seed") == seed)
        .map(RunRecord::runId)
        .findFirst();
  }

  /** Another synthesis may have drawn for the same masks at the same time, by other settings. */
  private static void requireFirst(JobContext context, RunRecord plan, List<RunRecord> before)
      throws IOException {
    Set<RunId> known = before.stream().map(RunRecord::runId).collect(Collectors.toSet());
    DatasetRoot dataset = context.dataset();
    List<RunRecord> since =
        dataset.runs("synthesize").stream().filter(run -> !known.contains(run.runId())).toList();
    refuseSecondSynthesis(context, dataset, plan.runId(), since);
  }

  /** A condition is synthesized once a dataset, so that reading all of it counts nothing twice. */
  private static void refuseSecondSynthesis(
      JobContext context, DatasetRoot dataset, RunId plan, List<RunRecord> runs)
      throws IOException {
    String[] published =
        runs.stream()
            .map(run -> dataset.table(run.runId(), PairsTable.NAME).toString())
            .toArray(String[]::new);
    if (published.length == 0) {
      return;
    }
    SparkSession spark = context.spark();
    List<Row> twice =
        spark
            .read()
            .parquet(dataset.table(plan, SynthesisPlanTable.NAME).toString())
            .select("condition")
            .join(spark.read().parquet(published).select("condition"), "condition")
            .limit(1)
            .collectAsList();
    if (!twice.isEmpty()) {
      throw JobException.user(
          dataset.path()
              + " already holds pairs of condition "
              + twice.get(0).getString(0)
              + " by another plan, model, seed, batch or captions; use another output.root");
    }
  }

  private static void synthesize(
      JobContext context,
      StageGpus gpus,
      Staging staging,
      List<BucketSynthesis> missing,
      SharedSynthesizer model,
      RunRecord plan) {
    Broadcast<SerializableConfiguration> hadoop = context.sharedHadoop();
    Broadcast<SharedSynthesizer> sharedModel = context.java().broadcast(model);
    Staging.Target target = staging.target();
    String version = CodeVersion.text();
    long planned = plan.number("counts.pairs") * missing.size() / plan.number("counts.buckets");
    try (LiveCount count = LiveCount.of(context.spark().sparkContext(), "pairs made");
        Progress progress =
            Progress.start(context.out(), "synthesize", "pairs", planned, count::now)) {
      LongAccumulator made = count.accumulator();
      gpus.askedFor(context.java().parallelize(missing, context.partitions(missing.size())))
          .foreachPartition(
              (Iterator<BucketSynthesis> part) -> {
                while (part.hasNext()) {
                  BucketSynthesis bucket = part.next();
                  ExecutorGuard.watch(
                      () ->
                          draw(
                              bucket,
                              sharedModel.value(),
                              target,
                              version,
                              hadoop.value().value(),
                              made::add));
                }
              });
    }
  }

  /** In a task: makes one bucket. */
  private static int draw(
      BucketSynthesis bucket,
      SharedSynthesizer shared,
      Staging.Target target,
      String version,
      Configuration hadoop,
      LongConsumer made)
      throws IOException {
    SharedSynthesizer.Loaded loaded = shared.load();
    PairsTable.Lineage lineage =
        new PairsTable.Lineage(
            loaded.synthesizer().name(),
            loaded.synthesizer().modelDigest(),
            shared.seed(),
            loaded.device(),
            version,
            TorchEngine.SUPPORTED_VERSION);
    bucket.run(
        loaded,
        shared.gates().redraws(),
        shared.captions(),
        lineage,
        target,
        Attempt.id(),
        hadoop,
        made);
    return bucket.number();
  }

  private static Outcome publish(
      JobContext context,
      Staging staging,
      RunRecord plan,
      ModelBundle bundle,
      GateRule gates,
      String judged,
      long start,
      Staging.LastLook last)
      throws IOException {
    long written = 0;
    long bytes = 0;
    List<FileSummary> pairs = staging.summaries(PairsTable.NAME);
    for (FileSummary summary : pairs) {
      written += summary.rows();
      bytes += summary.bytes();
    }
    List<FileSummary> decisions = staging.summaries(GateDecisionsTable.NAME);
    Map<String, Long> rejected = FileSummary.counts(decisions, BucketSynthesis.REJECTED);
    long planned = plan.number("counts.pairs");
    checkRejected(staging.run(), planned, written, rejected, gates);
    long draws = FileSummary.counts(decisions, BucketSynthesis.DRAWS).getOrDefault("", 0L);
    double seconds = (System.nanoTime() - start) / 1e9;
    Map<String, Object> counts = new LinkedHashMap<>();
    counts.put("counts.planned", planned);
    counts.put("counts.written", written);
    rejected.forEach((gate, count) -> counts.put("counts.rejected." + gate, count));
    counts.put("counts.draws", draws);
    FileSummary.counts(decisions, BucketSynthesis.REJECTED_DRAWS)
        .forEach((gate, count) -> counts.put("counts.rejectedDraws." + gate, count));
    long splits = FileSummary.counts(decisions, BucketSynthesis.BATCH_SPLITS).getOrDefault("", 0L);
    counts.put("counts.batchSplits", splits);
    long toppedUp = FileSummary.counts(decisions, BucketSynthesis.TOPPED_UP).getOrDefault("", 0L);
    counts.put("counts.toppedUp", toppedUp);
    counts.put("counts.bytes", bytes);
    counts.put("counts.buckets", plan.number("counts.buckets"));
    counts.put("plan", plan.runId().text());
    counts.put(DrawnMasks.CONDITIONS, plan.number("counts.written"));
    counts.put(RunRecord.PATCHES_RUNS, plan.list(RunRecord.PATCHES_RUNS));
    if (plan.fields().containsKey(RunRecord.REDRAWN_CLASS)) {
      counts.put(RunRecord.REDRAWN_CLASS, plan.number(RunRecord.REDRAWN_CLASS));
    }
    counts.put("gates", judged);
    Map<String, Double> layoutErrors = LayoutErrors.of(decisions);
    layoutErrors.forEach((name, value) -> counts.put("layouts." + name, value));
    counts.put("modelDigest", bundle.digest());
    counts.put("modelName", bundle.card().name());
    Optional<ClassEmbeddings> embeddings = embeddings(bundle);
    counts.put(
        RunRecord.EMBEDDED_CLASSES, embeddings.map(ClassEmbeddings::classes).orElse(List.of()));
    counts.put(
        RunRecord.EMBEDDING_COSINES, embeddings.map(ClassEmbeddings::cosines).orElse(List.of()));
    counts.put("device", device(pairs));
    counts.put("patchSize", plan.number("patchSize"));
    counts.put("taskSeconds", FileSummary.seconds(pairs));
    counts.put("seconds", seconds);
    staging.publish(
        (int) plan.number("counts.buckets"),
        Lineage.record(staging.run(), context.scheme(), context.settings(), counts),
        List.of(),
        last);
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("run", staging.run());
    summary.put("model", bundle.card().name() + " " + bundle.digest().substring(0, 12));
    summary.put("pairs", written + " of " + planned + " planned, in " + draws + " draws");
    if (!rejected.isEmpty()) {
      summary.put("rejected", rejected);
    }
    if (toppedUp > 0) {
      summary.put("topped up", toppedUp + " pairs in the place of rejected ones");
    }
    if (splits > 0) {
      summary.put("batches split for want of memory", splits);
    }
    if (!layoutErrors.isEmpty()) {
      summary.put("layouts", layoutErrors);
    }
    summary.put("bytes", bytes);
    return new Outcome(staging.run(), summary);
  }

  /** What a CSEBGAN has learnt to tell its classes apart by; a diffusion has no such thing. */
  private static Optional<ClassEmbeddings> embeddings(ModelBundle bundle) {
    return bundle.card().architecture().equals(CsebganSynthesizer.ARCHITECTURE)
        ? Optional.of(ClassEmbeddings.of(bundle))
        : Optional.empty();
  }

  /** The kind of device that drew: cpu, gpu, or both where tasks fell back. */
  private static String device(List<FileSummary> pairs) {
    return pairs.stream()
        .map(summary -> summary.notes().getOrDefault(BucketSynthesis.DEVICE, "cpu"))
        .map(device -> device.replaceFirst(":.*", ""))
        .distinct()
        .sorted()
        .collect(Collectors.joining(" and "));
  }

  private static void checkRejected(
      RunId run, long planned, long written, Map<String, Long> rejected, GateRule gates) {
    long sum = rejected.values().stream().mapToLong(Long::longValue).sum();
    if (planned != written + sum) {
      throw new JobException(
          JobException.Kind.BUG,
          run + ": planned " + planned + " pairs, wrote " + written + ", rejected " + sum);
    }
    if (sum > gates.mostRejected(planned)) {
      throw JobException.rejected(
          String.format(
              "%d of %d planned pairs are rejected by gates %s, more than gates.maxRejected = %s;"
                  + " look at what the model draws, or use another",
              sum, planned, rejected, gates.maxRejected()));
    }
  }
}
