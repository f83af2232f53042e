package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.plan.PlannerProbe;
import io.landloom.jobs.run.DatasetRoot;
import io.landloom.jobs.synthesize.PatchesFile;
import io.landloom.jobs.synthesize.StandIn;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Plans for a target, drawn by a stand-in for a model, counted in what is published. */
class PlanForTargetTest extends SparkTest {
  private static final String TARGET = "river=0.055, pond=0.16";

  private static String root;
  private static String model;

  @BeforeAll
  static void tileAndTrain() throws IOException {
    root = shared.resolve("dataset").toString();
    succeed(
        "simulate",
        "output.root=" + root,
        "simulate.scenes=3",
        "simulate.width=480",
        "simulate.height=320",
        "simulate.block=64");
    tile(root, "scene-0000", "scene-0001");
    succeed("train", TinyNetworks.with("output.root=" + root, "csebgan.steps=1"));
    model = only(root, "train").resolve("bundle").toString();
  }

  /** Tiles some of the simulated scenes into a dataset, in small files. */
  private static void tile(String output, String... scenes) throws IOException {
    Path input = shared.resolve("input-" + scenes.length);
    for (String scene : scenes) {
      for (String part : List.of("images", "labels")) {
        Path to = input.resolve(part + "/" + scene + ".tif");
        Files.createDirectories(to.getParent());
        Files.copy(Path.of(root, part, scene + ".tif"), to);
      }
    }
    succeed(
        "tile",
        "output.root=" + output,
        "input.scenes=" + input.resolve("images"),
        "input.labels=" + input.resolve("labels"),
        "splits.block=1",
        "output.bucketRows=40",
        "patch.size=32");
  }

  private static Path only(String output, String job) throws IOException {
    List<Path> runs = runs(output, job);
    assertEquals(1, runs.size(), runs.toString());
    return runs.get(0);
  }

  private static List<Path> runs(String output, String job) throws IOException {
    try (Stream<Path> files = Files.list(Path.of(output))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("run_id=" + job + "-"))
          .toList();
    }
  }

  private static Config record(Path run) {
    return ConfigFactory.parseFile(run.resolve("run.json").toFile());
  }

  private static String copy(String name) throws IOException {
    return copyRuns(Path.of(root), shared.resolve(name), "tile");
  }

  private static String plan(String output, String... more) {
    return succeed(
        "plan",
        Stream.concat(Stream.of("output.root=" + output), Stream.of(more)).toArray(String[]::new));
  }

  private static Config synthesize(String output, StandIn standIn, String... more)
      throws IOException {
    List<String> keys = new ArrayList<>(List.of("output.root=" + output, "model=" + model));
    keys.addAll(List.of("synthesize.batch=4", "gates.redraws=1"));
    keys.addAll(List.of(more));
    PrintStream silent = new PrintStream(OutputStream.nullOutputStream());
    Outcome made =
        new SynthesizePairs(standIn)
            .run(new JobContext(spark, Settings.of(List.of(), keys), silent));
    return record(Path.of(output, "run_id=" + made.run().text()));
  }

  /** Shares of the mixed training split by class, as summarize publishes them. */
  private static List<Double> mixed(String output) {
    succeed("summarize", "output.root=" + output);
    return spark
        .read()
        .parquet(output + "/run_id=summarize-*/class_proportions")
        .where("scope = 'mixed' AND split = 'train' AND scene_id IS NULL")
        .where("proportion IS NOT NULL")
        .orderBy("class_index")
        .selectExpr("proportion")
        .collectAsList()
        .stream()
        .map(row -> row.getDouble(0))
        .toList();
  }

  private static void assertPromise(Config plan, List<Double> shares, double tolerance) {
    List<Double> promised = plan.getDoubleList("preview.mixed");
    assertEquals(promised.size(), shares.size());
    for (int k = 0; k < shares.size(); k++) {
      assertEquals(
          promised.get(k), shares.get(k), tolerance, plan.getStringList("preview.classes").get(k));
    }
  }

  private static Dataset<Row> rows(String output, String table) {
    return spark.read().parquet(output + "/run_id=*/" + table);
  }

  private static long trainMasks(String output) {
    return rows(output, "patches").where("split = 'train' AND mask_source IS NOT NULL").count();
  }

  @Test
  void whatIsDrawnIsWhatThePreviewSaid() throws IOException {
    String output = copy("promise");
    String said = plan(output, "plan.target=" + TARGET, "plan.alpha=0.5", "plan.maxReuse=3");
    Config plan = record(only(output, "plan"));
    assertTrue(plan.getBoolean("target.met"), said);
    assertTrue(said.contains("target: " + TARGET + ", met: the worst class misses"), said);
    long pairs = Math.round(0.5 * trainMasks(output));
    assertEquals(pairs, plan.getLong("counts.pairs"));
    Row used =
        rows(output, "synthesis_plan")
            .as("planned")
            .join(
                rows(output, "patches").as("patches"),
                org.apache.spark.sql.functions.expr(
                    "planned.scene_id = patches.scene_id AND planned.row = patches.row"
                        + " AND planned.col = patches.col"))
            .selectExpr(
                "count(*)",
                "count_if(patches.split = 'train')",
                "max(planned.copies)",
                "min(planned.copies)",
                "sum(planned.copies)",
                "min(planned.copies + planned.spares)",
                "max(planned.copies + planned.spares)")
            .first();
    assertEquals(rows(output, "synthesis_plan").count(), used.getLong(0));
    assertEquals(used.getLong(0), used.getLong(1), "only masks of the training split");
    assertTrue(used.getInt(2) <= 3 && used.getInt(3) >= 1, used.toString());
    assertEquals(pairs, used.getLong(4));
    assertEquals("3 3", used.getInt(5) + " " + used.getInt(6));
    Config made = synthesize(output, new StandIn(0, 0));
    assertEquals(pairs, made.getLong("counts.written"));
    assertEquals(0, made.getLong("counts.toppedUp"));
    assertPromise(plan, mixed(output), 1e-12);
    succeed("verify", "output.root=" + output);
  }

  @Test
  void pairsThatGatesGiveUpAreMadeGood() throws IOException {
    String output = copy("topped-up");
    plan(output, "plan.target=" + TARGET, "plan.alpha=1", "plan.maxReuse=6");
    Config plan = record(only(output, "plan"));
    Config made = synthesize(output, new StandIn(0.1, 0.03));
    long planned = made.getLong("counts.planned");
    long rejected =
        made.hasPath("counts.rejected.injected") ? made.getLong("counts.rejected.injected") : 0;
    assertEquals(plan.getLong("counts.pairs"), planned);
    assertEquals(planned, made.getLong("counts.written") + rejected);
    assertTrue(made.getLong("counts.toppedUp") > planned / 20);
    assertTrue(rejected <= planned / 50, rejected + " of " + planned);
    assertPromise(plan, mixed(output), 0.005);
    assertEquals(
        0,
        rows(output, "pairs").groupBy("condition").count().where("count > 6").count(),
        "no mask is used more often than the cap says");
    succeed("verify", "output.root=" + output);
    // the same again in another cut of the work,
    String other = copyRuns(Path.of(output), shared.resolve("other-cut"), "tile", "plan");
    synthesize(other, new StandIn(0.1, 0.03), "run.partitions=1");
    String[] key = {"condition", "copy", "draw", "sha2(image.bytes, 256)"};
    assertEquals(
        rows(output, "pairs").selectExpr(key).orderBy("condition", "copy").collectAsList(),
        rows(other, "pairs").selectExpr(key).orderBy("condition", "copy").collectAsList());
  }

  @Test
  void masksThatWereNotChosenAreDecidedOnAndANightAddsWhatIsMissing() throws IOException {
    String output = copy("nightly");
    String[] target = {"plan.target=uniform", "plan.alpha=0.4", "plan.redraw=deficit"};
    String said = plan(output, target);
    assertTrue(said.contains("CANNOT BE MET with these masks and this budget"), said);
    long before = Math.round(0.4 * trainMasks(output));
    Config first = record(only(output, "plan"));
    assertEquals(false, first.getBoolean("target.feasible"));
    assertTrue(rows(output, "synthesis_plan").where("redrawn_class IS NOT NULL").count() > 0);
    synthesize(output, new StandIn(0, 0));
    assertEquals(before, rows(output, "pairs").count());
    assertTrue(plan(output, target).contains("are drawn for already; nothing new to plan"));
    tile(output, "scene-0000", "scene-0001", "scene-0002");
    plan(output, target);
    Config second =
        runs(output, "plan").stream()
            .map(PlanForTargetTest::record)
            .filter(run -> !run.getString("run_id").equals(first.getString("run_id")))
            .findFirst()
            .orElseThrow();
    long all = Math.round(0.4 * trainMasks(output));
    assertEquals(all - before, second.getLong("counts.pairs"));
    synthesize(output, new StandIn(0, 0));
    assertEquals(all, rows(output, "pairs").count());
    assertPromise(second, mixed(output), 1e-12);
    succeed("verify", "output.root=" + output);
  }

  @Test
  void executorsDecideAsTheDriverDoes() throws IOException {
    String output = copy("spark");
    List<PatchesFile> tilings =
        PatchesFile.published(
            new DatasetRoot(output, spark.sparkContext().hadoopConfiguration()),
            LandCoverScheme.named("gid15"));
    assertTrue(tilings.size() > 3, tilings.toString());
    assertEquals(
        PlannerProbe.copies(spark, tilings, TARGET, Long.MAX_VALUE),
        PlannerProbe.copies(spark, tilings, TARGET, 0));
  }

  @Test
  void theFewestPairsAndMinimumsAndRefusals() throws IOException {
    String output = copy("fewest");
    plan(output, "plan.target=river=0.12", "plan.eps=0.005");
    Config fewest = record(only(output, "plan"));
    assertTrue(fewest.getBoolean("target.met"));
    assertTrue(fewest.getDouble("target.largestMiss") <= 0.005);
    long pairs = fewest.getLong("counts.pairs");
    Ended less =
        landloom(
            "plan",
            "output.root=" + output,
            "plan.target=river=0.12",
            "plan.eps=0.005",
            "plan.count=" + (pairs - Math.max(2, pairs / 50)));
    assertEquals(0, less.code(), less.err());
    assertTrue(less.out().contains("CANNOT BE MET"), less.out());
    Ended most =
        landloom("plan", "output.root=" + output, "plan.target=pond>=100000", "plan.count=50");
    assertEquals(0, most.code(), most.err());
    assertTrue(most.out().contains("patches are missing"), most.out());
    assertRefused(
        output,
        "plan.target = river=0.99 cannot be met within plan.eps = 0.01 by any number of pairs",
        "plan.target=river=0.99");
    assertRefused(
        output,
        "masks, each at most plan.maxReuse = 8 times, give ",
        "plan.target=real",
        "plan.count=100000");
    assertRefused(output, "plan.alpha needs plan.target; give plan.target=real", "plan.alpha=0.4");
    assertRefused(output, "plan.redraw = deficit needs plan.target", "plan.redraw=deficit");
    assertRefused(
        output,
        "plan.alpha and plan.count are both set; give one of them",
        "plan.target=real",
        "plan.count=3",
        "plan.alpha=1");
    assertRefused(
        output,
        "plan.alpha = 1.0: as a share of the mixed set it must be under 1",
        "plan.target=real",
        "plan.alpha=1",
        "mix.mode=share");
  }

  private static void assertRefused(String output, String why, String... keys) {
    Ended ended =
        landloom(
            "plan",
            Stream.concat(Stream.of("output.root=" + output), Stream.of(keys))
                .toArray(String[]::new));
    assertEquals(2, ended.code(), ended.toString());
    assertTrue(ended.err().contains(why), ended.err());
  }

  @Test
  void alphaOfTheMixedSetIsAnotherNumberOfPairs() throws IOException {
    String output = copy("share");
    plan(output, "plan.target=real", "plan.alpha=0.25", "mix.mode=share");
    // a quarter of all is a third of the real ones
    assertEquals(
        Math.round(trainMasks(output) / 3.0), record(only(output, "plan")).getLong("counts.pairs"));
  }
}
