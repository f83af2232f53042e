package io.landloom.jobs;

import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.run.Bucket;
import io.landloom.jobs.run.RunId;
import io.landloom.jobs.run.RunRecord;
import io.landloom.jobs.table.EncodedImage;
import io.landloom.jobs.table.MaskSource;
import io.landloom.jobs.table.PatchRow;
import io.landloom.jobs.table.PatchesTable;
import io.landloom.jobs.table.PixelFormat;
import io.landloom.jobs.table.TableFile;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * Makes a dataset of so many labelled training masks without pixels, to plan over: {@code ManyMasks
 * FOLDER ROWS}; started by {@code benchmarks/planning/check}.
 *
 * <p>Rows, row groups and files are as {@code tile} writes them. A mask has up to three of the
 * classes of gid15, common ones far more often than rare ones, and three in ten have unknown
 * pixels.
 */
final class ManyMasks implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int FILE_ROWS = 65_536;
  private static final int SCENE_ROWS = 1024;
  private static final int SIDE = 256;

  private final LandCoverScheme scheme = LandCoverScheme.named("gid15");
  private final String folder;
  private final long rows;

  private ManyMasks(String folder, long rows) {
    this.folder = folder;
    this.rows = rows;
  }

  public static void main(String[] arguments) throws IOException {
    long rows = Long.parseLong(arguments[1]);
    RunId run = RunId.of("tile").with("masks", rows).build();
    Path made = Path.of(arguments[0], "run_id=" + run);
    Files.createDirectories(made.resolve(PatchesTable.NAME));
    ManyMasks masks = new ManyMasks(made.resolve(PatchesTable.NAME).toString(), rows);
    int files = (int) ((rows + FILE_ROWS - 1) / FILE_ROWS);
    try (SparkSession spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .getOrCreate()) {
      JavaSparkContext.fromSparkContext(spark.sparkContext())
          .parallelize(IntStream.range(0, files).boxed().toList(), files)
          .foreach(masks::write);
    }
    Files.writeString(made.resolve("run.json"), masks.record(run, files).json());
  }

  private RunRecord record(RunId run, int files) {
    Map<String, Object> fields = new TreeMap<>();
    fields.put(RunRecord.SCHEME, scheme.name());
    fields.put(RunRecord.SCHEME_DIGEST, RunRecord.digest(scheme));
    fields.put("patchSize", SIDE);
    fields.put("counts.planned", rows);
    fields.put("counts.written", rows);
    fields.put("counts.buckets", files);
    return new RunRecord(run, Instant.now().toString(), fields);
  }

  private void write(int file) throws IOException {
    SplittableRandom random = new SplittableRandom(file);
    EncodedImage nothing = new EncodedImage(new byte[1], "");
    long first = (long) file * FILE_ROWS;
    try (TableFile<PatchRow> table =
        TableFile.create(
            new PatchesTable(PixelFormat.PNG, PixelFormat.PNG),
            new org.apache.hadoop.fs.Path(folder, Bucket.fileName(file)),
            file,
            "made",
            Map.of(),
            new Configuration())) {
      for (long number = first; number < Math.min(rows, first + FILE_ROWS); number++) {
        table.append(row(number, counts(random), nothing));
      }
    }
  }

  private PatchRow row(long number, long[] counts, EncodedImage nothing) {
    int place = (int) (number % SCENE_ROWS);
    return new PatchRow(
        String.format(Locale.ROOT, "scene-%07d", number / SCENE_ROWS),
        place / 32,
        place % 32,
        SIDE * (place % 32),
        SIDE * (place / 32),
        "train",
        nothing,
        nothing,
        MaskSource.LABELLED,
        null,
        SIDE,
        SIDE,
        3,
        "uint8",
        counts,
        (double) counts[0] / (SIDE * SIDE),
        null,
        null,
        null,
        null,
        "none",
        "none",
        scheme.name());
  }

  /**
   * Up to three classes: the first is drawn a third of the time, the last three times in a hundred.
   */
  private long[] counts(SplittableRandom random) {
    long[] counts = new long[scheme.size()];
    long left = (long) SIDE * SIDE;
    if (random.nextDouble() < 0.3) {
      counts[0] = random.nextLong(left / 2);
      left -= counts[0];
    }
    for (int i = 0; i < 3; i++) {
      int k = 1 + (int) (15 * Math.pow(random.nextDouble(), 2.5));
      long pixels = i == 2 ? left : random.nextLong(left + 1);
      counts[k] += pixels;
      left -= pixels;
    }
    return counts;
  }
}
