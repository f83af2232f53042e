package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.sql.Encoders;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** A dataset that grows by night: scenes come, nothing comes, a scene changes. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class NightlyTest extends SparkTest {
  private static final int PATCHES_A_SCENE = 5 * 4;

  private static Path source;
  private static Path input;
  private static String root;
  private static Path bundle;

  @BeforeAll
  static void simulateAndTrain() throws IOException {
    source = shared.resolve("source");
    succeed(
        "simulate",
        "output.root=" + source,
        "simulate.scenes=4",
        "simulate.width=160",
        "simulate.height=128",
        "simulate.block=64");
    input = shared.resolve("input");
    root = shared.resolve("dataset").toString();
    arrive("scene-0000", "scene-0000");
    arrive("scene-0001", "scene-0001");
    tile();
    succeed("train", TinyNetworks.with("output.root=" + root, "csebgan.steps=1"));
    bundle = runs("train").get(0).resolve("bundle");
  }

  /** Puts a simulated scene into the input folder, under a name. */
  private static void arrive(String name, String simulated) throws IOException {
    for (String part : List.of("images", "labels")) {
      Path to = input.resolve(part + "/" + name + ".tif");
      Files.createDirectories(to.getParent());
      Files.deleteIfExists(to.resolveSibling("." + to.getFileName() + ".crc"));
      Files.copy(
          source.resolve(part + "/" + simulated + ".tif"), to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static String[] tiling(String output, String... more) {
    List<String> sets =
        new ArrayList<>(
            List.of(
                "output.root=" + output,
                "input.scenes=" + input.resolve("images"),
                "input.labels=" + input.resolve("labels"),
                "splits.block=1",
                "patch.size=32"));
    sets.addAll(Arrays.asList(more));
    return sets.toArray(String[]::new);
  }

  private static String tile(String... more) {
    return succeed("tile", tiling(root, more));
  }

  private static String synthesize() {
    return succeed(
        "synthesize",
        "output.root=" + root,
        "model=" + bundle,
        "synthesize.batch=4",
        "gates.leastRange=0",
        "gates.mostSaturated=1");
  }

  private static String plan() {
    return succeed("plan", "output.root=" + root);
  }

  private static void summarizeReportAndVerify() {
    succeed("summarize", "output.root=" + root);
    succeed("report", "output.root=" + root, "report.samples=2");
    succeed("verify", "output.root=" + root);
  }

  private static List<Path> runs(String job) throws IOException {
    return runs(Path.of(root), job);
  }

  private static List<Path> runs(Path folder, String job) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("run_id=" + job + "-"))
          .sorted()
          .toList();
    }
  }

  private static Set<String> names(List<Path> runs) {
    Set<String> names = new TreeSet<>();
    runs.forEach(run -> names.add(run.getFileName().toString()));
    return names;
  }

  private static long trainMasks() {
    return spark.read().parquet(root + "/run_id=*/patches").where("split = 'train'").count();
  }

  /** Each scene's patches are there once, each training mask has its one pair. */
  private static void everythingOnce(int scenes) {
    var classes = spark.read().parquet(root + "/run_id=*/patch_classes");
    assertEquals(scenes, classes.select("scene_id").distinct().count());
    assertEquals((long) scenes * PATCHES_A_SCENE * 16, classes.count());
    assertEquals(
        (long) scenes * PATCHES_A_SCENE,
        classes.select("scene_id", "row", "col").distinct().count());
    var pairs = spark.read().parquet(root + "/run_id=*/pairs");
    assertEquals(trainMasks(), pairs.count());
    assertEquals(pairs.count(), pairs.select("condition", "copy").distinct().count());
    var real =
        spark
            .read()
            .parquet(root + "/run_id=*/class_proportions")
            .where("scope = 'real' AND split = 'all' AND scene_id IS NULL AND class_index = 1")
            .select("patches")
            .as(Encoders.LONG())
            .collectAsList();
    assertEquals(List.of(spark.read().parquet(root + "/run_id=*/patches").count()), real);
    runsSumToTheWhole();
  }

  /** Each class has the pixels and patches in all runs that it has run by run. */
  private static void runsSumToTheWhole() {
    var whole =
        spark
            .read()
            .parquet(root + "/run_id=*/class_proportions")
            .where("scope <> 'mixed' AND scene_id IS NULL")
            .selectExpr("scope", "split", "class_index", "pixels", "patches");
    var byRun =
        spark
            .read()
            .parquet(root + "/run_id=*/run_proportions")
            .groupBy("scope", "split", "class_index")
            .agg(
                org.apache.spark.sql.functions.sum("pixels"),
                org.apache.spark.sql.functions.sum("patches"));
    assertEquals(0, whole.except(byRun).count());
    assertEquals(whole.count(), byRun.count());
  }

  @Test
  @Order(1)
  void theFirstNightTilesAndDrawsEverything() throws IOException {
    plan();
    synthesize();
    summarizeReportAndVerify();
    everythingOnce(2);
  }

  @Test
  @Order(2)
  void aNightWithoutAnythingNewDoesNothingAndSaysSo() throws IOException {
    Set<String> tiled = names(runs("tile"));
    Set<String> planned = names(runs("plan"));
    Set<String> drawn = names(runs("synthesize"));
    assertTrue(tile().contains("is already published with the same inputs; nothing to do"));
    assertTrue(
        plan().contains(trainMasks() + " are drawn for already; nothing new to plan"), plan());
    assertTrue(synthesize().contains("is already published with the same inputs; nothing to do"));
    summarizeReportAndVerify();
    assertEquals(tiled, names(runs("tile")));
    assertEquals(planned, names(runs("plan")));
    assertEquals(drawn, names(runs("synthesize")));
    everythingOnce(2);
  }

  @Test
  @Order(3)
  void aNightWithANewSceneTilesAndDrawsForThatAlone() throws IOException {
    long before = trainMasks();
    arrive("scene-0002", "scene-0002");
    String out = tile();
    assertTrue(out.contains("scenes: 1, refused 0, smaller than a patch 0"), out);
    assertTrue(out.contains("published before: 2 unchanged scenes, skipped"), out);
    assertEquals(2, runs("tile").size());
    out = plan();
    assertTrue(out.contains("masks: " + (trainMasks() - before)), out);
    assertTrue(out.contains("drawn for before: " + before + " masks, left out"), out);
    out = synthesize();
    long added = trainMasks() - before;
    assertTrue(out.contains("pairs: " + added + " of " + added + " planned"), out);
    summarizeReportAndVerify();
    everythingOnce(3);
    out = tile();
    assertTrue(out.contains("scenes: 3 are published unchanged; nothing new to tile"), out);
    assertEquals(2, runs("tile").size());
  }

  @Test
  @Order(4)
  void anotherVersionOfTheProgramFindsNothingToDoEither() throws IOException {
    // as if that run had been made by a program of another version, which gives it another name
    String other = "synthesize-0123456789abcdef";
    Path newest = newest("synthesize");
    String name = newest.getFileName().toString().substring("run_id=".length());
    Path moved = newest.resolveSibling("run_id=" + other);
    Files.move(newest, moved);
    String record = Files.readString(moved.resolve("run.json"));
    rewrite(moved.resolve("run.json"), record.replace(name, other));
    assertTrue(synthesize().contains(other + " is already published with the same inputs"));
    Files.move(moved, newest);
    rewrite(newest.resolve("run.json"), record);
  }

  private static void rewrite(Path file, String text) throws IOException {
    Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
    Files.writeString(file, text);
  }

  private static Path newest(String job) throws IOException {
    Path newest = null;
    String last = "";
    for (Path run : runs(job)) {
      String record = Files.readString(run.resolve("run.json"));
      String finished = record.replaceAll("(?s).*\"finished\" : \"([^\"]+)\".*", "$1");
      if (finished.compareTo(last) > 0) {
        last = finished;
        newest = run;
      }
    }
    return newest;
  }

  @Test
  @Order(5)
  void aSceneThatChangedIsRefusedByNameUntilItMayBeReplaced() throws IOException {
    arrive("scene-0001", "scene-0003");
    Set<String> tiled = names(runs("tile"));
    Ended ended = landloom("tile", tiling(root));
    assertEquals(2, ended.code());
    assertTrue(
        ended.err().contains("scene scene-0001 is already published in file:" + root + " by tile-"),
        ended.err());
    assertTrue(
        ended.err().contains(", made from other files; set tile.replace=true to retire"),
        ended.err());
    assertEquals(tiled, names(runs("tile")));
    Ended settings = landloom("tile", tiling(root, "patch.maxUnknown=0.5"));
    assertEquals(2, settings.code());
    assertTrue(
        settings
            .err()
            .contains(
                ", made by other settings, and so is scene scene-0001, scene scene-0002 by this or"
                    + " another run; set tile.replace=true"),
        settings.err());
    succeed("verify", "output.root=" + root);
    everythingOnce(3);
  }

  @Test
  @Order(6)
  void aRunIsNotReplacedThatHoldsScenesWhichAreNotThere() throws IOException {
    Path aside = shared.resolve("aside.tif");
    Files.move(input.resolve("images/scene-0000.tif"), aside);
    Ended ended = landloom("tile", tiling(root, "tile.replace=true"));
    Files.move(aside, input.resolve("images/scene-0000.tif"));
    assertEquals(2, ended.code());
    assertTrue(
        ended.err().contains(" would be retired, but it also holds scene scene-0000, not among"),
        ended.err());
    assertEquals(2, runs("tile").size());
  }

  @Test
  @Order(7)
  void aReplacedSceneIsTiledAnewWithItsRunAndDrawnForAgain() throws IOException {
    Set<String> tiled = names(runs("tile"));
    Set<String> drawn = names(runs("synthesize"));
    // as if a driver had been killed between retiring the old run and publishing the new one
    Path interrupted = shared.resolve("interrupted");
    copy(Path.of(root), interrupted);
    String out = tile("tile.replace=true");
    assertTrue(out.contains("scenes: 2, refused 0"), out);
    assertTrue(out.contains("published before: 1 unchanged scenes, skipped"), out);
    assertEquals(2, runs("tile").size());
    Set<String> kept = names(runs("tile"));
    kept.retainAll(tiled);
    assertEquals(1, kept.size());
    assertEquals(1, runs("synthesize").size());
    Set<String> retired = names(runs(Path.of(root, "_retired"), "tile"));
    retired.addAll(names(runs(Path.of(root, "_retired"), "synthesize")));
    assertEquals(2, retired.size());
    assertEquals(1, names(runs(Path.of(root, "_retired"), "plan")).size());
    succeed("verify", "output.root=" + root);
    assertEquals(
        3 * PATCHES_A_SCENE,
        spark
            .read()
            .parquet(root + "/run_id=*/patch_classes")
            .select("scene_id", "row", "col")
            .distinct()
            .count());

    plan();
    synthesize();
    summarizeReportAndVerify();
    everythingOnce(3);
    assertFalse(drawn.containsAll(names(runs("synthesize"))));

    Path old = runs(interrupted, "tile").stream().filter(NightlyTest::isRetired).findFirst().get();
    Files.createDirectories(interrupted.resolve("_retired"));
    Files.move(old, interrupted.resolve("_retired").resolve(old.getFileName()));
    succeed("tile", tiling(interrupted.toString()));
    assertEquals(names(runs("tile")), names(runs(interrupted, "tile")));
  }

  private static boolean isRetired(Path run) {
    return Files.exists(Path.of(root, "_retired").resolve(run.getFileName()));
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.sorted().toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }

  @Test
  @Order(8)
  void aSceneThatWasLeftOutIsLeftOutUntilItChanges() throws IOException {
    Path label = input.resolve("labels/scene-0004.png");
    TestScenes.write(input.resolve("images/scene-0004.png"), 160, 128, TestScenes::texture);
    TestScenes.write(label, 160, 128, (x, y) -> 0x010203);
    String out = tile("input.badScenes=0.5");
    assertTrue(out.contains("scenes: 0, refused 1"), out);
    assertEquals(3, runs("tile").size());
    out = tile();
    assertTrue(out.contains("left out: 1 by an earlier run, 0 now"), out);
    assertEquals(3, runs("tile").size());
    int river = TestScenes.color("gid15", 13);
    TestScenes.write(label, 160, 128, (x, y) -> river);
    out = tile();
    assertTrue(out.contains("scenes: 1, refused 0"), out);
    assertEquals(4, runs("tile").size());
    plan();
    synthesize();
    summarizeReportAndVerify();
    everythingOnce(4);
  }
}
