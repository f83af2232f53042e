package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** The whole way on small simulated scenes, with a model trained for a few steps. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PipelineTest extends SparkTest {
  private static String root;
  private static Path bundle;

  @BeforeAll
  static void fromScenesToPlan() throws IOException {
    root = shared.resolve("dataset").toString();
    succeed(
        "simulate",
        "output.root=" + root,
        "simulate.width=320",
        "simulate.height=288",
        "simulate.block=64");
    tile(root);
    succeed(
        "train", TinyNetworks.with("output.root=" + root, "csebgan.steps=2", "train.name=tiny"));
    bundle = only(root, "run_id=train-").resolve("bundle");
    assertFalse(Files.exists(bundle.resolveSibling("_checkpoint.safetensors")));
    succeed("plan", "output.root=" + root, "plan.copies=2");
  }

  private static void tile(String output) {
    succeed(
        "tile",
        "output.root=" + output,
        "input.scenes=" + root + "/images",
        "input.labels=" + root + "/labels",
        "splits.block=1",
        "output.bucketRows=30",
        "patch.size=32");
  }

  private static Path only(String folder, String prefix) throws IOException {
    try (Stream<Path> files = Files.list(Path.of(folder))) {
      List<Path> found =
          files.filter(file -> file.getFileName().toString().startsWith(prefix)).toList();
      assertEquals(1, found.size(), folder + " " + prefix + " " + found);
      return found.get(0);
    }
  }

  /** A dataset of its own with the same patches and plan, to synthesize into. */
  private String copyOfPlan(String name) throws IOException {
    return copyRuns(Path.of(root), folder.resolve(name), "tile", "plan");
  }

  /** A synthesis without gates: what so young a model draws, none of them would take. */
  private static String[] synthesis(String output, String... more) {
    List<String> sets =
        new ArrayList<>(
            List.of(
                "output.root=" + output,
                "model=" + bundle,
                "synthesize.batch=4",
                "gates.leastRange=0",
                "gates.mostSaturated=1"));
    sets.addAll(List.of(more));
    return sets.toArray(String[]::new);
  }

  /** The content of pairs: condition, copy, image, mask, counts and lineage, in key order. */
  private static List<String> pairs(String output) {
    List<String> rows = new ArrayList<>();
    for (Row row :
        spark
            .read()
            .parquet(output + "/run_id=*/pairs")
            .orderBy("scene_id", "row", "col", "copy")
            .selectExpr(
                "condition",
                "copy",
                "draw",
                "split",
                "sha2(image.bytes, 256)",
                "image.path",
                "sha2(mask.bytes, 256)",
                "mask.path",
                "class_pixels",
                "model_digest",
                "seed",
                "device",
                "versions")
            .collectAsList()) {
      rows.add(row.toString());
    }
    return rows;
  }

  @Test
  @Order(1)
  void tilesEveryPatchOnce() {
    List<Row> rows =
        spark
            .read()
            .parquet(root + "/run_id=*/patch_classes")
            .groupBy("scene_id", "row", "col", "kept")
            .agg(
                org.apache.spark.sql.functions.sum("pixels").as("pixels"),
                org.apache.spark.sql.functions.count("*").as("classes"))
            .collectAsList();
    assertEquals(2 * 9 * 10, rows.size());
    assertTrue(rows.stream().allMatch(row -> row.getLong(4) == 32 * 32 && row.getLong(5) == 16));
  }

  @Test
  @Order(2)
  void synthesizesSummarizesReportsAndVerifies() throws IOException {
    String out = succeed("synthesize", synthesis(root));
    assertTrue(out.contains("[synthesize] 0/"), out);
    succeed("summarize", "output.root=" + root);
    succeed("report", "output.root=" + root, "report.samples=4");
    String verified = succeed("verify", "output.root=" + root);
    assertTrue(verified.contains("pairs="), verified);
    String html = Files.readString(only(root, "run_id=report-").resolve("report.html"));
    assertTrue(html.contains("data:image/png;base64,"));
    assertTrue(html.contains("Nearest to each other are "), html);
    assertFalse(html.contains("<script"));
    assertEquals(
        2 * spark.read().parquet(root + "/run_id=*/synthesis_plan").count(),
        spark.read().parquet(root + "/run_id=*/pairs").count());
  }

  @Test
  @Order(3)
  void proportionsAreThoseOfTheMasks() {
    spark.read().parquet(root + "/run_id=*/patches").createOrReplaceTempView("patches");
    spark.read().parquet(root + "/run_id=*/pairs").createOrReplaceTempView("pairs");
    spark.read().parquet(root + "/run_id=*/class_proportions").createOrReplaceTempView("shares");
    List<Row> mixed =
        spark
            .sql(
                """
                WITH counted AS (
                  SELECT position, pixels FROM patches
                    LATERAL VIEW posexplode(class_pixels) AS position, pixels
                    WHERE split = 'train'
                  UNION ALL SELECT position, pixels FROM pairs
                    LATERAL VIEW posexplode(class_pixels) AS position, pixels),
                summed AS (SELECT position, sum(pixels) AS pixels FROM counted GROUP BY position)
                SELECT s.class_index, s.pixels, c.pixels, s.proportion,
                       c.pixels / (SELECT sum(pixels) FROM summed WHERE position > 0)
                FROM shares s JOIN summed c ON s.class_index = c.position
                WHERE s.scope = 'mixed' AND s.split = 'train' AND s.scene_id IS NULL
                """)
            .collectAsList();
    assertEquals(16, mixed.size());
    for (Row row : mixed) {
      assertEquals(row.getLong(2), row.getLong(1), row.toString());
      if (row.getInt(0) == 0) {
        assertTrue(row.isNullAt(3), row.toString());
      } else {
        assertEquals(row.getDouble(4), row.getDouble(3), 1e-12, row.toString());
      }
    }
  }

  @Test
  @Order(4)
  void partitionsAndCoresDoNotChangeThePairs() throws IOException {
    List<String> expected = pairs(root);
    assertFalse(expected.isEmpty());
    String one = copyOfPlan("one");
    succeed("synthesize", synthesis(one, "run.partitions=1"));
    assertEquals(expected, pairs(one));
    String four = copyOfPlan("four");
    succeed("synthesize", synthesis(four, "run.partitions=4"));
    assertEquals(expected, pairs(four));
    spark.stop();
    spark = session("local[1]");
    String alone = copyOfPlan("alone");
    succeed("synthesize", synthesis(alone));
    assertEquals(expected, pairs(alone));
    spark.stop();
    spark = session("local[2]");
  }

  @Test
  @Order(5)
  void anotherBatchSizeChangesNoPixelByMoreThanOneGreyLevel() throws IOException {
    String other = copyOfPlan("other");
    succeed("synthesize", synthesis(other, "synthesize.batch=3"));
    List<BufferedImage> expected = images(root);
    List<BufferedImage> actual = images(other);
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      int[] a = expected.get(i).getRaster().getPixels(0, 0, 32, 32, (int[]) null);
      int[] b = actual.get(i).getRaster().getPixels(0, 0, 32, 32, (int[]) null);
      assertEquals(a.length, b.length);
      for (int k = 0; k < a.length; k++) {
        assertTrue(Math.abs(a[k] - b[k]) <= 1, "image " + i + " sample " + k);
      }
    }
  }

  private static List<BufferedImage> images(String output) throws IOException {
    List<BufferedImage> images = new ArrayList<>();
    for (Row row :
        spark
            .read()
            .parquet(output + "/run_id=*/pairs")
            .orderBy("scene_id", "row", "col", "copy")
            .select("image.bytes")
            .collectAsList()) {
      images.add(ImageIO.read(new ByteArrayInputStream(row.getAs(0))));
    }
    return images;
  }

  @Test
  @Order(6)
  void anotherSeedGivesOtherImagesOfTheSameMasks() throws IOException {
    String other = copyOfPlan("seed");
    succeed("synthesize", synthesis(other, "run.seed=2"));
    List<Row> rows =
        spark
            .read()
            .parquet(root + "/run_id=*/pairs", other + "/run_id=*/pairs")
            .groupBy("condition", "copy")
            .agg(
                org.apache.spark.sql.functions.countDistinct("image.bytes").as("images"),
                org.apache.spark.sql.functions.countDistinct("mask.bytes").as("masks"))
            .collectAsList();
    assertTrue(rows.stream().allMatch(row -> row.getLong(2) == 2 && row.getLong(3) == 1));
  }

  @Test
  @Order(7)
  void aBundleOfAnotherSchemeOrSizeIsRefused() throws IOException {
    String output = copyOfPlan("scheme");
    Ended ended = landloom("synthesize", synthesis(output, "scheme=mbrsc"));
    assertEquals(2, ended.code());
    assertTrue(ended.err().contains("plans for scheme gid15, not mbrsc"), ended.err());
    Path card = folder.resolve("wrong/card.json");
    Files.createDirectories(card.getParent());
    Files.copy(bundle.resolve("weights.safetensors"), folder.resolve("wrong/weights.safetensors"));
    String text = Files.readString(bundle.resolve("card.json"));
    Files.writeString(card, text.replace("\"gid15\"", "\"gid16\""));
    Ended other = landloom("synthesize", synthesis(output, "model=" + card.getParent()));
    assertEquals(2, other.code());
    assertTrue(other.err().contains("draws scheme gid16"), other.err());
    assertTrue(other.err().contains("not gid15"), other.err());
    Files.writeString(card, text.replace("\"patchSize\" : 32", "\"patchSize\" : 64"));
    Ended size = landloom("synthesize", synthesis(output, "model=" + card.getParent()));
    assertEquals(2, size.code());
    assertTrue(
        size.err().contains("makes patches of 64 pixels, the plan's masks have 32"), size.err());
    Ended none = landloom("synthesize", synthesis(output, "model=nothing"));
    assertEquals(2, none.code());
    assertTrue(none.err().contains("nor the name of a bundle that ships"), none.err());
    try (Stream<Path> files = Files.list(Path.of(output))) {
      assertTrue(files.noneMatch(file -> file.toString().contains("_staging")));
    }
  }

  @Test
  @Order(8)
  void damagedWeightsAreRefused() throws IOException {
    String output = copyOfPlan("damaged");
    Path wrong = Files.createDirectories(folder.resolve("damaged-bundle"));
    Files.copy(bundle.resolve("card.json"), wrong.resolve("card.json"));
    byte[] weights = Files.readAllBytes(bundle.resolve("weights.safetensors"));
    weights[weights.length - 1] ^= 1;
    Files.write(wrong.resolve("weights.safetensors"), weights);
    Ended ended = landloom("synthesize", synthesis(output, "model=" + wrong));
    assertEquals(2, ended.code());
    assertTrue(ended.err().contains("SHA-256 is "), ended.err());
  }

  @Test
  @Order(9)
  void aSecondSynthesisOfAPlanIsRefusedUnlessItIsTheSame() {
    Ended same = landloom("synthesize", synthesis(root));
    assertEquals(0, same.code(), same.err());
    assertTrue(same.out().contains("nothing to do"), same.out());
    Ended other = landloom("synthesize", synthesis(root, "run.seed=5"));
    assertEquals(2, other.code());
    assertTrue(other.err().contains("already holds pairs of condition "), other.err());
  }

  @Test
  @Order(10)
  void anInterruptedRunKeepsItsStagedBuckets() throws IOException {
    List<String> expected = pairs(root);
    String output = copyOfPlan("resumed");
    Path published = only(root, "run_id=synthesize-");
    Path staging =
        Path.of(
            output, "_staging", published.getFileName().toString().substring("run_id=".length()));
    Path kept = staging.resolve("pairs/part-00001.parquet");
    for (String table : List.of("pairs", "gate_decisions")) {
      Files.createDirectories(staging.resolve(table));
      String file = table + "/part-00001.parquet";
      Files.copy(published.resolve(file), staging.resolve(file));
    }
    Files.writeString(staging.resolve("pairs/part-00000.parquet"), "half-written");
    byte[] before = Files.readAllBytes(kept);
    succeed("synthesize", synthesis(output));
    Path after = only(output, "run_id=synthesize-").resolve("pairs/part-00001.parquet");
    assertArrayEquals(before, Files.readAllBytes(after));
    assertEquals(expected, pairs(output));
    assertFalse(Files.exists(staging.getParent()));
  }

  @Test
  @Order(11)
  void verifyFindsWhatWasTamperedWith() throws IOException {
    String output = copyOfPlan("tampered");
    Path patches = only(output, "run_id=tile-").resolve("patches");
    Path part;
    try (Stream<Path> files = Files.list(patches)) {
      part =
          files
              .filter(file -> file.toString().endsWith(".parquet"))
              .max(Comparator.comparingLong(file -> file.toFile().length()))
              .orElseThrow();
    }
    spark
        .read()
        .parquet(part.toString())
        .withColumn("class_pixels", org.apache.spark.sql.functions.expr("reverse(class_pixels)"))
        .coalesce(1)
        .write()
        .parquet(folder.resolve("changed").toString());
    try (Stream<Path> files = Files.list(folder.resolve("changed"))) {
      Path changed = files.filter(f -> f.toString().endsWith(".parquet")).findFirst().orElseThrow();
      Files.delete(part);
      Files.deleteIfExists(part.resolveSibling("." + part.getFileName() + ".crc"));
      Files.copy(changed, part);
    }
    Ended ended = landloom("verify", "output.root=" + output);
    assertEquals(4, ended.code(), ended.out());
    assertTrue(ended.err().contains("class-pixels="), ended.err());
    Path missing = only(output, "run_id=plan-").resolve("synthesis_plan/part-00000.parquet");
    Files.delete(missing);
    Ended fewer = landloom("verify", "output.root=" + output);
    assertTrue(fewer.err().contains("missing-file="), fewer.err());
  }

  @Test
  @Order(12)
  void tellsSchedulersHowItEnded() throws IOException {
    String plan = Files.readString(Path.of(root, "_outcomes", "plan.json"));
    assertTrue(plan.contains("\"kind\" : \"OK\""), plan);
    Ended ended = landloom("plan", "output.root=" + root, "plan.copies=0");
    assertEquals(2, ended.code());
    plan = Files.readString(Path.of(root, "_outcomes", "plan.json"));
    assertTrue(plan.contains("\"kind\" : \"USER\""), plan);
    assertTrue(plan.contains("plan.copies = 0: expected a whole number from 1"), plan);
  }

  @Test
  @Order(13)
  void aNewSummaryTakesThePlaceOfTheOld() throws IOException {
    String output = copyOfPlan("summaries");
    succeed("summarize", "output.root=" + output);
    Path first = only(output, "run_id=summarize-").getFileName();
    succeed("synthesize", synthesis(output));
    succeed("summarize", "output.root=" + output);
    assertFalse(only(output, "run_id=summarize-").endsWith(first));
    assertTrue(Files.exists(Path.of(output, "_retired").resolve(first).resolve("run.json")));
  }

  @Test
  @Order(14)
  void pairsOfAnotherPlanOverTheSameMasksAreRefused() throws IOException {
    String output = copyOfPlan("plans");
    String first = only(output, "run_id=plan-").getFileName().toString().substring(7);
    succeed("plan", "output.root=" + output, "plan.copies=1");
    succeed("synthesize", synthesis(output));
    Ended ended = landloom("synthesize", synthesis(output, "synthesize.plan=" + first));
    assertEquals(2, ended.code());
    assertTrue(ended.err().contains("already holds pairs of condition "), ended.err());
    only(output, "run_id=synthesize-");
  }

  @Test
  @Order(15)
  void aFailedTaskIsToldToSchedulersToo() throws IOException {
    String output = copyOfPlan("damaged-plan");
    Path plan = only(output, "run_id=plan-").resolve("synthesis_plan/part-00000.parquet");
    Files.writeString(plan, "this is no Parquet file");
    Ended ended = landloom("synthesize", synthesis(output));
    assertEquals(3, ended.code());
    String outcome = Files.readString(Path.of(output, "_outcomes", "synthesize.json"));
    assertTrue(outcome.contains("\"kind\" : \"BUG\""), outcome);
    assertTrue(outcome.contains("is not a Parquet file"), outcome);
  }

  @Test
  @Order(17)
  void redrawsOneClassOfTheMasksThatShowIt() throws IOException {
    String output = copyOfPlan("redrawn");
    Row chosen =
        spark
            .read()
            .parquet(output + "/run_id=*/patch_classes")
            .where("kept and split = 'train' and pixels > 0 and class_index > 0")
            .groupBy("class_index", "class_name")
            .count()
            .orderBy("count", "class_index")
            .first();
    String name = chosen.getString(1);
    succeed("plan", "output.root=" + output, "plan.copies=2", "plan.redraw=" + name);
    succeed("synthesize", synthesis(output));
    succeed("verify", "output.root=" + output);
    List<Row> pairs =
        spark
            .read()
            .parquet(output + "/run_id=synthesize-*/pairs")
            .where("redrawn_class = " + chosen.getInt(0))
            .groupBy("condition")
            .agg(
                org.apache.spark.sql.functions.countDistinct("image.bytes"),
                org.apache.spark.sql.functions.countDistinct("mask.bytes"))
            .collectAsList();
    assertEquals(chosen.getLong(2), pairs.size());
    assertTrue(chosen.getLong(2) < spark.read().parquet(root + "/run_id=*/synthesis_plan").count());
    pairs.forEach(pair -> assertEquals("[2,1]", "[" + pair.get(1) + "," + pair.get(2) + "]"));
    // the masks that do not show the class are left
    long others =
        spark
                .read()
                .parquet(output + "/run_id=*/patches")
                .where("split = 'train' and class_pixels IS NOT NULL")
                .count()
            - chosen.getLong(2);
    String rest = succeed("plan", "output.root=" + output, "plan.copies=1");
    assertTrue(rest.contains("masks: " + others), rest);
    assertTrue(rest.contains("drawn for before: " + chosen.getLong(2) + " masks, left out"), rest);
    succeed("synthesize", synthesis(output));
    succeed("verify", "output.root=" + output);
    assertTrue(
        succeed("plan", "output.root=" + output)
            .contains(others + chosen.getLong(2) + " are drawn for already; nothing new to plan"));
    Ended ended = landloom("plan", "output.root=" + output, "plan.redraw=sea");
    assertEquals(2, ended.code());
    assertTrue(
        ended.err().contains("plan.redraw = sea: give all, or a class of gid15: industrial land,"),
        ended.err());
  }

  @Test
  @Order(16)
  void anInterruptedSimulationStartsOver() throws IOException {
    String output = folder.resolve("simulated").toString();
    String[] sets = {
      "output.root=" + output,
      "simulate.scenes=1",
      "simulate.width=64",
      "simulate.height=64",
      "simulate.block=64"
    };
    succeed("simulate", sets);
    Path image = Path.of(output, "images/scene-0000.tif");
    byte[] whole = Files.readAllBytes(image);
    Path marker;
    try (Stream<Path> files = Files.list(Path.of(output, "_simulated"))) {
      marker = files.filter(file -> file.toString().endsWith(".json")).findFirst().orElseThrow();
    }
    Files.move(marker, marker.resolveSibling(marker.getFileName() + ".started"));
    Files.write(image, new byte[10]);
    Files.deleteIfExists(image.resolveSibling(".scene-0000.tif.crc"));
    succeed("simulate", sets);
    assertArrayEquals(whole, Files.readAllBytes(image));
    assertTrue(Files.exists(marker));
    Ended other = landloom("simulate", "output.root=" + output, "simulate.scenes=2");
    assertEquals(2, other.code());
    assertTrue(other.err().contains("/images exists already with other scenes"), other.err());
  }
}
