package io.landloom.jobs;

import io.landloom.geo.landcover.LandCoverClass;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.progress.Progress;
import io.landloom.jobs.report.ReportContents;
import io.landloom.jobs.report.ReportContents.ClassLikeness;
import io.landloom.jobs.report.ReportContents.ClassShares;
import io.landloom.jobs.report.ReportContents.Drawn;
import io.landloom.jobs.report.ReportContents.DropCount;
import io.landloom.jobs.report.ReportContents.Fact;
import io.landloom.jobs.report.ReportContents.GalleryRow;
import io.landloom.jobs.report.ReportPage;
import io.landloom.jobs.run.DatasetRoot;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.RunId;
import io.landloom.jobs.run.RunRecord;
import io.landloom.jobs.run.Staging;
import io.landloom.jobs.run.WholeFile;
import io.landloom.jobs.synthesize.LayoutPlanBucket;
import io.landloom.jobs.table.ClassProportionsTable;
import io.landloom.jobs.table.PairsTable;
import io.landloom.jobs.table.PatchesTable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/** {@code report}: one page about the newest pairs: gallery, class shares, drops, run facts. */
final class ReportRun implements Job {
  private static final String FILE = "report.html";
  private static final Column[] KEY = {
    functions.col("scene_id"), functions.col("row"), functions.col("col")
  };

  @Override
  public Outcome run(JobContext context) throws IOException {
    DatasetRoot dataset = context.dataset();
    LandCoverScheme scheme = context.scheme();
    RunRecord synthesis = newest(dataset, "synthesize", scheme);
    RunRecord summary = newest(dataset, "summarize", scheme);
    int samples = context.settings().integer("report.samples", 1, 1000);
    RunId run =
        context
            .runId("report")
            .with("synthesis", synthesis.runId())
            .with("summary", summary.runId())
            .with("samples", samples)
            .build();
    Path file = new Path(dataset.run(run), FILE);
    if (dataset.holds(run)) {
      return Outcome.alreadyPublished(run);
    }
    AtomicLong done = new AtomicLong();
    try (Progress progress = Progress.start(context.out(), "report", "pages", 1, done::get)) {
      ReportContents contents =
          new ReportContents(
              "Landloom report: " + scheme.name(),
              facts(dataset, synthesis, summary),
              gallery(context, dataset, synthesis, scheme, samples),
              shares(context, dataset, summary, scheme),
              likeness(synthesis),
              drops(dataset, synthesis, scheme),
              ReportFacts.gates(context, dataset, synthesis),
              ReportFacts.map(context, dataset, scheme));
      Staging staging = new Staging(dataset, run, List.of());
      StagedRun.make(
          context, staging, () -> publish(context, staging, ReportPage.render(contents)));
      done.set(1);
    }
    Map<String, Object> lines = new LinkedHashMap<>();
    lines.put("run", run);
    lines.put("report", file);
    return new Outcome(run, lines);
  }

  private static List<ClassLikeness> likeness(RunRecord synthesis) {
    List<?> classes = synthesis.list(RunRecord.EMBEDDED_CLASSES);
    List<?> cosines = synthesis.list(RunRecord.EMBEDDING_COSINES);
    List<ClassLikeness> likeness = new ArrayList<>();
    for (int i = 0; i < classes.size(); i++) {
      List<Double> row =
          ((List<?>) cosines.get(i)).stream().map(value -> ((Number) value).doubleValue()).toList();
      likeness.add(new ClassLikeness((String) classes.get(i), row));
    }
    return likeness;
  }

  private static RunRecord newest(DatasetRoot dataset, String job, LandCoverScheme scheme)
      throws IOException {
    List<RunRecord> runs = dataset.runs(job, scheme);
    if (runs.isEmpty()) {
      throw JobException.user(
          dataset.path()
              + " holds no "
              + job
              + " run of scheme "
              + scheme.name()
              + "; run "
              + job
              + " first");
    }
    return runs.get(runs.size() - 1);
  }

  private static Outcome publish(JobContext context, Staging staging, String html)
      throws IOException {
    RunId run = staging.run();
    staging.open();
    WholeFile.write(
        new Path(staging.folder(), FILE),
        context.hadoop(),
        file -> Files.writeString(file, html, StandardCharsets.UTF_8));
    Map<String, Object> counts = new LinkedHashMap<>();
    counts.put("counts.planned", 1);
    counts.put("counts.written", 1);
    counts.put("counts.buckets", 0);
    staging.publish(0, Lineage.record(run, context.scheme(), context.settings(), counts));
    return new Outcome(run, Map.of());
  }

  private static List<Fact> facts(DatasetRoot dataset, RunRecord synthesis, RunRecord summary)
      throws IOException {
    List<Fact> facts = new ArrayList<>();
    facts.add(new Fact("dataset", dataset.path().toString()));
    for (RunRecord tiling : dataset.runs("tile")) {
      facts.add(
          new Fact(
              "tile run",
              tiling.runId()
                  + ": "
                  + tiling.text("counts.scenes")
                  + " scenes, "
                  + tiling.text("counts.written")
                  + " of "
                  + tiling.text("counts.planned")
                  + " patches kept"));
    }
    facts.add(new Fact("plan", synthesis.text("plan")));
    facts.add(
        new Fact(
            "synthesize run",
            synthesis.runId()
                + ": "
                + synthesis.text("counts.written")
                + " of "
                + synthesis.text("counts.planned")
                + " pairs"));
    facts.add(new Fact("summarize run", summary.runId().text()));
    facts.add(new Fact("model", synthesis.text("modelName")));
    facts.add(new Fact("model digest", synthesis.text("modelDigest")));
    facts.add(new Fact("seed", synthesis.text("config.run.seed")));
    facts.add(new Fact("finished", synthesis.finished()));
    facts.add(
        new Fact(
            "versions",
            "Landloom "
                + synthesis.text("versions.landloom")
                + ", Spark "
                + synthesis.text("versions.spark")
                + ", Java "
                + synthesis.text("versions.java")));
    return facts;
  }

  /** For each class the pair that shows most of it, the rest in the order of their keys. */
  private static List<GalleryRow> gallery(
      JobContext context,
      DatasetRoot dataset,
      RunRecord synthesis,
      LandCoverScheme scheme,
      int samples) {
    Dataset<Row> pairs =
        context
            .spark()
            .read()
            .parquet(dataset.table(synthesis.runId(), PairsTable.NAME).toString())
            // a drawn layout has no patch to be shown beside
            .where(functions.col("scene_id").notEqual(LayoutPlanBucket.SCENE));
    if (pairs.isEmpty()) {
      return List.of();
    }
    Map<String, String> chosen = choose(pairs, scheme, samples);
    Map<String, List<Row>> drawn = new TreeMap<>();
    pairs
        .where(
            functions
                .col("condition")
                .isin(chosen.keySet().toArray())
                .and(functions.col("copy").lt(2)))
        .orderBy("condition", "copy")
        .select(
            Preview.columns(
                "condition",
                "patches_run",
                "scene_id",
                "row",
                "col",
                "image",
                "draw",
                "redrawn_class"))
        .collectAsList()
        .forEach(
            row ->
                drawn.computeIfAbsent(row.getAs("condition"), key -> new ArrayList<>()).add(row));
    Map<String, Row> patches = patches(context, dataset, drawn);
    List<GalleryRow> gallery = new ArrayList<>();
    for (String condition : chosen.keySet()) {
      Row patch = patches.get(condition);
      List<Drawn> synthetic = new ArrayList<>();
      for (Row pair : drawn.get(condition)) {
        synthetic.add(new Drawn(Preview.image(pair), note(pair, scheme)));
      }
      gallery.add(
          new GalleryRow(
              condition,
              chosen.get(condition),
              Preview.image(patch),
              Preview.mask(patch, scheme),
              synthetic.subList(0, Math.min(2, synthetic.size()))));
    }
    return gallery;
  }

  /** How often gates had it drawn, and which class alone is drawn anew. */
  private static String note(Row pair, LandCoverScheme scheme) {
    List<String> notes = new ArrayList<>();
    int draws = pair.<Integer>getAs("draw") + 1;
    if (draws > 1) {
      notes.add("drawn " + draws + " times");
    }
    Integer redrawn = pair.getAs("redrawn_class");
    if (redrawn != null) {
      notes.add(scheme.classes().get(scheme.position(redrawn)).name() + " redrawn");
    }
    return String.join(", ", notes);
  }

  /** Conditions to show, each with the names of the classes that it is shown for. */
  private static Map<String, String> choose(
      Dataset<Row> pairs, LandCoverScheme scheme, int samples) {
    int unknown = scheme.position(scheme.unknownIndex());
    Column[] best = new Column[scheme.size()];
    for (int position = 0; position < best.length; position++) {
      Column pixels = functions.col("class_pixels").getItem(position);
      Column ranked = functions.struct(pixels, functions.col("condition"));
      best[position] = functions.max(ranked).as("best" + position);
    }
    Row row = pairs.where("copy = 0").agg(best[0], tail(best)).head();
    Map<String, String> chosen = new LinkedHashMap<>();
    for (int position = 0; position < best.length && chosen.size() < samples; position++) {
      Row ranked = row.getStruct(position);
      if (position != unknown && ranked.getLong(0) > 0) {
        chosen.merge(
            ranked.getString(1),
            scheme.classes().get(position).name(),
            (one, other) -> one + ", " + other);
      }
    }
    for (Row more :
        pairs.select("condition").distinct().orderBy("condition").limit(samples).collectAsList()) {
      if (chosen.size() < samples) {
        chosen.putIfAbsent(more.getString(0), "");
      }
    }
    return chosen;
  }

  private static Column[] tail(Column[] columns) {
    return java.util.Arrays.copyOfRange(columns, 1, columns.length);
  }

  /** The patches behind some pairs, by condition. */
  private static Map<String, Row> patches(
      JobContext context, DatasetRoot dataset, Map<String, List<Row>> drawn) {
    String[] folders =
        drawn.values().stream()
            .map(rows -> new RunId(rows.get(0).getAs("patches_run")))
            .distinct()
            .map(run -> dataset.table(run, PatchesTable.NAME).toString())
            .toArray(String[]::new);
    Map<String, Row> patches = new HashMap<>();
    context
        .spark()
        .read()
        .parquet(folders)
        .where(
            drawn.values().stream()
                .map(rows -> isPatchOf(rows.get(0)))
                .reduce(Column::or)
                .orElseThrow())
        .withColumn("condition", functions.concat_ws("/", KEY))
        .select(Preview.columns("condition", "image", "mask", "mask_format"))
        .collectAsList()
        .forEach(row -> patches.put(row.getAs("condition"), row));
    return patches;
  }

  /** Comparisons of columns, which Parquet's statistics can answer without reading images. */
  private static Column isPatchOf(Row pair) {
    return KEY[0]
        .equalTo(pair.getAs("scene_id"))
        .and(KEY[1].equalTo(pair.getAs("row")))
        .and(KEY[2].equalTo(pair.getAs("col")));
  }

  private static List<ClassShares> shares(
      JobContext context, DatasetRoot dataset, RunRecord summary, LandCoverScheme scheme) {
    Map<String, OptionalDouble> shares = new HashMap<>();
    context
        .spark()
        .read()
        .parquet(dataset.table(summary.runId(), ClassProportionsTable.NAME).toString())
        .where("split = 'train' AND scene_id IS NULL AND proportion IS NOT NULL")
        .select("scope", "class_index", "proportion")
        .collectAsList()
        .forEach(
            row ->
                shares.put(row.getString(0) + row.getInt(1), OptionalDouble.of(row.getDouble(2))));
    List<ClassShares> all = new ArrayList<>();
    for (LandCoverClass c : scheme.classes()) {
      all.add(
          new ClassShares(
              c.name(),
              c.rgb(),
              shares.getOrDefault("real" + c.index(), OptionalDouble.empty()),
              shares.getOrDefault("synthetic" + c.index(), OptionalDouble.empty()),
              shares.getOrDefault("mixed" + c.index(), OptionalDouble.empty())));
    }
    return all;
  }

  private static void addCounts(
      RunRecord run, String prefix, String named, Map<String, Long> counts) {
    run.fields().keySet().stream()
        .filter(key -> key.startsWith(prefix))
        .forEach(
            key ->
                counts.merge(named + key.substring(prefix.length()), run.number(key), Long::sum));
  }

  private static List<DropCount> drops(
      DatasetRoot dataset, RunRecord synthesis, LandCoverScheme scheme) throws IOException {
    Map<String, Long> drops = new TreeMap<>();
    for (RunRecord tiling : dataset.runs("tile", scheme)) {
      addCounts(tiling, "counts.rejected.", "patches: ", drops);
    }
    addCounts(synthesis, "counts.rejected.", "pairs: gate ", drops);
    addCounts(synthesis, "counts.rejectedDraws.", "draws: gate ", drops);
    return drops.entrySet().stream()
        .map(drop -> new DropCount(drop.getKey(), drop.getValue()))
        .toList();
  }
}
