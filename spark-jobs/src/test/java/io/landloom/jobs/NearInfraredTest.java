package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** Scenes of four bands, near infrared the last, from tiling to report and export. */
class NearInfraredTest extends SparkTest {
  private static final int SIZE = 32;
  private static final int SIDE = 5 * SIZE;

  private String root() {
    return folder.resolve("dataset").toString();
  }

  private String job(String job, String... keys) {
    return succeed(job, with(keys));
  }

  private String[] with(String... keys) {
    List<String> all = new ArrayList<>(List.of("output.root=" + root(), "scheme=mbrsc"));
    all.addAll(Arrays.asList(keys));
    return all.toArray(String[]::new);
  }

  private void tile() {
    for (String scene : List.of("a", "b")) {
      byte[] content = new byte[4 * SIDE * SIDE];
      for (int pixel = 0; pixel < SIDE * SIDE; pixel++) {
        int rgb = TestScenes.texture(pixel % SIDE, pixel / SIDE);
        content[4 * pixel] = (byte) (rgb >> 16);
        content[4 * pixel + 1] = (byte) (rgb >> 8);
        content[4 * pixel + 2] = (byte) rgb;
        content[4 * pixel + 3] = (byte) (pixel % SIDE + pixel / SIDE);
      }
      // the labels' painter also writes an image of three bands, which is not wanted
      TestScenes.striped(folder.resolve("painted"), scene, SIDE, SIDE);
      TestTiff.write(
          folder.resolve("images/" + scene + ".tif"),
          SIDE,
          SIDE,
          4,
          new TestTiff.Samples(1, 8),
          null,
          content);
    }
    job(
        "tile",
        "input.scenes=" + folder.resolve("images"),
        "input.labels=" + folder.resolve("painted/labels"),
        "splits.block=1",
        "splits.shares=[1, 1, 1]",
        "patch.size=" + SIZE);
  }

  private String train(String model) throws IOException {
    List<String> keys = new ArrayList<>(Arrays.asList(TinyNetworks.of(model)));
    keys.addAll(
        List.of(
            model + ".bands=4", model + ".steps=2", "train.name=" + model, "train.sheetSteps=2"));
    job("train", keys.toArray(String[]::new));
    try (Stream<Path> runs = Files.list(Path.of(root()))) {
      for (Path run : runs.filter(path -> path.toString().contains("run_id=train-")).toList()) {
        if (Files.readString(run.resolve("bundle/card.json")).contains("\"" + model + "\"")) {
          return run.resolve("bundle").toString();
        }
      }
    }
    throw new AssertionError("no bundle of " + model);
  }

  @Test
  void aFourthBandIsLearntDrawnJudgedAndExported() throws IOException {
    tile();
    String model = train("csebgan");
    String segmenter = train("segmenter");
    String features = train("features");
    job("plan");
    job("synthesize", "model=" + model, "gates.leastRange=0", "gates.mostSaturated=1");

    List<Row> pairs = spark.read().parquet(root() + "/run_id=*/pairs").collectAsList();
    assertTrue(!pairs.isEmpty());
    for (Row pair : pairs) {
      assertEquals(4, pair.<Integer>getAs("bands"));
      assertEquals("raw", pair.getAs("image_format"));
      Row image = pair.getStruct(pair.fieldIndex("image"));
      assertEquals(4 * SIZE * SIZE, image.<byte[]>getAs("bytes").length);
      assertEquals(
          pair.getAs("condition") + "/" + pair.getAs("copy") + ".raw", image.getAs("path"));
    }
    job("verify");
    job("summarize");
    job("report");

    String out =
        job(
            "evaluate",
            "model=" + model,
            "evaluate.segmenter=" + segmenter,
            "evaluate.features=" + features,
            "evaluate.images=16",
            "evaluate.classifierSteps=2",
            "evaluate.regressionSteps=2",
            "evaluate.regressionWidth=2",
            "evaluate.diversityMasks=2",
            "evaluate.redrawMasks=2",
            "evaluate.copies=3",
            "evaluate.pairs=2");
    assertTrue(out.contains("Distance over that of real images, csebgan: "), out);

    Path exported = folder.resolve("exported");
    job("export", "export.format=webdataset", "export.to=" + exported, "export.scope=synthetic");
    try (Stream<Path> files = Files.list(exported)) {
      assertTrue(files.anyMatch(file -> file.toString().endsWith("000000.tar")));
    }
  }

  @Test
  void aModelOfThreeBandsLearnsNothingFromFour() {
    tile();
    Ended ended = landloom("train", with(TinyNetworks.of("csebgan")));
    assertEquals(2, ended.code(), ended.err());
    assertTrue(
        ended
            .err()
            .contains(
                "patches of 32 pixels and 4 bands of uint8, patch.size is 32 and the model learns"
                    + " from 3 bands of uint8; tile with input.bands and input.stretch to make them"
                    + " so"),
        ended.err());
  }
}
