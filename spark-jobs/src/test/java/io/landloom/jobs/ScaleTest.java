package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.landloom.geo.image.Raster;
import io.landloom.geo.tiff.TiffWriter;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code tile} at its extremes: scenes without a patch, very many scenes, one very large scene. */
class ScaleTest extends SparkTest {
  private List<String> keys(String... more) {
    List<String> sets =
        new ArrayList<>(
            List.of(
                "output.root=" + folder.resolve("out"),
                "input.scenes=" + folder.resolve("images"),
                "input.labels=" + folder.resolve("labels"),
                "scheme=mbrsc",
                "patch.size=32"));
    sets.addAll(List.of(more));
    return sets;
  }

  private Ended tile(String... more) {
    return landloom("tile", keys(more).toArray(String[]::new));
  }

  private Config record() throws IOException {
    try (Stream<Path> runs = Files.list(folder.resolve("out"))) {
      Path run =
          runs.filter(p -> p.getFileName().toString().startsWith("run_id=")).findFirst().get();
      return ConfigFactory.parseString(Files.readString(run.resolve("run.json")));
    }
  }

  @Test
  void scenesWithoutAPatchAreNamedAndCountedAndTheOthersTiled() throws IOException {
    TestScenes.striped(folder, "large", 70, 64);
    TestScenes.striped(folder, "low", 200, 31);
    TestScenes.striped(folder, "narrow", 31, 200);
    TestScenes.striped(folder, "point", 1, 1);
    Ended ended = tile();
    assertEquals(0, ended.code(), ended.err());
    assertTrue(
        ended
            .out()
            .contains(
                "3 scenes are smaller than patch.size = 32 and give no patch: low (200 x 31),"
                    + " narrow (31 x 200), point (1 x 1)\n"),
        ended.out());
    Config counts = record().getConfig("counts");
    assertEquals(1, counts.getInt("scenes"));
    assertEquals(3, counts.getInt("scenesSmallerThanAPatch"));
    assertEquals(4, counts.getInt("planned"));
    assertEquals(4, counts.getInt("written"));
    assertEquals(
        List.of("large"),
        spark
            .read()
            .parquet(folder + "/out/run_id=*/patches")
            .select("scene_id")
            .distinct()
            .collectAsList()
            .stream()
            .map(row -> row.getString(0))
            .toList());
    succeed("verify", "output.root=" + folder.resolve("out"), "scheme=mbrsc");
  }

  @Test
  void aRunWithoutAnyPatchIsRefusedByTheNamesOfItsScenes() throws IOException {
    for (int i = 0; i < 23; i++) {
      TestScenes.striped(folder, String.format(Locale.ROOT, "s%02d", i), 8, 40);
    }
    Ended ended = tile();
    assertEquals(2, ended.code());
    assertTrue(
        ended.err().contains("none of 23 scenes is as large as patch.size = 32: s00 (8 x 40), s01"),
        ended.err());
    assertTrue(ended.err().contains("s19 (8 x 40), and 3 more"), ended.err());
    try (Stream<Path> left = Files.list(folder.resolve("out"))) {
      assertEquals(
          List.of("_outcomes"), left.map(p -> p.getFileName().toString()).sorted().toList());
    }
  }

  @Test
  void manySmallScenesShareAFewFiles() throws IOException {
    int scenes = 400;
    TestScenes.striped(folder, "s0000", 40, 33);
    for (int i = 1; i < scenes; i++) {
      for (String kind : List.of("images", "labels")) {
        Files.copy(
            folder.resolve(kind + "/s0000.png"),
            folder.resolve(String.format(Locale.ROOT, "%s/s%04d.png", kind, i)));
      }
    }
    Ended ended = tile();
    assertEquals(0, ended.code(), ended.err());
    Config record = record();
    assertEquals(scenes, record.getInt("counts.written"));
    // 13 patches a file make 31 of them: neither one a scene nor one for all
    assertEquals(31, record.getInt("counts.buckets"));
    int size = record.withoutPath("config").root().render().length();
    assertTrue(size < 4_000, "run.json of " + size + " characters does not grow with scenes");
    assertEquals(
        scenes,
        spark
            .read()
            .parquet(folder + "/out/run_id=*/patches")
            .select("scene_id")
            .distinct()
            .count());
  }

  /** Writes rows of one colour each, 8192 pixels wide, which compress well. */
  private static void writeWide(Path file, int height, IntUnaryOperator colorOfRow)
      throws IOException {
    Files.createDirectories(file.getParent());
    TiffWriter.Options options =
        TiffWriter.Options.of(8192, height, 3)
            .withLayout(new TiffWriter.Layout.Tiles(512))
            .withCompression(TiffWriter.Compression.LZW);
    byte[] row = new byte[8192 * 3];
    try (TiffWriter writer = TiffWriter.create(file, options)) {
      for (int y = 0; y < height; y++) {
        int color = colorOfRow.applyAsInt(y);
        for (int i = 0; i < row.length; i += 3) {
          row[i] = (byte) (color >> 16);
          row[i + 1] = (byte) (color >> 8);
          row[i + 2] = (byte) color;
        }
        writer.writeRows(Raster.ofBytes(8192, 1, 3, row.clone()));
      }
    }
  }

  @Test
  void aSceneThatIsLargerThanTheHeapIsTiledInIt() throws IOException, InterruptedException {
    // 384 MiB each when decoded
    int[] colors = {TestScenes.color("mbrsc", 1), TestScenes.color("mbrsc", 3)};
    writeWide(folder.resolve("images/large.tif"), 16_384, y -> y * 7);
    writeWide(folder.resolve("labels/large.tif"), 16_384, y -> colors[y / 1000 % 2]);
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx288m",
                "-XX:+ExitOnOutOfMemoryError",
                "-Djava.awt.headless=true",
                // what Spark itself asks to have is more than this test gives
                "-Dspark.testing.reservedMemory=" + (32 << 20),
                "-Dspark.ui.enabled=false",
                "-Dspark.driver.host=127.0.0.1",
                "-Dspark.driver.bindAddress=127.0.0.1"));
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--add-opens"))
        .forEach(command::add);
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), Main.class.getName(), "tile"));
    for (String set : keys("patch.size=512", "master=local[1]")) {
      command.add("--set");
      command.add(set);
    }
    File said = folder.resolve("said.txt").toFile();
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said).start();
    try {
      assertTrue(process.waitFor(10, TimeUnit.MINUTES), "still running");
    } finally {
      process.destroyForcibly();
    }
    String out = Files.readString(said.toPath(), StandardCharsets.UTF_8);
    assertEquals(0, process.exitValue(), out);
    assertEquals(16 * 32, record().getInt("counts.written"));
  }
}
