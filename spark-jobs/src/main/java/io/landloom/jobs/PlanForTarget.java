package io.landloom.jobs;

import io.landloom.geo.landcover.LandCoverClass;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.plan.CandidateRule;
import io.landloom.jobs.plan.ChosenBucket;
import io.landloom.jobs.plan.Decision;
import io.landloom.jobs.plan.Goal;
import io.landloom.jobs.plan.PlannedMasks;
import io.landloom.jobs.plan.RedrawnClass;
import io.landloom.jobs.plan.Shortfall;
import io.landloom.jobs.plan.Tally;
import io.landloom.jobs.plan.TargetPlanner;
import io.landloom.jobs.progress.LiveCount;
import io.landloom.jobs.progress.Progress;
import io.landloom.jobs.run.Bucket;
import io.landloom.jobs.run.DatasetRoot;
import io.landloom.jobs.run.FileSummary;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.RunId;
import io.landloom.jobs.run.RunRecord;
import io.landloom.jobs.run.Staging;
import io.landloom.jobs.synthesize.DrawnMasks;
import io.landloom.jobs.synthesize.LayoutPlanBucket;
import io.landloom.jobs.synthesize.MaskChoice;
import io.landloom.jobs.synthesize.PatchesFile;
import io.landloom.jobs.synthesize.Redraw;
import io.landloom.jobs.table.PairsTable;
import io.landloom.jobs.table.SynthesisPlanTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;

/**
 * {@code plan} with a target: chooses masks and copies so that real and synthetic together meet it.
 */
final class PlanForTarget {
  /** Redraws the class that a mask's target lacks most. */
  static final String DEFICIT = "deficit";

  private final JobContext context;
  private final DatasetRoot dataset;
  private final LandCoverScheme scheme;
  private final List<PatchesFile> files;
  private final List<PatchesFile> open;
  private final DrawnMasks drawn;
  private final MaskChoice masks;
  private final Redraw redraw;
  private final int patchSize;
  private final String target;
  private final MixBudget budget;
  private final double eps;
  private final int maxReuse;
  private final boolean standIn;

  /**
   * What is planned with.
   *
   * @param files all published files of patches
   * @param open those of them with masks left to draw for
   * @param standIn whether layouts may stand in where masks run out or miss the target
   */
  PlanForTarget(
      JobContext context,
      List<PatchesFile> files,
      List<PatchesFile> open,
      DrawnMasks drawn,
      MaskChoice masks,
      Redraw redraw,
      int patchSize,
      boolean standIn)
      throws IOException {
    this.context = context;
    this.dataset = context.dataset();
    this.scheme = context.scheme();
    this.files = files;
    this.open = open;
    this.drawn = drawn;
    this.masks = masks;
    this.redraw = redraw;
    this.patchSize = patchSize;
    this.standIn = standIn;
    Settings settings = context.settings();
    this.target = settings.text("plan.target");
    this.budget = MixBudget.of(settings);
    this.eps = settings.real("plan.eps", 0, 1);
    this.maxReuse = settings.integer("plan.maxReuse", 1, 1_000_000);
  }

  Outcome run() throws IOException {
    int most = context.bucketRows(PlanSynthesis.PAIR_PIXEL_BYTES * patchSize * patchSize);
    List<String> runs = open.stream().map(PatchesFile::run).distinct().toList();
    RunId run = runId(most);
    if (dataset.holds(run)) {
      return Outcome.alreadyPublished(run);
    }
    CandidateRule rule =
        new CandidateRule(scheme, (long) patchSize * patchSize, masks, redraw, drawn);
    int partitions =
        context.partitions(Math.min(files.size(), 2 * context.java().defaultParallelism()));
    try (TargetPlanner planner =
        new TargetPlanner(context.java(), files, rule, context.sharedHadoop(), partitions)) {
      return plan(run, runs, most, rule, planner);
    }
  }

  /** What real patches and pairs there are decides, so all of their runs do. */
  private RunId runId(int most) throws IOException {
    RunId.Builder run = context.runId("plan");
    if (standIn) {
      run.with("layouts", "auto").with("seed", context.settings().bigint("run.seed"));
    }
    return run.with(
            "patches",
            files.stream().map(PatchesFile::run).distinct().map(drawn::describe).toList())
        .with(
            "pairs",
            dataset.runs("synthesize", scheme).stream().map(RunRecord::runId).sorted().toList())
        .with("scheme", scheme.definition())
        .with("target", target)
        .with("budget", budget)
        .with("eps", eps)
        .with("maxReuse", maxReuse)
        .with("redraw", context.settings().text("plan.redraw"))
        .with("bucketRows", most)
        .with("masks", masks.text())
        .build();
  }

  private Outcome plan(
      RunId run, List<String> runs, int most, CandidateRule rule, TargetPlanner planner)
      throws IOException {
    Tally real = planner.real();
    Tally before = pairsBefore();
    Tally there = real.plus(before);
    Goal goal = Goal.parse(target, scheme, real);
    long givenUp = standIn ? givenUp() : 0;
    Optional<Long> pairs =
        budget.pairs(real.count()).map(all -> Math.max(0, all - before.count() - givenUp));
    if (pairs.isPresent() ? pairs.get() == 0 : goal.isMet(there, eps)) {
      return nothingMissing(goal, there, before, givenUp);
    }
    if (!standIn) {
      check(planner, pairs);
    }
    Shortfall.Split split = split(planner, goal, there, pairs, segment(most, pairs));
    Decision decision = split.masks();
    if (pairs.isEmpty() && decision.pairs() == 0) {
      throw JobException.user(
          String.format(
              Locale.ROOT,
              "plan.target = %s cannot be met within plan.eps = %s by any number of pairs of the %d"
                  + " masks, each at most %d times: the worst class misses %.1f points at best;"
                  + " give plan.alpha or plan.count for the nearest plan of that size",
              goal.text(),
              eps,
              planner.candidates(),
              maxReuse,
              100 * decision.least()));
    }
    RedrawnClass redrawn =
        deficit() ? RedrawnClass.deficit(scheme, goal, there.shares()) : RedrawnClass.of(redraw);
    ChosenBucket.Rule rows =
        new ChosenBucket.Rule(rule, decision.mix(), redrawn, "for the target " + goal.text());
    List<ChosenBucket> buckets = decision.buckets(segment(most, Optional.of(decision.pairs())));
    PlannedLayouts layouts = new PlannedLayouts(split.layouts(), 1, 0);
    List<LayoutPlanBucket> further = layouts.buckets(buckets.size(), most);
    Staging staging = new Staging(dataset, run, List.of(SynthesisPlanTable.NAME));
    return StagedRun.make(
        context,
        staging,
        () -> {
          TreeSet<Integer> staged = staging.open();
          write(
              staging,
              buckets.stream().filter(bucket -> !staged.contains(bucket.number())).toList(),
              rows);
          layouts.write(
              context,
              staging,
              further.stream().filter(bucket -> !staged.contains(bucket.number())).toList(),
              goal.text());
          return publish(
              staging,
              buckets.size() + further.size(),
              runs,
              planner,
              goal,
              there,
              decision,
              layouts);
        });
  }

  private Shortfall.Split split(
      TargetPlanner planner, Goal goal, Tally there, Optional<Long> pairs, long segment)
      throws IOException {
    if (!standIn) {
      Decision decision = planner.decide(goal, there, pairs, eps, maxReuse, segment);
      return Shortfall.Split.ofMasks(decision, there.plus(decision.planned()));
    }
    Shortfall shortfall =
        new Shortfall(
            goal,
            there,
            (long) patchSize * patchSize,
            eps,
            count -> planner.decide(goal, there, Optional.of(count), eps, maxReuse, segment),
            PlannedLayouts.ofReal(context, PlannedLayouts.labelled(context, files)),
            context.settings().bigint("run.seed"));
    return shortfall.of(pairs.orElseThrow(), planner.candidates() * maxReuse);
  }

  private boolean deficit() {
    return context.settings().text("plan.redraw").equals(DEFICIT);
  }

  private static long segment(int most, Optional<Long> pairs) {
    return Bucket.rows(pairs.orElse((long) most * 32), 32, most);
  }

  private void check(TargetPlanner planner, Optional<Long> pairs) {
    long most = planner.candidates() * maxReuse;
    if (most == 0) {
      throw JobException.user(
          dataset.path()
              + " holds no "
              + masks.patches()
              + " of the training split to plan with"
              + (redraw.equals(Redraw.ALL)
                  ? ""
                  : " that show " + context.settings().text("plan.redraw")));
    }
    if (pairs.isPresent() && pairs.get() > most) {
      throw JobException.user(
          String.format(
              Locale.ROOT,
              "%s is %d pairs more than there are, but %d masks, each at most plan.maxReuse = %d"
                  + " times, give %d",
              budget.text(),
              pairs.get(),
              planner.candidates(),
              maxReuse,
              most));
    }
  }

  private Outcome nothingMissing(Goal goal, Tally there, Tally before, long givenUp) {
    preview(goal, there, there);
    return new Outcome(
        null,
        Map.of(
            "pairs",
            before.count()
                + " are there"
                + (givenUp > 0
                    ? ", and gates gave up " + givenUp + ", which layouts do not replace,"
                    : "")
                + " for "
                + budget.text()
                + " and target "
                + goal.text()
                + "; nothing new to plan, nothing to do"));
  }

  /**
   * Pairs that gates gave up before; layouts in their place could be given up night after night.
   */
  private long givenUp() throws IOException {
    long sum = 0;
    for (RunRecord synthesis : dataset.runs("synthesize", scheme)) {
      sum += synthesis.number("counts.planned") - synthesis.number("counts.written");
    }
    return sum;
  }

  /** Pairs of the training split that were drawn before. */
  private Tally pairsBefore() throws IOException {
    int classes = scheme.validClasses().size();
    String[] folders =
        dataset.runs("synthesize", scheme).stream()
            .map(synthesis -> dataset.table(synthesis.runId(), PairsTable.NAME).toString())
            .toArray(String[]::new);
    if (folders.length == 0) {
      return new Tally(new long[classes], new long[classes], 0);
    }
    List<Row> sums =
        context
            .spark()
            .read()
            .parquet(folders)
            .selectExpr("posexplode(class_pixels) AS (position, pixels)")
            .groupBy("position")
            .agg(
                org.apache.spark.sql.functions.sum("pixels"),
                org.apache.spark.sql.functions.expr("count_if(pixels > 0)"),
                org.apache.spark.sql.functions.expr("count(*)"))
            .collectAsList();
    long[] pixels = new long[classes];
    long[] patches = new long[classes];
    long count = 0;
    for (Row row : sums) {
      count = row.getLong(3);
      int place = scheme.validClasses().indexOf(scheme.classes().get(row.getInt(0)));
      if (place >= 0) {
        pixels[place] = row.getLong(1);
        patches[place] = row.getLong(2);
      }
    }
    return new Tally(pixels, patches, count);
  }

  private void write(Staging staging, List<ChosenBucket> buckets, ChosenBucket.Rule rule) {
    Broadcast<SerializableConfiguration> hadoop = context.sharedHadoop();
    Broadcast<ChosenBucket.Rule> shared = context.java().broadcast(rule);
    Staging.Target files = staging.target();
    Map<String, String> lineage = Lineage.footer(staging.run(), scheme);
    try (LiveCount count = LiveCount.of(context.spark().sparkContext(), "buckets planned");
        Progress progress =
            Progress.start(context.out(), "plan", "buckets", buckets.size(), count::now)) {
      LongAccumulator done = count.accumulator();
      context
          .java()
          .parallelize(buckets, tasks(buckets))
          .foreachPartition(
              part -> {
                Configuration configuration = hadoop.value().value();
                PlannedMasks masks = new PlannedMasks(shared.value(), configuration);
                while (part.hasNext()) {
                  part.next().write(masks, files, Attempt.id(), lineage, configuration);
                  done.add(1);
                }
              });
    }
  }

  /** Few enough for a task to have all buckets of a file. */
  private int tasks(List<ChosenBucket> buckets) {
    long read = buckets.stream().map(bucket -> bucket.segments().get(0).file()).distinct().count();
    int most = (int) Math.max(read, 2L * context.java().defaultParallelism());
    return context.partitions(Math.min(buckets.size(), most));
  }

  private Outcome publish(
      Staging staging,
      int buckets,
      List<String> runs,
      TargetPlanner planner,
      Goal goal,
      Tally there,
      Decision decision,
      PlannedLayouts layouts)
      throws IOException {
    List<FileSummary> summaries = staging.summaries(SynthesisPlanTable.NAME);
    long rows = summaries.stream().mapToLong(FileSummary::rows).sum();
    long masks = rows - layouts.count();
    Tally ofMasks = decision.pairs() == 0 ? decision.planned() : planned(summaries);
    if (ofMasks.count() != decision.pairs()) {
      throw new JobException(
          JobException.Kind.BUG,
          staging.run() + ": " + ofMasks.count() + " pairs planned of " + decision.pairs());
    }
    int classes = scheme.validClasses().size();
    Tally planned = ofMasks.plus(layouts.tally(classes, (long) patchSize * patchSize));
    Tally mixed = there.plus(planned);
    Map<String, Object> counts = new LinkedHashMap<>();
    counts.put("counts.planned", rows);
    counts.put("counts.written", rows);
    if (layouts.count() > 0) {
      counts.put(PlannedLayouts.COUNT, layouts.count());
    }
    counts.put("counts.pairs", planned.count());
    counts.put("counts.buckets", buckets);
    counts.put("counts.drawnBefore", drawn.conditions());
    counts.put("counts.candidates", planner.candidates());
    counts.put("patchSize", patchSize);
    counts.put(RunRecord.PATCHES_RUNS, masks == 0 ? List.of() : runs);
    if (redraw.index() != null) {
      counts.put(RunRecord.REDRAWN_CLASS, redraw.index());
    }
    boolean met = goal.isMet(mixed, eps);
    counts.put("target.feasible", layouts.count() > 0 ? met : decision.mix().isFeasible());
    counts.put("target.met", met);
    counts.put("target.largestMiss", goal.largestMiss(mixed.shares()));
    counts.put("target.meanMiss", goal.meanMiss(mixed.shares()));
    counts.put("target.missingPatches", goal.missingPatches(mixed));
    counts.put("preview.classes", goal.classes());
    counts.put("preview.target", texts(goal.shares()));
    counts.put("preview.before", numbers(there.shares()));
    counts.put("preview.synthetic", numbers(planned.shares()));
    counts.put("preview.mixed", numbers(mixed.shares()));
    counts.put("preview.patches", longs(mixed.patches()));
    staging.publish(buckets, Lineage.record(staging.run(), scheme, context.settings(), counts));
    preview(goal, there, mixed);
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("run", staging.run());
    summary.put("masks", masks + " of " + planner.candidates());
    if (layouts.count() > 0) {
      summary.put("layouts", layouts.count() + " where masks run out or miss the target");
    }
    summary.put("pairs planned", planned.count() + " for " + budget.text());
    boolean byFractions = layouts.count() == 0 && decision.mix().isFeasible();
    summary.put("target", verdict(goal, mixed, byFractions));
    return new Outcome(staging.run(), summary);
  }

  private String verdict(Goal goal, Tally mixed, boolean byFractions) {
    String miss =
        String.format(
            Locale.ROOT,
            "the worst class misses %.2f points, the mean one %.2f",
            100 * goal.largestMiss(mixed.shares()),
            100 * goal.meanMiss(mixed.shares()));
    long missing = goal.missingPatches(mixed);
    if (missing > 0) {
      miss += ", " + missing + " patches are missing";
    }
    if (goal.isMet(mixed, eps)) {
      return goal.text() + ", met: " + miss;
    }
    return goal.text()
        + (byFractions
            ? ", met by fractions of pairs alone: "
            : ", CANNOT BE MET with these masks and this budget: ")
        + miss;
  }

  private static Tally planned(List<FileSummary> summaries) {
    Map<String, Long> pixels = FileSummary.counts(summaries, ChosenBucket.PIXELS);
    Map<String, Long> patches = FileSummary.counts(summaries, ChosenBucket.PATCHES);
    long[] pixelSums = new long[pixels.size()];
    long[] patchSums = new long[pixels.size()];
    for (int k = 0; k < pixelSums.length; k++) {
      pixelSums[k] = pixels.get(Integer.toString(k));
      patchSums[k] = patches.get(Integer.toString(k));
    }
    return new Tally(
        pixelSums, patchSums, FileSummary.counts(summaries, ChosenBucket.PAIRS).get(""));
  }

  /** What the training split holds of each class, and what it will. */
  private void preview(Goal goal, Tally there, Tally mixed) {
    double[] before = there.shares();
    double[] after = mixed.shares();
    context
        .out()
        .printf(
            Locale.ROOT,
            "%-28s %8s %8s %8s %10s%n",
            "class",
            "now %",
            "target",
            "then %",
            "patches");
    for (LandCoverClass one : scheme.validClasses()) {
      int k = scheme.validClasses().indexOf(one);
      context
          .out()
          .printf(
              Locale.ROOT,
              "%-28s %8.2f %8s %8.2f %10d%n",
              one.name(),
              100 * before[k],
              goal.wants(k) ? String.format(Locale.ROOT, "%.2f", 100 * goal.shares()[k]) : "free",
              100 * after[k],
              mixed.patches()[k]);
    }
  }

  private static List<Double> numbers(double[] values) {
    List<Double> list = new ArrayList<>();
    for (double value : values) {
      list.add(value);
    }
    return list;
  }

  private static List<Long> longs(long[] values) {
    List<Long> list = new ArrayList<>();
    for (long value : values) {
      list.add(value);
    }
    return list;
  }

  private static List<Object> texts(double[] values) {
    List<Object> list = new ArrayList<>();
    for (double value : values) {
      list.add(Double.isNaN(value) ? "free" : value);
    }
    return list;
  }
}
