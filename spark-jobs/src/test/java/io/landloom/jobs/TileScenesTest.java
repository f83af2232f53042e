package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.geo.image.Raster;
import io.landloom.geo.scene.Georeference;
import io.landloom.geo.tiff.TiffWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** Counts and pixels of small scenes, known by construction. */
class TileScenesTest extends SparkTest {
  private String tile(String... more) {
    List<String> sets =
        new ArrayList<>(
            List.of(
                "output.root=" + folder.resolve("out"),
                "input.scenes=" + folder.resolve("images"),
                "input.labels=" + folder.resolve("labels"),
                "scheme=mbrsc",
                "patch.size=32"));
    sets.addAll(List.of(more));
    return succeed("tile", sets.toArray(String[]::new));
  }

  private List<Row> patches() {
    return spark
        .read()
        .parquet(folder + "/out/run_id=*/patches")
        .orderBy("scene_id", "row", "col")
        .collectAsList();
  }

  @Test
  void cutsImageAndMaskTogether() throws IOException {
    TestScenes.striped(folder, "a", 100, 70);
    tile();
    List<Row> rows = patches();
    assertEquals(2 * 3, rows.size());
    Row row = rows.get(4);
    assertEquals("a", row.getAs("scene_id"));
    assertEquals(1, row.<Integer>getAs("row"));
    assertEquals(1, row.<Integer>getAs("col"));
    var image =
        ImageIO.read(
            new ByteArrayInputStream(row.getStruct(row.fieldIndex("image")).getAs("bytes")));
    var mask =
        ImageIO.read(
            new ByteArrayInputStream(row.getStruct(row.fieldIndex("mask")).getAs("bytes")));
    for (int y = 0; y < 32; y++) {
      for (int x = 0; x < 32; x++) {
        assertEquals(TestScenes.texture(32 + x, 32 + y), image.getRGB(x, y) & 0xFFFFFF);
        int index = (32 + x) / 16 % 5;
        assertEquals(index, mask.getRaster().getSample(x, y, 0));
        assertEquals(TestScenes.color("mbrsc", index), mask.getRGB(x, y) & 0xFFFFFF);
      }
    }
    assertEquals(List.of(0L, 0L, 512L, 512L, 0L, 0L), row.getList(row.fieldIndex("class_pixels")));
    assertEquals(0.0, row.<Double>getAs("unknown_fraction"));
    assertTrue(row.isNullAt(row.fieldIndex("geometry")));
  }

  @Test
  void dropsPatchesWithTooMuchUnknownButCountsThem() {
    TestScenes.write(folder.resolve("images/a.png"), 64, 32, TestScenes::texture);
    // the left patch is 81.25 % unknown, the right one 78.125 %
    TestScenes.write(
        folder.resolve("labels/a.png"),
        64,
        32,
        (x, y) -> y < (x < 32 ? 26 : 25) ? 0x9B9B9B : 0xE2A929);
    String out = tile();
    assertTrue(out.contains("patches: 1 kept, 1 dropped {unknown=1}"), out);
    List<Row> dropped =
        spark
            .read()
            .parquet(folder + "/out/run_id=*/patch_classes")
            .where("NOT kept")
            .orderBy("class_index")
            .collectAsList();
    assertEquals(6, dropped.size());
    assertEquals(6 * 32, dropped.get(0).<Long>getAs("pixels"));
    assertEquals(1.0, dropped.get(0).<Double>getAs("proportion"));
    assertEquals(255, dropped.get(5).<Integer>getAs("class_index"));
    assertEquals(26 * 32, dropped.get(5).<Long>getAs("pixels"));
    assertTrue(dropped.get(5).isNullAt(dropped.get(5).fieldIndex("proportion")));
    assertEquals("unknown", dropped.get(5).getAs("drop_reason"));
  }

  @Test
  void keepsEveryPatchOfAnUnlabelledScene() {
    TestScenes.write(folder.resolve("images/a.jpg"), 64, 64, TestScenes::texture);
    tile("input.labels=none");
    List<Row> rows = patches();
    assertEquals(4, rows.size());
    assertTrue(rows.get(0).isNullAt(rows.get(0).fieldIndex("mask")));
    assertTrue(rows.get(0).isNullAt(rows.get(0).fieldIndex("class_pixels")));
    assertEquals(0, spark.read().parquet(folder + "/out/run_id=*/patch_classes").count());
    succeed("verify", "output.root=" + folder.resolve("out"), "scheme=mbrsc");
  }

  @Test
  void decodesIndexCodedLabelsAndNamedCodings() {
    TestScenes.write(folder.resolve("images/s/a.png"), 32, 32, TestScenes::texture);
    TestScenes.writeGray(
        folder.resolve("labels/s/a_15label.png"), 32, 32, (x, y) -> y < 8 ? 14 : 15);
    tile("scheme=gid15", "labels.coding=mtl15");
    Row row = patches().get(0);
    assertEquals("s/a", row.getAs("scene_id"));
    List<Long> pixels = row.getList(row.fieldIndex("class_pixels"));
    assertEquals(8 * 32L, pixels.get(15));
    assertEquals(24 * 32L, pixels.get(0));
  }

  @Test
  void placesPatchesOnTheGround() throws IOException {
    Path image = Files.createDirectories(folder.resolve("images")).resolve("a.tif");
    Georeference place =
        new Georeference("EPSG:32650", new double[] {500_000, 4, 0, 3_320_000, 0, -4});
    byte[] samples = new byte[64 * 32 * 3];
    try (TiffWriter writer =
        TiffWriter.create(image, TiffWriter.Options.of(64, 32, 3).withGeoreference(place))) {
      writer.writeRows(Raster.ofBytes(64, 32, 3, samples));
    }
    tile("input.labels=none");
    Row right = patches().get(1);
    assertEquals("EPSG:32650", right.getAs("crs"));
    assertEquals(
        List.of(500_128.0, 4.0, 0.0, 3_320_000.0, 0.0, -4.0),
        right.getList(right.fieldIndex("transform")));
    Row box = right.getStruct(right.fieldIndex("bbox"));
    // 128 m east of the central meridian of zone 50, 117 degrees east
    assertEquals(117.00133, box.<Double>getAs("xmin"), 2e-5);
    assertEquals(117.00265, box.<Double>getAs("xmax"), 2e-5);
    assertEquals(30.0, box.<Double>getAs("ymax"), 0.02);
  }

  @Test
  void cutsScenesIntoTheSamePatchesWhateverTheBuckets() {
    TestScenes.striped(folder, "a", 160, 160);
    TestScenes.striped(folder, "b", 96, 64);
    TestScenes.striped(folder, "c", 20, 400);
    tile();
    List<Row> expected = content("out");
    assertEquals(25 + 6, expected.size());
    succeed(
        "tile",
        "output.root=" + folder.resolve("other"),
        "input.scenes=" + folder.resolve("images"),
        "input.labels=" + folder.resolve("labels"),
        "scheme=mbrsc",
        "patch.size=32",
        "output.bucketRows=4",
        "run.partitions=3");
    assertEquals(expected, content("other"));
  }

  private List<Row> content(String output) {
    return spark
        .read()
        .parquet(folder + "/" + output + "/run_id=*/patches")
        .orderBy("scene_id", "row", "col")
        .selectExpr(
            "scene_id",
            "row",
            "col",
            "split",
            "base64(image.bytes)",
            "base64(mask.bytes)",
            "class_pixels",
            "source_checksum")
        .collectAsList();
  }

  @Test
  void takesTheSplitOfATable() throws IOException {
    TestScenes.striped(folder, "a", 64, 32);
    TestScenes.striped(folder, "b", 32, 32);
    Path table =
        Files.writeString(
            folder.resolve("splits.tsv"), "tile\tsplit\tgroup\na.png\tval\t1\nb\ttest\t2\n");
    tile("split=table:" + table);
    assertEquals(
        List.of("val", "val", "test"),
        patches().stream().map(row -> row.<String>getAs("split")).toList());
  }

  @Test
  void duckDbOpensTheTables() throws SQLException {
    TestScenes.striped(folder, "a", 160, 64);
    tile();
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement();
        ResultSet result =
            statement.executeQuery(
                "SELECT c.class_name, sum(c.pixels), min(octet_length(p.image.bytes)),"
                    + " min(p.mask.path) FROM read_parquet('"
                    + folder
                    + "/out/run_id=*/patch_classes/*.parquet', hive_partitioning = true) c JOIN"
                    + " read_parquet('"
                    + folder
                    + "/out/run_id=*/patches/*.parquet', hive_partitioning = true) p"
                    + " USING (run_id, scene_id, \"row\", col) GROUP BY 1 ORDER BY 1")) {
      List<String> rows = new ArrayList<>();
      while (result.next()) {
        assertTrue(result.getInt(3) > 100);
        assertEquals("a/0/0_mask.png", result.getString(4));
        rows.add(result.getString(1) + " " + result.getLong(2));
      }
      assertEquals(
          List.of(
              "building 2048",
              "land 2048",
              "road 2048",
              "unlabelled 0",
              "vegetation 2048",
              "water 2048"),
          rows);
    }
  }
}
