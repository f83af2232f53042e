package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.landloom.geo.image.Raster;
import io.landloom.geo.scene.Georeference;
import io.landloom.geo.tiff.TiffWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What DuckDB finds in the files: types, row groups, codecs, bounds and footers. */
class OutputContractTest extends SparkTest {
  private static final int WIDTH = 800;
  private static final int HEIGHT = 640;

  /** Patches of 8 pixels of a scene of 800 x 640, a hundredth of a degree a pixel. */
  private static String placed;

  @BeforeAll
  static void tile() throws IOException {
    Path image = Files.createDirectories(shared.resolve("images")).resolve("a.tif");
    Georeference place = new Georeference("EPSG:4326", new double[] {10, 0.01, 0, 50, 0, -0.01});
    byte[] samples = new byte[3 * WIDTH * HEIGHT];
    for (int pixel = 0; pixel < WIDTH * HEIGHT; pixel++) {
      int rgb = TestScenes.texture(pixel % WIDTH, pixel / WIDTH);
      samples[3 * pixel] = (byte) (rgb >> 16);
      samples[3 * pixel + 1] = (byte) (rgb >> 8);
      samples[3 * pixel + 2] = (byte) rgb;
    }
    TiffWriter.Options options = TiffWriter.Options.of(WIDTH, HEIGHT, 3).withGeoreference(place);
    try (TiffWriter writer = TiffWriter.create(image, options)) {
      writer.writeRows(Raster.ofBytes(WIDTH, HEIGHT, 3, samples));
    }
    TestScenes.writeGray(shared.resolve("labels/a.png"), WIDTH, HEIGHT, (x, y) -> x / 16 % 5);
    placed = shared.resolve("placed").toString();
    succeed(
        "tile",
        "output.root=" + placed,
        "input.scenes=" + shared.resolve("images"),
        "input.labels=" + shared.resolve("labels"),
        "labels.coding=index",
        "scheme=mbrsc",
        "patch.size=8");
  }

  private static List<String> query(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      int columns = result.getMetaData().getColumnCount();
      List<String> rows = new ArrayList<>();
      while (result.next()) {
        List<String> row = new ArrayList<>();
        for (int column = 1; column <= columns; column++) {
          row.add(result.getString(column));
        }
        rows.add(String.join(" ", row));
      }
      return rows;
    }
  }

  private static String files(String root, String table) {
    return "'" + root + "/run_id=*/" + table + "/*.parquet'";
  }

  private static String first(String root) throws SQLException {
    return "'" + query("SELECT min(file) FROM glob(" + files(root, "patches") + ")").get(0) + "'";
  }

  private static Map<String, String> footer(String root) throws SQLException {
    Map<String, String> footer = new TreeMap<>();
    String sql =
        "SELECT decode(key) || chr(9) || decode(value) FROM parquet_kv_metadata("
            + first(root)
            + ")";
    for (String entry : query(sql)) {
      footer.put(entry.substring(0, entry.indexOf('\t')), entry.substring(entry.indexOf('\t') + 1));
    }
    return footer;
  }

  /** Tiles a scene without a place of 64 x 32 pixels, in patches of 32. */
  private String plain(String... more) {
    TestScenes.striped(folder, "p", 64, 32);
    String root = folder.resolve("plain").toString();
    List<String> sets =
        new ArrayList<>(
            List.of(
                "output.root=" + root,
                "input.scenes=" + folder.resolve("images"),
                "input.labels=" + folder.resolve("labels"),
                "scheme=mbrsc",
                "patch.size=32"));
    sets.addAll(List.of(more));
    succeed("tile", sets.toArray(String[]::new));
    return root;
  }

  /** Every row group of a file holds so many rows; its last one may hold fewer. */
  private static void assertGroups(String root, int rows, int rowsOfAll) throws SQLException {
    Map<String, List<Integer>> groups = new TreeMap<>();
    String sql =
        "SELECT DISTINCT file_name, row_group_id, row_group_num_rows FROM parquet_metadata("
            + files(root, "patches")
            + ") ORDER BY ALL";
    for (String group : query(sql)) {
      String[] parts = group.split(" ");
      groups.computeIfAbsent(parts[0], file -> new ArrayList<>()).add(Integer.parseInt(parts[2]));
    }
    int found = 0;
    for (List<Integer> file : groups.values()) {
      int last = file.size() - 1;
      assertEquals(Collections.nCopies(last, rows), file.subList(0, last), groups.toString());
      assertTrue(file.get(last) <= rows, groups.toString());
      found += last * rows + file.get(last);
    }
    assertEquals(rowsOfAll, found);
    assertTrue(groups.values().stream().anyMatch(file -> file.size() > 1), groups.toString());
  }

  @Test
  void rowGroupsHoldAHundredRows() throws SQLException {
    assertGroups(placed, 100, 8000);
  }

  @Test
  void rowGroupsOfLargeImagesHoldFewerRows() throws SQLException {
    // 3 MiB of noise and a mask that zstd makes small: 11 of them are more than 32 MiB
    Random noise = new Random(1);
    TestScenes.write(
        folder.resolve("images/l.png"), 1043, 1024, (x, y) -> noise.nextInt() & 0xFFFFFF);
    TestScenes.writeGray(folder.resolve("labels/l.png"), 1043, 1024, (x, y) -> 1);
    String root = folder.resolve("large").toString();
    succeed(
        "tile",
        "output.root=" + root,
        "input.scenes=" + folder.resolve("images"),
        "input.labels=" + folder.resolve("labels"),
        "labels.coding=index",
        "scheme=mbrsc",
        "patch.size=1024",
        "patch.stride=1",
        "output.images=raw");
    assertGroups(root, 11, 20);
  }

  @Test
  void columnsHaveTheTypesThatReadersExpect() throws SQLException {
    List<String> types =
        query("SELECT column_name, column_type FROM (DESCRIBE FROM " + first(placed) + ")");
    assertTrue(types.contains("image STRUCT(bytes BLOB, path VARCHAR)"), types.toString());
    assertTrue(types.contains("mask STRUCT(bytes BLOB, path VARCHAR)"), types.toString());
    assertTrue(types.contains("class_pixels BIGINT[]"), types.toString());
    assertTrue(
        types.contains("bbox STRUCT(xmin DOUBLE, ymin DOUBLE, xmax DOUBLE, ymax DOUBLE)"),
        types.toString());
  }

  @Test
  void countsAddUpInSql() throws SQLException {
    assertEquals(
        List.of("8000 512000.0"),
        query(
            "SELECT count(*), sum(list_sum(class_pixels))::DOUBLE FROM "
                + files(placed, "patches")));
    assertEquals(
        List.of("48000 512000.0"),
        query("SELECT count(*), sum(pixels)::DOUBLE FROM " + files(placed, "patch_classes")));
  }

  @Test
  void boundsSelectPatches() throws SQLException {
    // ten columns and five rows of patches of 0.08 degrees
    assertEquals(
        List.of("50"),
        query(
            "SELECT count(*) FROM "
                + files(placed, "patches")
                + " WHERE bbox.xmax < 10.81 AND bbox.ymin > 49.59"));
  }

  @Test
  void theGeoFooterNamesOutlinesAndBounds() throws SQLException {
    Config geo = ConfigFactory.parseString(footer(placed).get("geo"));
    assertEquals("1.1.0", geo.getString("version"));
    assertEquals("geometry", geo.getString("primary_column"));
    Config column = geo.getConfig("columns.geometry");
    assertEquals("WKB", column.getString("encoding"));
    assertEquals(List.of("Polygon"), column.getStringList("geometry_types"));
    assertEquals(List.of("bbox", "ymax"), column.getStringList("covering.bbox.ymax"));
    assertFalse(column.hasPath("crs")); // absent is CRS84
    List<Double> bounds = column.getDoubleList("bbox");
    assertEquals(10, bounds.get(0), 1e-9);
    assertEquals(18, bounds.get(2), 1e-9);
    assertEquals(50, bounds.get(3), 1e-9);
    String sides = "SELECT min(bbox.ymin), max(\"row\") FROM " + first(placed);
    String[] south = query(sides).get(0).split(" ");
    assertEquals(Double.parseDouble(south[0]), bounds.get(1));
    assertEquals(50 - 0.08 * (1 + Integer.parseInt(south[1])), bounds.get(1), 1e-9);
  }

  @Test
  void aFileWithoutOutlinesStillHasAGeoFooter() throws SQLException {
    Config geo = ConfigFactory.parseString(footer(plain()).get("geo"));
    Config column = geo.getConfig("columns.geometry");
    assertEquals(List.of(), column.getStringList("geometry_types"));
    assertFalse(column.hasPath("bbox"));
  }

  @Test
  void theHuggingFaceFooterClaimsEveryColumn() throws SQLException {
    Config features =
        ConfigFactory.parseString(footer(placed).get("huggingface")).getConfig("info.features");
    assertEquals("Image", features.getString("image._type"));
    assertEquals("Image", features.getString("mask._type"));
    assertEquals("int32", features.getString("row.dtype"));
    assertEquals("string", features.getString("scene_id.dtype"));
    assertEquals("binary", features.getString("geometry.dtype"));
    assertEquals("float64", features.getString("bbox.xmin.dtype"));
    assertEquals("Sequence", features.getString("class_pixels._type"));
    assertEquals("int64", features.getString("class_pixels.feature.dtype"));
    List<String> columns =
        query(
            "SELECT column_name FROM (DESCRIBE FROM read_parquet("
                + first(placed)
                + ", hive_partitioning = false)) ORDER BY 1");
    assertEquals(columns, features.root().keySet().stream().sorted().toList());
  }

  @Test
  void onlyPngColumnsAreClaimedAsImages() throws SQLException {
    String root = plain("output.images=raw");
    Config features =
        ConfigFactory.parseString(footer(root).get("huggingface")).getConfig("info.features");
    assertEquals("binary", features.getString("image.bytes.dtype"));
    assertEquals("Image", features.getString("mask._type"));
    assertEquals(List.of("ZSTD"), codecs(root));
  }

  @Test
  void withoutPngsNothingIsClaimed() throws SQLException {
    String root = plain("output.images=raw", "output.masks=raw");
    assertFalse(footer(root).containsKey("huggingface"));
    assertTrue(footer(root).containsKey("geo"));
  }

  @Test
  void pngsAreNotCompressedAgain() throws SQLException {
    assertEquals(List.of("UNCOMPRESSED"), codecs(placed));
  }

  private static List<String> codecs(String root) throws SQLException {
    return query(
        "SELECT DISTINCT compression FROM parquet_metadata(" + files(root, "patches") + ")");
  }
}
