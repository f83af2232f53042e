package io.landloom.jobs;

import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.progress.LiveCount;
import io.landloom.jobs.progress.Progress;
import io.landloom.jobs.run.DatasetRoot;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.RunId;
import io.landloom.jobs.run.RunRecord;
import io.landloom.jobs.table.ClassDriftTable;
import io.landloom.jobs.table.ClassProportionsTable;
import io.landloom.jobs.table.FeaturesTable;
import io.landloom.jobs.table.GateDecisionsTable;
import io.landloom.jobs.table.PairsTable;
import io.landloom.jobs.table.PatchClassesTable;
import io.landloom.jobs.table.PatchesTable;
import io.landloom.jobs.table.RunProportionsTable;
import io.landloom.jobs.table.SynthesisPlanTable;
import io.landloom.jobs.verify.PageCheck;
import io.landloom.jobs.verify.RowCheck;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileStatus;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;

/**
 * {@code verify}: opens published runs, checks pages and keys, decodes every image, recounts the
 * classes.
 */
final class VerifyRun implements Job {
  private static final int EXAMPLES = 5;

  private static final Map<String, List<String>> KEYS =
      Map.of(
          PatchesTable.NAME, List.of("scene_id", "row", "col"),
          PatchClassesTable.NAME, List.of("scene_id", "row", "col", "class_index"),
          SynthesisPlanTable.NAME, List.of("condition", "redrawn_class"),
          PairsTable.NAME, List.of("condition", "copy"),
          FeaturesTable.NAME, List.of("scene_id", "row", "col", "timestep", "block"),
          GateDecisionsTable.NAME, List.of("condition", "copy", "draw", "gate", "measure"),
          ClassProportionsTable.NAME, List.of("scope", "split", "scene_id", "class_index"),
          RunProportionsTable.NAME, List.of("scope", "split", "source_run", "class_index"),
          ClassDriftTable.NAME,
              List.of("split", "from_scope", "from_run", "to_scope", "to_run", "class_index"));

  private final Map<String, Long> problems = new TreeMap<>();
  private final List<String> examples = new ArrayList<>();
  // what their rows say means nothing, and reading them may fail
  private final Set<String> damagedTables = new HashSet<>();

  @Override
  public Outcome run(JobContext context) throws IOException {
    DatasetRoot dataset = context.dataset();
    List<RunRecord> runs = runs(context, dataset);
    Map<String, Object> summary = new LinkedHashMap<>();
    for (RunRecord run : runs) {
      summary.put(run.runId().text(), verify(context, dataset, run));
    }
    checkKeysOverRuns(context, dataset, runs, PatchesTable.NAME);
    checkKeysOverRuns(context, dataset, runs, PairsTable.NAME);
    if (!problems.isEmpty()) {
      throw JobException.rejected("verify found " + problems + ": " + String.join("; ", examples));
    }
    return new Outcome(null, summary);
  }

  private static List<RunRecord> runs(JobContext context, DatasetRoot dataset) throws IOException {
    String wanted = context.settings().text("verify.run");
    List<RunRecord> runs = dataset.runs();
    if (!wanted.equals("all")) {
      RunId id = runId(wanted);
      runs = runs.stream().filter(run -> run.runId().equals(id)).toList();
    }
    if (runs.isEmpty()) {
      throw JobException.user(
          dataset.path() + " holds no published run" + (wanted.equals("all") ? "" : " " + wanted));
    }
    return runs;
  }

  private static RunId runId(String text) {
    try {
      return new RunId(text);
    } catch (IllegalArgumentException e) {
      throw new JobException(JobException.Kind.USER, "verify.run: " + e.getMessage(), e);
    }
  }

  private String verify(JobContext context, DatasetRoot dataset, RunRecord run) throws IOException {
    Map<String, Long> rows = new TreeMap<>();
    boolean damaged = false;
    for (String table : KEYS.keySet()) {
      List<FileStatus> files = dataset.files(run.runId(), table);
      if (files.isEmpty()) {
        continue;
      }
      if (files.size() != run.number("counts.buckets")) {
        problem(
            "missing-file",
            run.runId()
                + ": "
                + files.size()
                + " files of "
                + table
                + ", run.json says "
                + run.text("counts.buckets"));
      }
      String folder = dataset.table(run.runId(), table).toString();
      if (!checkPages(context, run.runId() + "/" + table, files)) {
        damagedTables.add(folder);
        damaged = true;
        continue;
      }
      Dataset<Row> frame = context.spark().read().parquet(folder);
      rows.put(table, frame.count());
      checkKeys(run.runId().text(), table, frame);
      if (table.equals(PatchesTable.NAME) || table.equals(PairsTable.NAME)) {
        checkRows(context, run, table, frame, rows.get(table));
      }
      if (table.equals(ClassProportionsTable.NAME)) {
        checkSums(run.runId(), frame, "scene_id");
      }
      if (table.equals(RunProportionsTable.NAME)) {
        checkSums(run.runId(), frame, "source_run");
      }
    }
    if (damaged) {
      return "damaged";
    }
    checkCounts(run, rows);
    if (rows.containsKey(PatchesTable.NAME) && rows.getOrDefault(PatchClassesTable.NAME, 0L) > 0) {
      checkClasses(context, dataset, run);
    }
    if (rows.getOrDefault(GateDecisionsTable.NAME, 0L) > 0) {
      checkDecisions(context, dataset, run.runId());
    }
    return rows.isEmpty() ? "no tables" : "rows " + rows;
  }

  /** A key is in one run only, so that reading the whole dataset counts nothing twice. */
  private void checkKeysOverRuns(
      JobContext context, DatasetRoot dataset, List<RunRecord> runs, String table)
      throws IOException {
    List<String> folders = new ArrayList<>();
    for (RunRecord run : runs) {
      String folder = dataset.table(run.runId(), table).toString();
      if (!dataset.files(run.runId(), table).isEmpty() && !damagedTables.contains(folder)) {
        folders.add(folder);
      }
    }
    if (folders.size() > 1) {
      checkKeys("all runs", table, context.spark().read().parquet(folders.toArray(String[]::new)));
    }
  }

  /** Whether all pages of a table are as they were written. */
  private boolean checkPages(JobContext context, String name, List<FileStatus> files) {
    JavaSparkContext java = context.java();
    Broadcast<SerializableConfiguration> hadoop = context.sharedHadoop();
    List<String> paths = files.stream().map(file -> file.getPath().toString()).toList();
    try (LiveCount count = LiveCount.of(context.spark().sparkContext(), "files verified " + name);
        Progress progress =
            Progress.start(context.out(), "verify " + name, "files", paths.size(), count::now)) {
      LongAccumulator done = count.accumulator();
      List<String> found =
          java.parallelize(paths, context.partitions(paths.size()))
              .map(
                  path -> {
                    String problem = PageCheck.problem(path, hadoop.value().value()).orElse(null);
                    done.add(1);
                    return problem;
                  })
              .filter(problem -> problem != null)
              .collect();
      for (String problem : found) {
        progress.count(PageCheck.REASON, 1);
        problem(PageCheck.REASON, problem);
      }
      return found.isEmpty();
    }
  }

  private void checkKeys(String run, String table, Dataset<Row> frame) {
    Column[] key = KEYS.get(table).stream().map(functions::col).toArray(Column[]::new);
    for (Row row : frame.groupBy(key).count().where("count > 1").limit(EXAMPLES).collectAsList()) {
      problem("duplicate-key", run + "/" + table + " " + row);
    }
  }

  private void checkRows(
      JobContext context, RunRecord run, String table, Dataset<Row> frame, long rows) {
    LandCoverScheme scheme = scheme(context, run);
    String name = run.runId() + "/" + table;
    try (LiveCount count = LiveCount.of(context.spark().sparkContext(), "rows verified " + name);
        Progress progress =
            Progress.start(context.out(), "verify " + name, "rows", rows, count::now)) {
      LongAccumulator done = count.accumulator();
      List<RowCheck.Finding> findings =
          frame
              .select(RowCheck.COLUMNS.stream().map(functions::col).toArray(Column[]::new))
              .javaRDD()
              .mapPartitions((Iterator<Row> part) -> RowCheck.all(scheme, part, done::add))
              .collect();
      for (RowCheck.Finding finding : findings) {
        progress.count(finding.reason(), finding.count());
        problem(finding.reason(), finding.count(), name + " " + finding.example());
      }
    }
  }

  /** The scheme a run was made with: the configured one, or one that ships. */
  private static LandCoverScheme scheme(JobContext context, RunRecord run) {
    LandCoverScheme scheme = context.scheme();
    String name = run.text(RunRecord.SCHEME);
    if (!name.equals(scheme.name()) && LandCoverScheme.shipped().contains(name)) {
      scheme = LandCoverScheme.named(name);
    }
    if (!RunRecord.digest(scheme).equals(run.text(RunRecord.SCHEME_DIGEST))) {
      throw JobException.user(
          run.runId()
              + " was made with scheme "
              + name
              + " as it was then; give --set scheme="
              + name
              + " or the file that defined it");
    }
    return scheme;
  }

  private void checkSums(RunId run, Dataset<Row> frame, String part) {
    List<Row> wrong =
        frame
            .where("proportion IS NOT NULL")
            .groupBy("scope", "split", part)
            .agg(functions.sum("proportion").as("total"))
            .where("abs(total - 1) > 1e-9")
            .limit(EXAMPLES)
            .collectAsList();
    wrong.forEach(row -> problem("proportions-not-one", run + " " + row));
  }

  private void checkCounts(RunRecord run, Map<String, Long> rows) {
    String main =
        switch (run.runId().job()) {
          case "tile" -> PatchesTable.NAME;
          case "plan" -> SynthesisPlanTable.NAME;
          case "synthesize" -> PairsTable.NAME;
          case "summarize" -> ClassProportionsTable.NAME;
          case "features" -> FeaturesTable.NAME;
          default -> null;
        };
    if (main == null) {
      return;
    }
    long written = run.number("counts.written");
    long rejected =
        run.fields().keySet().stream()
            .filter(key -> key.startsWith("counts.rejected."))
            .mapToLong(run::number)
            .sum();
    if (rows.getOrDefault(main, 0L) != written) {
      problem(
          "row-count",
          run.runId() + ": " + rows.get(main) + " rows of " + main + ", run.json says " + written);
    }
    if (run.number("counts.planned") != written + rejected) {
      problem(
          "accounting",
          run.runId()
              + ": planned "
              + run.text("counts.planned")
              + ", written "
              + written
              + ", rejected "
              + rejected);
    }
  }

  /** The class table of kept patches must say what the patches say. */
  private void checkClasses(JobContext context, DatasetRoot dataset, RunRecord record) {
    RunId run = record.runId();
    Dataset<Row> classes =
        context
            .spark()
            .read()
            .parquet(dataset.table(run, PatchClassesTable.NAME).toString())
            .where("kept")
            .groupBy("class_index")
            .agg(functions.sum("pixels").as("listed"));
    LandCoverScheme scheme = scheme(context, record);
    Map<Integer, Long> listed = new TreeMap<>();
    classes.collectAsList().forEach(row -> listed.put(row.getInt(0), row.getLong(1)));
    List<Row> counted =
        context
            .spark()
            .read()
            .parquet(dataset.table(run, PatchesTable.NAME).toString())
            .selectExpr("posexplode(class_pixels) AS (position, pixels)")
            .groupBy("position")
            .agg(functions.sum("pixels"))
            .collectAsList();
    for (Row row : counted) {
      int index = scheme.classes().get(row.getInt(0)).index();
      if (listed.getOrDefault(index, 0L) != row.getLong(1)) {
        problem(
            "class-table",
            run
                + ": class "
                + index
                + " has "
                + row.getLong(1)
                + " pixels in patches, "
                + listed.get(index)
                + " in patch_classes");
      }
    }
  }

  /** A pair is the last draw that its gates decided on, and the only one they accepted. */
  private void checkDecisions(JobContext context, DatasetRoot dataset, RunId run)
      throws IOException {
    Dataset<Row> accepted =
        context
            .spark()
            .read()
            .parquet(dataset.table(run, GateDecisionsTable.NAME).toString())
            .groupBy("condition", "copy", "draw")
            .agg(functions.min("accepted").as("accepted"))
            .where("accepted")
            .select("condition", "copy", "draw");
    Dataset<Row> pairs =
        context
            .spark()
            .read()
            .parquet(dataset.table(run, PairsTable.NAME).toString())
            .select("condition", "copy", "draw");
    problems(pairs.except(accepted), "pair-not-accepted", run);
    problems(accepted.except(pairs), "accepted-draw-without-pair", run);
  }

  private void problems(Dataset<Row> rows, String reason, RunId run) {
    rows.limit(EXAMPLES).collectAsList().forEach(row -> problem(reason, run + " " + row));
  }

  private void problem(String reason, String example) {
    problem(reason, 1, example);
  }

  private void problem(String reason, long times, String example) {
    problems.merge(reason, times, Long::sum);
    if (examples.size() < EXAMPLES) {
      examples.add(reason + " " + example);
    }
  }
}
