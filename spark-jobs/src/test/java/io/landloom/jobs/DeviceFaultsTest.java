package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.synthesize.FakeGpus;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Devices that run out of memory or are lost, in jobs on a local master. */
class DeviceFaultsTest extends SparkTest {
  private static final int BATCH = 4;

  private static String root;
  private static String model;

  @BeforeAll
  static void planAndTrain() throws IOException {
    root = shared.resolve("dataset").toString();
    succeed(
        "simulate",
        "output.root=" + root,
        "simulate.width=640",
        "simulate.height=480",
        "simulate.block=64");
    succeed(
        "tile",
        "output.root=" + root,
        "input.scenes=" + root + "/images",
        "input.labels=" + root + "/labels",
        "splits.block=1",
        "output.bucketRows=120",
        "patch.size=32");
    succeed("train", TinyNetworks.with("output.root=" + root, "csebgan.steps=2"));
    model = run("train").resolve("bundle").toString();
    succeed("plan", "output.root=" + root);
  }

  private static Path run(String job) throws IOException {
    try (Stream<Path> files = Files.list(Path.of(root))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("run_id=" + job + "-"))
          .findFirst()
          .orElseThrow();
    }
  }

  /** Synthesizes and moves the run out of the dataset, which holds a plan's pairs once. */
  private static Config synthesize(FakeGpus gpus, String name, String... sets) throws IOException {
    List<String> keys =
        Stream.concat(
                Stream.of(
                    "output.root=" + root,
                    "model=" + model,
                    "synthesize.batch=" + BATCH,
                    "gates.leastRange=0",
                    "gates.mostSaturated=1"),
                Stream.of(sets))
            .toList();
    PrintStream silent = new PrintStream(OutputStream.nullOutputStream());
    new SynthesizePairs(gpus).run(new JobContext(spark, Settings.of(List.of(), keys), silent));
    Path moved = shared.resolve(name);
    Files.move(run("synthesize"), moved);
    return ConfigFactory.parseFile(moved.resolve("run.json").toFile());
  }

  private static List<Row> pairs(String name) {
    return spark
        .read()
        .parquet(shared.resolve(name).resolve("pairs").toString())
        .orderBy("condition", "copy")
        .selectExpr("condition", "copy", "draw", "device", "image.bytes")
        .collectAsList();
  }

  private static BufferedImage image(Row row) throws IOException {
    return ImageIO.read(new ByteArrayInputStream((byte[]) row.get(4)));
  }

  private static int largestDifference(BufferedImage one, BufferedImage other) {
    assertEquals(one.getWidth(), other.getWidth());
    assertEquals(one.getHeight(), other.getHeight());
    int largest = 0;
    for (int y = 0; y < one.getHeight(); y++) {
      for (int x = 0; x < one.getWidth(); x++) {
        for (int shift = 0; shift <= 16; shift += 8) {
          int a = one.getRGB(x, y) >> shift & 0xFF;
          int b = other.getRGB(x, y) >> shift & 0xFF;
          largest = Math.max(largest, Math.abs(a - b));
        }
      }
    }
    return largest;
  }

  @Test
  void noPairIsLostWhereOneBatchInTenRunsOutOfMemory() throws IOException {
    FakeGpus.DRAWN.set(0);
    Config whole = synthesize(new FakeGpus(0, ""), "whole");
    long before = FakeGpus.DRAWN.getAndSet(0);
    Config split = synthesize(new FakeGpus(10, ""), "split");
    long after = FakeGpus.DRAWN.get();
    long planned = whole.getLong("counts.planned");
    assertTrue(planned >= 100, planned + " pairs");
    assertEquals(0, whole.getLong("counts.batchSplits"));
    assertEquals(planned, split.getLong("counts.planned"));
    assertEquals(planned, split.getLong("counts.written"));
    assertEquals(planned, split.getLong("counts.draws"));
    assertEquals(before / BATCH / 10, split.getLong("counts.batchSplits"));
    assertTrue(after <= 1.25 * before, after + " images drawn instead of " + before);
    List<Row> expected = pairs("whole");
    List<Row> actual = pairs("split");
    assertEquals(planned, expected.size());
    assertEquals(planned, actual.size());
    for (int i = 0; i < planned; i++) {
      for (int column = 0; column < 4; column++) {
        assertEquals(expected.get(i).get(column), actual.get(i).get(column));
      }
      int difference = largestDifference(image(expected.get(i)), image(actual.get(i)));
      assertTrue(difference <= 1, actual.get(i).getString(0) + " differs by " + difference);
    }
  }

  @Test
  void aConditionThatFitsNoDeviceFailsTheJobByItsName() {
    JobException e =
        assertThrows(
            JobException.class,
            () -> synthesize(new FakeGpus(1, ""), "none", "run.seed=4", "synthesize.batch=1"));
    assertEquals(JobException.Kind.INFRA, e.kind());
    assertTrue(
        e.getMessage()
            .matches(
                "condition '[^']+/[0-9]+/[0-9]+' copy 0 draw 0 does not fit the device's memory even"
                    + " alone: CUDA out of memory\\. Tried to allocate 512\\.00 MiB\\. GPU 0 has a"
                    + " total capacity of 79\\.15 GiB of which 8\\.25 MiB is free; let fewer tasks"
                    + " share the device, or use one with more memory"),
        e.getMessage());
  }

  @Test
  void aDeviceLostByTheDriverFailsTheJobAndKeepsWhatIsStaged() {
    Path lost = shared.resolve("lost");
    JobException e =
        assertThrows(
            JobException.class,
            () -> synthesize(new FakeGpus(0, lost.toString()), "failed", "run.seed=2"));
    assertEquals(JobException.Kind.INFRA, e.kind());
    assertEquals(
        "the device of this task is lost: CUDA error: device-side assert triggered; start the job"
            + " again, it keeps what is staged",
        e.getMessage());
    assertTrue(Files.exists(Path.of(root, "_staging")));
  }

  @Test
  void gpusOfAStageAreRefusedOnALocalMasterInOneLine() {
    for (String job : List.of("synthesize", "train")) {
      Ended ended =
          landloom(job, TinyNetworks.with("output.root=" + root, "gpus.from=stage", "run.seed=3"));
      assertEquals(2, ended.code(), ended.err());
      assertEquals(
          "landloom: gpus.from = stage needs a cluster that starts executors, not master ="
              + " local[2]\n",
          ended.err());
    }
  }
}
