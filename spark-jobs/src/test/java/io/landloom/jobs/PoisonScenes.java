package io.landloom.jobs;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.landloom.geo.image.Raster;
import io.landloom.geo.tiff.TiffWriter;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;

/**
 * Tiles scenes of which one in twenty is bad, in five ways in turn; started by {@code
 * benchmarks/reliability/check}, in short by a test.
 */
final class PoisonScenes {
  private static final int SIDE = 64;
  private static final int PATCHES = 4;
  private static final int ONE_IN = 20;

  private PoisonScenes() {}

  /** Writes so many scenes, tiles them, and looks for what should not be there. */
  static void run(SparkSession spark, Path folder, int scenes, PrintStream out) throws IOException {
    Map<String, Integer> refused = new TreeMap<>();
    Set<String> good = new TreeSet<>();
    for (int i = 0; i < scenes; i++) {
      String name = String.format(Locale.ROOT, "scene-%05d", i);
      TestScenes.striped(folder, name, SIDE, SIDE);
      if (i % ONE_IN == 0) {
        refused.merge(spoil(folder, name, i / ONE_IN), 1, Integer::sum);
      } else {
        good.add(name);
      }
    }
    Path root = folder.resolve("dataset");
    SparkTest.succeed(
        "tile",
        "output.root=" + root,
        "input.scenes=" + folder.resolve("images"),
        "input.labels=" + folder.resolve("labels"),
        "input.badScenes=0.05",
        "scheme=mbrsc",
        "patch.size=32");
    Config record = record(root);
    Map<String, Integer> counted =
        record.getConfig("counts.refusedScenes").entrySet().stream()
            .collect(
                Collectors.toMap(
                    Map.Entry::getKey, e -> ((Number) e.getValue().unwrapped()).intValue()));
    require(counted.equals(refused), "refused " + counted + ", expected " + refused);
    for (String table : new String[] {"patches", "patch_classes"}) {
      Set<String> found =
          new TreeSet<>(
              spark
                  .read()
                  .parquet(root + "/run_id=*/" + table)
                  .select("scene_id")
                  .distinct()
                  .as(Encoders.STRING())
                  .collectAsList());
      require(found.equals(good), table + " holds other scenes than the good ones");
    }
    long written = spark.read().parquet(root + "/run_id=*/patches").count();
    require(written == (long) good.size() * PATCHES, written + " patches");
    require(record.getLong("counts.written") == written, "run.json counts other patches");
    require(record.getLong("counts.planned") == written, "planned is not written");
    SparkTest.succeed("verify", "output.root=" + root, "scheme=mbrsc");
    out.printf(
        Locale.ROOT,
        "%,d scenes, %d of them bad: %s; %,d patches of the good ones, none of the bad ones%n",
        scenes,
        scenes - good.size(),
        new TreeMap<>(counted),
        written);
  }

  /** Makes a scene bad, in one of five ways; gives the reason that it should be refused for. */
  private static String spoil(Path folder, String name, int way) throws IOException {
    Path image = folder.resolve("images/" + name + ".png");
    Path label = folder.resolve("labels/" + name + ".png");
    switch (way % 5) {
      case 0 -> {
        Files.writeString(image, "this is no image");
        return "unreadable";
      }
      case 1 -> {
        byte[] whole = Files.readAllBytes(image);
        Files.write(image, Arrays.copyOf(whole, whole.length / 2));
        return "unreadable";
      }
      case 2 -> {
        Files.delete(image);
        damaged(folder.resolve("images/" + name + ".tif"));
        return "unreadable";
      }
      case 3 -> {
        TestScenes.write(label, SIDE, SIDE, (x, y) -> y == SIDE - 1 ? 0x010203 : 0xE2A929);
        return "off-palette";
      }
      default -> {
        TestScenes.write(label, SIDE, SIDE / 2, (x, y) -> 0xE2A929);
        return "sizes-differ";
      }
    }
  }

  /** A scene with a hole in its strips: its header and first rows are good. */
  private static void damaged(Path file) throws IOException {
    TiffWriter.Options options =
        TiffWriter.Options.of(SIDE, SIDE, 3)
            .withLayout(new TiffWriter.Layout.Strips(8))
            .withCompression(TiffWriter.Compression.DEFLATE);
    try (TiffWriter writer = TiffWriter.create(file, options)) {
      for (int y = 0; y < SIDE; y++) {
        byte[] row = new byte[SIDE * 3];
        for (int i = 0; i < row.length; i++) {
          row[i] = (byte) (i * 31 + y * 17);
        }
        writer.writeRows(Raster.ofBytes(SIDE, 1, 3, row));
      }
    }
    byte[] whole = Files.readAllBytes(file);
    Arrays.fill(whole, whole.length / 2, whole.length * 3 / 4, (byte) 0);
    Files.write(file, whole);
  }

  private static Config record(Path root) throws IOException {
    try (Stream<Path> files = Files.list(root)) {
      Path run =
          files
              .filter(file -> file.getFileName().toString().startsWith("run_id=tile-"))
              .findFirst()
              .orElseThrow();
      return ConfigFactory.parseFile(run.resolve("run.json").toFile());
    }
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }
}
