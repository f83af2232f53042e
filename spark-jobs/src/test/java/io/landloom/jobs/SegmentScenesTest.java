package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import io.landloom.geo.format.SceneReaders;
import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.geo.scene.SceneReader;
import io.landloom.geo.source.LocalByteSource;
import io.landloom.geo.tiff.TiffLimits;
import io.landloom.synthesis.segment.SceneSegmentation;
import io.landloom.synthesis.segment.Segmenter;
import io.landloom.synthesis.segment.Windows;
import io.landloom.synthesis.weights.ModelBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * {@code segment}, with a segmenter that was hardly trained: what it says matters, not how well.
 */
class SegmentScenesTest extends SparkTest {
  private static final int WIDTH = 150;
  private static final int HEIGHT = 330;

  private static Path root;
  private static Path bundle;

  @BeforeAll
  static void train() throws IOException {
    root = shared.resolve("simulated");
    succeed(
        "simulate",
        "output.root=" + root,
        "simulate.scenes=2",
        "simulate.width=" + WIDTH,
        "simulate.height=" + HEIGHT,
        "simulate.block=64");
    succeed(
        "tile",
        "output.root=" + root,
        "input.scenes=" + root + "/images",
        "input.labels=" + root + "/labels",
        "splits.block=1",
        "patch.size=32");
    List<String> keys = new ArrayList<>(Arrays.asList(TinyNetworks.of("segmenter")));
    keys.addAll(
        List.of("output.root=" + root, "segmenter.steps=40", "segmenter.learningRate=0.01"));
    succeed("train", keys.toArray(String[]::new));
    bundle = trained(root);
  }

  private static Path trained(Path dataset) throws IOException {
    try (Stream<Path> runs = Files.list(dataset)) {
      return runs.filter(run -> run.getFileName().toString().startsWith("run_id=train-"))
          .findFirst()
          .orElseThrow()
          .resolve("bundle");
    }
  }

  private static String[] keys(Path to, String... more) {
    List<String> keys =
        new ArrayList<>(
            List.of(
                "model=" + bundle,
                "input.scenes=" + root + "/images",
                "segment.to=" + to,
                "segment.overlap=12"));
    keys.addAll(Arrays.asList(more));
    return keys.toArray(String[]::new);
  }

  private static SceneReader open(Path file) throws IOException {
    return SceneReaders.open(LocalByteSource.open(file), TiffLimits.defaults());
  }

  @Test
  void labelsOfManyTasksAreThoseOfOneMachine() throws IOException {
    Path labels = folder.resolve("labels");
    succeed("segment", keys(labels));
    LandCoverScheme scheme = LandCoverScheme.named("gid15");
    ModelBundle model =
        ModelBundle.read(
            LocalByteSource.open(bundle.resolve("card.json")),
            LocalByteSource.open(bundle.resolve("weights.safetensors")));
    boolean several = false;
    try (Segmenter segmenter = Segmenter.load(model, scheme, Device.cpu())) {
      SceneSegmentation whole = new SceneSegmentation(segmenter.windows(), new Windows(32, 12));
      for (String name : List.of("scene-0000", "scene-0001")) {
        try (SceneReader image = open(root.resolve("images/" + name + ".tif"));
            SceneReader label = open(labels.resolve(name + ".tif"))) {
          assertEquals(WIDTH, label.header().width());
          assertEquals(HEIGHT, label.header().height());
          assertEquals(image.header().georeference().crs(), label.header().georeference().crs());
          assertArrayEquals(
              image.header().georeference().transform(), label.header().georeference().transform());
          assertArrayEquals(
              Arrays.copyOf(scheme.palette(), 16), Arrays.copyOf(label.header().palette(), 16));
          Raster pixels = image.rows(0, HEIGHT);
          SceneSegmentation.Found found =
              whole.of(
                  new SceneSegmentation.Part(WIDTH, HEIGHT, 0, HEIGHT),
                  (top, rows) -> pixels.crop(0, top, WIDTH, rows));
          byte[] positions = found.positions();
          byte[] expected = new byte[positions.length];
          for (int i = 0; i < expected.length; i++) {
            expected[i] = (byte) scheme.validClasses().get(positions[i]).index();
          }
          assertArrayEquals(expected, label.rows(0, HEIGHT).samples(), name);
          try (SceneReader uncertainty = open(labels.resolve("_uncertainty/" + name + ".tif"))) {
            assertArrayEquals(found.uncertainty(), uncertainty.rows(0, HEIGHT).samples(), name);
            assertArrayEquals(
                image.header().georeference().transform(),
                uncertainty.header().georeference().transform());
          }
          for (byte index : expected) {
            several |= index != expected[0];
          }
        }
      }
    }
    assertTrue(several, "a scene of one class shows nothing");
    assertFalse(Files.exists(labels.resolve("_parts")), "parts are not published");
    assertTrue(succeed("segment", keys(labels)).contains("; nothing to do"));

    Path again = folder.resolve("again");
    succeed("segment", keys(again, "run.partitions=1"));
    for (String name : List.of("scene-0000.tif", "scene-0001.tif")) {
      assertEquals(-1, Files.mismatch(labels.resolve(name), again.resolve(name)), name);
    }
  }

  @Test
  void patchesOfPredictedLabelsAreMarkedAndNothingIsLearnedFromThem() throws IOException {
    Path labels = folder.resolve("predicted");
    succeed("segment", keys(labels));
    Path dataset = folder.resolve("marked");
    succeed(
        "tile",
        "output.root=" + dataset,
        "input.scenes=" + root + "/images",
        "input.labels=" + labels,
        "labels.source=predicted",
        "splits.block=1",
        "patch.size=32");
    Dataset<Row> patches = spark.read().parquet(dataset + "/run_id=*/patches");
    assertTrue(patches.count() > 0);
    assertEquals(patches.count(), patches.where("mask_source = 'predicted'").count());
    assertEquals(patches.count(), patches.where("mask IS NOT NULL").count());
    for (Row patch : patches.select("scene_id", "x", "y", "uncertainty").collectAsList()) {
      Path file = labels.resolve("_uncertainty/" + patch.getString(0) + ".tif");
      try (SceneReader uncertainty = open(file)) {
        byte[] its =
            uncertainty.rows(patch.getInt(2), 32).crop(patch.getInt(1), 0, 32, 32).samples();
        double sum = 0;
        for (byte one : its) {
          sum += one & 0xFF;
        }
        // the simulated scenes hold data everywhere, so no predicted pixel is unknown
        assertEquals(sum / (255 * 32 * 32), patch.getDouble(3), 1e-12);
        assertTrue(patch.getDouble(3) > 0 && patch.getDouble(3) < 1);
      }
    }
    List<String> train = new ArrayList<>(Arrays.asList(TinyNetworks.of("segmenter")));
    train.add("output.root=" + dataset);
    Ended ended = landloom("train", train.toArray(String[]::new));
    assertEquals(2, ended.code(), ended.err());
    assertTrue(
        ended.err().contains("there is no labelled patch of the training split"), ended.err());
    succeed("summarize", "output.root=" + dataset);
    assertEquals(
        0,
        spark
            .read()
            .parquet(dataset + "/run_id=*/class_proportions")
            .where("scope = 'real' AND pixels > 0")
            .count());
    succeed("verify", "output.root=" + dataset);
    Ended exported =
        landloom(
            "export",
            "output.root=" + dataset,
            "export.format=arrow",
            "export.to=" + folder.resolve("exported"));
    assertEquals(2, exported.code(), exported.err());
    assertTrue(
        exported.err().contains("holds nothing labelled of the splits [test, train, val]"),
        exported.err());
    Ended planned =
        landloom("plan", "output.root=" + dataset, "plan.layouts=2", "plan.target=uniform");
    assertEquals(2, planned.code(), planned.err());
    Ended unlike =
        landloom(
            "plan",
            "output.root=" + dataset,
            "plan.masks=predicted",
            "plan.target=uniform",
            "plan.count=9");
    assertEquals(2, unlike.code(), unlike.err());
    assertTrue(
        unlike.err().contains("plan.target = uniform: there are no labelled patches"),
        unlike.err());
    Ended none = landloom("plan", "output.root=" + dataset);
    assertEquals(2, none.code(), none.err());
    assertTrue(none.err().contains("holds no labelled patches to plan with"), none.err());
    assertTrue(
        planned.err().contains("holds no labelled patches of the training split to be like"),
        planned.err());
  }

  @Test
  void masksOfAModelArePlannedWithOnlyWhenTold() throws IOException {
    Path labels = folder.resolve("drawn-for");
    succeed("segment", keys(labels));
    Path dataset = folder.resolve("mixed");
    succeed(
        "tile",
        "output.root=" + dataset,
        "input.scenes=" + root + "/images/scene-0000.tif",
        "input.labels=" + root + "/labels",
        "splits.block=1",
        "patch.size=32");
    succeed("train", TinyNetworks.with("output.root=" + dataset, "csebgan.steps=1"));
    succeed(
        "tile",
        "output.root=" + dataset,
        "input.scenes=" + root + "/images/scene-0001.tif",
        "input.labels=" + labels,
        "labels.source=predicted",
        "splits.block=1",
        "patch.size=32");
    Dataset<Row> patches = spark.read().parquet(dataset + "/run_id=*/patches");
    long labelled = patches.where("split = 'train' AND mask_source = 'labelled'").count();
    long predicted = patches.where("split = 'train' AND mask_source = 'predicted'").count();
    assertEquals(0, patches.where("mask_source = 'labelled' AND uncertainty IS NOT NULL").count());
    assertTrue(labelled > 0 && predicted > 0);

    assertTrue(succeed("plan", "output.root=" + dataset).contains("masks: " + labelled + "\n"));
    String any =
        succeed(
            "plan",
            "output.root=" + dataset,
            "plan.masks=any",
            "plan.target=real",
            "plan.count=" + (labelled + predicted),
            "plan.maxReuse=1",
            "plan.eps=1");
    assertTrue(any.contains("masks: " + (labelled + predicted) + " of"), any);
    String own = succeed("plan", "output.root=" + dataset, "plan.masks=predicted");
    assertTrue(own.contains("masks: " + predicted + "\n"), own);
    String run = own.substring(own.indexOf("run: ") + 5).split("\\s")[0];
    succeed(
        "synthesize",
        "output.root=" + dataset,
        "synthesize.plan=" + run,
        "model=" + trained(dataset));
    succeed("verify", "output.root=" + dataset);
    Dataset<Row> pairs = spark.read().parquet(dataset + "/run_id=*/pairs");
    assertEquals(predicted, pairs.count());
    assertEquals(predicted, pairs.where("scene_id = 'scene-0001'").count());
    // the labelled masks are not drawn for by that, and the predicted ones are
    assertTrue(
        succeed("plan", "output.root=" + dataset, "plan.copies=2")
            .contains("masks: " + labelled + "\n"));
    assertTrue(
        succeed("plan", "output.root=" + dataset, "plan.masks=predicted", "plan.copies=2")
            .contains("nothing new to plan"));
  }

  @Test
  void whatIsNoSegmenterIsRefused() {
    Ended demo = landloom("segment", keys(folder.resolve("demo"), "model=csebgan-demo"));
    assertEquals(2, demo.code(), demo.err());
    assertTrue(
        demo.err().contains("is csebgan, which is neither a segmenter nor a head"), demo.err());
    Ended wide = landloom("segment", keys(folder.resolve("wide"), "segment.overlap=17"));
    assertEquals(2, wide.code(), wide.err());
    assertTrue(wide.err().contains("overlap 17 is outside 0..16, half of a window"), wide.err());
    Ended bands = landloom("segment", keys(folder.resolve("bands"), "input.bands=[1]"));
    assertEquals(2, bands.code(), bands.err());
    assertTrue(bands.err().contains("reads 3 bands of uint8"), bands.err());
  }
}
