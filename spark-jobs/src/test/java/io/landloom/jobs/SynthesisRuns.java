package io.landloom.jobs;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.landloom.jobs.synthesize.Placement;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** A dataset with a plan and a small model, whose pairs are made again and again. */
final class SynthesisRuns {
  private static final int PATCHES_A_SCENE = 25;

  private final SparkSession spark;
  private final Path folder;
  private final String root;
  private final String model;

  /**
   * Tiles, trains and plans.
   *
   * @param folder an empty folder
   * @param least least pairs of the plan, one a mask
   */
  SynthesisRuns(SparkSession spark, Path folder, int least) throws IOException {
    this.spark = spark;
    this.folder = folder;
    this.root = folder.resolve("dataset").toString();
    for (int i = 0; i * PATCHES_A_SCENE < least; i++) {
      TestScenes.striped(folder, String.format("scene-%04d", i), 160, 160);
    }
    String output = "output.root=" + root;
    SparkTest.succeed(
        "tile",
        output,
        "input.scenes=" + folder.resolve("images"),
        "input.labels=" + folder.resolve("labels"),
        "scheme=mbrsc",
        "splits.shares=[1,0,0]",
        "output.bucketRows=500",
        "patch.size=32");
    SparkTest.succeed(
        "train",
        TinyNetworks.with(output, "scheme=mbrsc", "csebgan.steps=1", HdfsFaults.VISIBLE_NOISE));
    this.model = run("train").resolve("bundle").toString();
    SparkTest.succeed("plan", output, "scheme=mbrsc", "output.bucketRows=200");
  }

  /** The published run of a job. */
  Path run(String job) throws IOException {
    try (Stream<Path> files = Files.list(Path.of(root))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("run_id=" + job + "-"))
          .findFirst()
          .orElseThrow();
    }
  }

  /** The keys of a synthesis that no gate keeps anything back of. */
  String[] keys(String... more) {
    return Stream.concat(
            Stream.of(
                "output.root=" + root,
                "scheme=mbrsc",
                "model=" + model,
                "gates.leastRange=0",
                "gates.mostSaturated=1"),
            Stream.of(more))
        .toArray(String[]::new);
  }

  /** Synthesizes in this process; what it says is thrown away. */
  Outcome synthesize(Placement placement, String... more) throws IOException {
    PrintStream silent = new PrintStream(OutputStream.nullOutputStream());
    Settings settings = Settings.of(List.of(), List.of(keys(more)));
    return new SynthesizePairs(placement).run(new JobContext(spark, settings, silent));
  }

  /** Synthesizes, and moves the run out of the dataset, which holds a plan's pairs once. */
  Made make(String name, Placement placement, String... more) throws IOException {
    long start = System.nanoTime();
    synthesize(placement, more);
    double seconds = (System.nanoTime() - start) / 1e9;
    Path moved = folder.resolve(name);
    Files.move(run("synthesize"), moved);
    Config record = ConfigFactory.parseFile(moved.resolve("run.json").toFile());
    List<Row> rows =
        spark
            .read()
            .parquet(moved.resolve("pairs").toString())
            .orderBy("condition", "copy")
            .selectExpr("condition", "copy", "draw", "sha2(mask.bytes, 256)", "image.bytes")
            .collectAsList();
    return new Made(record, rows, seconds);
  }

  /**
   * A run.
   *
   * @param record its run.json
   * @param rows its pairs, in the order of their keys
   * @param seconds wall time of the job
   */
  record Made(Config record, List<Row> rows, double seconds) {
    private static final int IMAGE = 4;

    /** Compares with another run of the same plan. */
    Comparison with(Made other) throws IOException {
      if (rows.size() != other.rows.size()) {
        throw new IllegalStateException(rows.size() + " pairs and " + other.rows.size());
      }
      List<String> otherKeys = new ArrayList<>();
      int equal = 0;
      int close = 0;
      for (int i = 0; i < rows.size(); i++) {
        for (int column = 0; column < IMAGE; column++) {
          if (!rows.get(i).get(column).equals(other.rows.get(i).get(column))) {
            otherKeys.add(rows.get(i).getString(0));
          }
        }
        int difference = largestDifference(image(rows.get(i)), image(other.rows.get(i)));
        equal += difference == 0 ? 1 : 0;
        close += difference <= 1 ? 1 : 0;
      }
      return new Comparison(rows.size(), otherKeys, equal, close);
    }

    private static BufferedImage image(Row row) throws IOException {
      return ImageIO.read(new ByteArrayInputStream((byte[]) row.get(IMAGE)));
    }
  }

  /**
   * How the pairs of two runs compare.
   *
   * @param pairs pairs of each
   * @param otherKeys conditions whose key, copy, draw or mask differ
   * @param equal images that are the same
   * @param close images that differ by one grey level at most, those included
   */
  record Comparison(int pairs, List<String> otherKeys, int equal, int close) {
    /** Whether all keys and all noise are the same: other noise changes more than a grey level. */
    boolean isSame() {
      return otherKeys.isEmpty() && close == pairs;
    }
  }

  /** Largest difference of a sample of two RGB images of one size. */
  static int largestDifference(BufferedImage one, BufferedImage other) {
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
}
