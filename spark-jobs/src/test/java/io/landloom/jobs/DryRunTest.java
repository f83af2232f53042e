package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** What a dry run says comes true. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DryRunTest extends SparkTest {
  private static String scenes;
  private static String root;

  @BeforeAll
  static void simulate() {
    scenes = shared.resolve("scenes").toString();
    root = shared.resolve("dataset").toString();
    succeed(
        "simulate",
        "output.root=" + scenes,
        "simulate.width=320",
        "simulate.height=288",
        "simulate.block=64");
  }

  private static String[] tile(String... more) {
    return Stream.concat(
            Stream.of(
                "output.root=" + root,
                "input.scenes=" + scenes + "/images",
                "input.labels=" + scenes + "/labels",
                "splits.block=1",
                "output.bucketRows=30",
                "patch.size=32"),
            Stream.of(more))
        .toArray(String[]::new);
  }

  private static String dry(String job, String... sets) {
    List<String> arguments = new ArrayList<>(List.of(job, "--dry-run"));
    for (String set : sets) {
      arguments.addAll(List.of("--set", set));
    }
    Ended ended = command(arguments.toArray(String[]::new));
    assertEquals(0, ended.code(), ended.err());
    return ended.out();
  }

  private static Path only(String prefix) throws IOException {
    try (Stream<Path> files = Files.list(Path.of(root))) {
      List<Path> found =
          files.filter(file -> file.getFileName().toString().startsWith(prefix)).toList();
      assertEquals(1, found.size(), prefix + " " + found);
      return found.get(0);
    }
  }

  private static Config record(String prefix) throws IOException {
    return ConfigFactory.parseFile(only(prefix).resolve("run.json").toFile());
  }

  @Test
  @Order(1)
  void tilesNothingAndCountsThePatches() throws IOException {
    String out = dry("tile", tile());
    assertTrue(out.contains("scenes: 2, headers read of 2, 0 of them refused\n"), out);
    assertTrue(out.contains("patches: 180, 90.0 a scene\n"), out);
    // 32 x 32 pixels of three bands and a mask
    assertTrue(out.contains("bytes: at most 737.3 kB of pixels; no run was measured\n"), out);
    assertTrue(out.contains("hours: open: make a small part first"), out);
    assertTrue(out.contains("files: 10 a table\n"), out);
    assertFalse(Files.exists(Path.of(root)));
    succeed("tile", tile());
    assertEquals(180, record("run_id=tile-").getLong("counts.planned"));
    assertEquals(10, record("run_id=tile-").getLong("counts.buckets"));
  }

  @Test
  @Order(2)
  void takesSizesAndRatesOfTheRunThatWasMeasured() throws IOException {
    Config run = record("run_id=tile-");
    String measured = "dryRun.measured=" + only("run_id=tile-").resolve("run.json");
    String out = dry("tile", tile("output.root=" + shared.resolve("other"), measured));
    double each = run.getDouble("counts.bytes") / run.getDouble("counts.written");
    String size =
        each < 1000
            ? String.format(Locale.ROOT, "%.0f B", (double) Math.round(each))
            : String.format(Locale.ROOT, "%.1f kB", each / 1000);
    assertTrue(out.contains(size + " a patch as in " + run.getString("run_id")), out);
    double seconds = run.getDouble("taskSeconds");
    assertTrue(seconds > 0 && seconds < 2 * 60 * run.getDouble("seconds"), "" + seconds);
    String rate =
        String.format(
            Locale.ROOT,
            "core-hours: about %.2f, %.2f ms a patch of 32 pixels a side on cpu as in %s\n",
            seconds / run.getDouble("counts.written") * 180 / 3600,
            seconds / run.getDouble("counts.written") * 1e3,
            run.getString("run_id"));
    assertTrue(out.contains(rate), out + rate);
  }

  @Test
  @Order(3)
  void scenesThatArePublishedAreLeftOut() throws IOException {
    assertTrue(
        dry("tile", tile())
            .endsWith(
                "published before: 2 of 2 scenes by their names, left out; whether they have changed"
                    + " is not looked for\nscenes: none is new\n"));
    for (String part : List.of("images", "labels")) {
      Files.copy(Path.of(scenes, part, "scene-0000.tif"), Path.of(scenes, part, "scene-0002.tif"));
    }
    String out = dry("tile", tile());
    assertTrue(out.contains("published before: 2 of 3 scenes by their names, left out"), out);
    assertTrue(out.contains("scenes: 1, headers read of 1, 0 of them refused\n"), out);
    assertTrue(out.contains("patches: 90, 90.0 a scene\n"), out);
    String anew = dry("tile", tile("tile.replace=true"));
    assertTrue(anew.contains("patches: 270, 90.0 a scene\n"), anew);
    for (String part : List.of("images", "labels")) {
      Files.delete(Path.of(scenes, part, "scene-0002.tif"));
    }
  }

  @Test
  @Order(4)
  void synthesisIsEstimatedFromThePlanAndAnotherDatasetsRun() throws IOException {
    succeed("train", TinyNetworks.with("output.root=" + root, "csebgan.steps=1"));
    succeed("plan", "output.root=" + root, "plan.copies=2");
    String model = "model=" + only("run_id=train-").resolve("bundle");
    long pairs = record("run_id=plan-").getLong("counts.pairs");
    String before = dry("synthesize", "output.root=" + root, model);
    assertTrue(before.contains("pairs: " + pairs + "\n"), before);
    assertTrue(before.contains("; no run was measured"), before);
    succeed(
        "synthesize", "output.root=" + root, model, "gates.leastRange=0", "gates.mostSaturated=1");
    Config run = record("run_id=synthesize-");
    assertEquals("cpu", run.getString("device"));
    String after =
        dry(
            "synthesize",
            "output.root=" + root,
            "dryRun.measured=" + only("run_id=synthesize-").resolve("run.json"));
    String rate =
        String.format(
            Locale.ROOT,
            "%.2f ms a pair of 32 pixels a side on cpu as in %s\n",
            run.getDouble("taskSeconds") / pairs * 1e3,
            run.getString("run_id"));
    assertTrue(after.contains(rate), after + rate);
  }

  @Test
  @Order(5)
  void aRunOfAnotherJobMeasuresNothing() throws IOException {
    List<String> arguments = new ArrayList<>(List.of("tile", "--dry-run"));
    Path plan = only("run_id=plan-").resolve("run.json");
    for (String set : tile("output.root=" + shared.resolve("other"), "dryRun.measured=" + plan)) {
      arguments.addAll(List.of("--set", set));
    }
    Ended ended = command(arguments.toArray(String[]::new));
    assertEquals(2, ended.code());
    assertTrue(ended.err().contains("is of a plan, not of a tile"), ended.err());
    Path empty = folder.resolve("run.json");
    String record = Files.readString(only("run_id=tile-").resolve("run.json"));
    Files.writeString(empty, record.replaceFirst("\"written\" *: *[0-9]+", "\"written\" : 0"));
    String other = "output.root=" + shared.resolve("other");
    assertTrue(
        dry("tile", tile(other, "dryRun.measured=" + empty)).contains("; no run was measured"));
    String train = dry("train", "output.root=" + root);
    assertTrue(train.contains("estimate: none: only tile, synthesize and export cost"), train);
  }

  @Test
  @Order(6)
  void anExportIsCountedAndWritesNothing() throws IOException {
    for (String format :
        List.of("mmsegmentation", "torchgeo", "coco", "webdataset", "arrow", "geotiff")) {
      Path to = folder.resolve(format);
      String[] export = {
        "output.root=" + root, "export.format=" + format, "export.to=" + to, "export.shardRows=40"
      };
      String out = dry("export", export);
      assertFalse(Files.exists(to), out);
      assertFalse(Files.exists(folder.resolve("_staging")), out);
      succeed("export", export);
      Config made = ConfigFactory.parseFile(to.resolve("run.json").toFile());
      assertTrue(out.contains("export: " + made.getString("run_id") + " as " + format), out);
      assertTrue(
          out.contains(
              String.format(Locale.ROOT, "pairs: %,d {test=", made.getLong("counts.written"))),
          out);
      List<Path> files;
      try (Stream<Path> all = Files.walk(to)) {
        // a local file system keeps checksums beside the files
        files =
            all.filter(Files::isRegularFile)
                .filter(file -> !file.getFileName().toString().endsWith(".crc"))
                .toList();
      }
      assertTrue(
          out.contains(String.format(Locale.ROOT, "files: %,d\n", files.size())),
          out + files.size());
      long written = 0;
      for (Path file : files) {
        written += file.endsWith("run.json") ? 0 : Files.size(file);
      }
      String unit = out.replaceAll("(?s).*bytes: about ([0-9.]+) (k|M)B[, ].*", "$1 $2");
      double estimate = Double.parseDouble(unit.split(" ")[0]) * (unit.endsWith("k") ? 1e3 : 1e6);
      // the smallest of patches: in a GeoTIFF tags weigh as much as pixels, in COCO there are no
      // masks
      assertEquals(written, estimate, (out.contains("Deflate") ? 1.0 : 0.3) * written, format);
      assertTrue(dry("export", export).contains("is this export; nothing to do"));
    }
  }

  @Test
  @Order(7)
  void anExportThatWouldBeRefusedIsRefusedInADryRun() throws IOException {
    Path to = Files.createDirectory(folder.resolve("taken"));
    Ended ended =
        command(
            "export",
            "--dry-run",
            "--set",
            "output.root=" + root,
            "--set",
            "export.format=coco",
            "--set",
            "export.to=" + to);
    assertEquals(2, ended.code());
    assertTrue(ended.err().contains("there is something that is no export"), ended.err());
  }
}
