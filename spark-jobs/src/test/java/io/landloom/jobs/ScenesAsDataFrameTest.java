package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.geo.image.Raster;
import io.landloom.geo.image.SampleType;
import io.landloom.geo.scene.Georeference;
import io.landloom.geo.tiff.TiffWriter;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import javax.imageio.ImageIO;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import scala.collection.JavaConverters;

/** The data source {@code landloom}: the same patches as {@code tile}'s, read only where needed. */
class ScenesAsDataFrameTest extends SparkTest {
  private static final int SIZE = 32;
  private static final String KEY = "scene_id, row, col";
  private static final Georeference PLACE =
      new Georeference("EPSG:32650", new double[] {500_000, 4, 0, 3_320_000, 0, -4});

  @BeforeEach
  void countReading() {
    spark
        .sparkContext()
        .hadoopConfiguration()
        .set("fs.counted.impl", CountedFileSystem.class.getName());
    CountedFileSystem.reset();
  }

  private DataFrameReader landloom() {
    return spark.read().format("landloom").option("scheme", "mbrsc").option("patchSize", SIZE);
  }

  /** The scenes below {@code images}, with what is read of them counted. */
  private Dataset<Row> counted() {
    return landloom()
        .option("labels", CountedFileSystem.ROOT + folder.resolve("labels").toString())
        .load(CountedFileSystem.ROOT + folder.resolve("images").toString());
  }

  private Dataset<Row> frame() {
    return landloom()
        .option("labels", folder.resolve("labels").toString())
        .load(folder.resolve("images").toString());
  }

  /** Two georeferenced TIFF scenes of 96 x 80 in strips of 8 rows, labels in tiles of 16. */
  private void tiffScenes() throws IOException {
    for (String name : List.of("a", "b")) {
      byte[] image = new byte[96 * 80 * 3];
      byte[] label = new byte[96 * 80];
      for (int i = 0; i < label.length; i++) {
        image[3 * i] = (byte) (i * 7);
        image[3 * i + 1] = (byte) (i / 96);
        image[3 * i + 2] = (byte) name.charAt(0);
        label[i] = (byte) (i % 96 / 16 % 5);
      }
      label[0] = (byte) 255;
      write(
          "images/" + name + ".tif",
          TiffWriter.Options.of(96, 80, 3)
              .withLayout(new TiffWriter.Layout.Strips(8))
              .withGeoreference(PLACE),
          Raster.ofBytes(96, 80, 3, image));
      write(
          "labels/" + name + ".tif",
          TiffWriter.Options.of(96, 80, 1).withLayout(new TiffWriter.Layout.Tiles(16)),
          Raster.ofBytes(96, 80, 1, label));
    }
  }

  private Path write(String name, TiffWriter.Options options, Raster raster) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    try (TiffWriter writer = TiffWriter.create(file, options)) {
      writer.writeRows(raster);
    }
    return file;
  }

  private void tile(String scheme) {
    succeed(
        "tile",
        "output.root=" + folder.resolve("out"),
        "input.scenes=" + folder.resolve("images"),
        "input.labels=" + folder.resolve("labels"),
        "scheme=" + scheme,
        "patch.size=" + SIZE,
        "patch.maxUnknown=1");
  }

  private Dataset<Row> patches() {
    return spark.read().parquet(folder + "/out/run_id=*/patches");
  }

  private static List<Row> sorted(Dataset<Row> frame, String... columns) {
    return frame.selectExpr(columns).orderBy("scene_id", "row", "col").collectAsList();
  }

  @Test
  void isTheSameAsPatchesInEveryColumnTheyShare() throws IOException {
    tiffScenes();
    TestScenes.striped(folder, "sub/c", 70, 40);
    tile("mbrsc");
    String[] shared = {
      "scene_id",
      "row",
      "col",
      "x",
      "y",
      "width",
      "height",
      "bands",
      "class_pixels",
      "unknown_fraction",
      "crs",
      "transform",
      "hex(geometry)",
      "bbox",
      "source_uri",
      "scheme"
    };
    List<Row> expected = sorted(patches(), shared);
    assertEquals(2 * 2 * 3 + 2, expected.size());
    assertEquals(expected, sorted(frame(), shared));
  }

  @Test
  void holdsThePixelsThatThePngsOfPatchesDecodeTo() throws IOException {
    succeed(
        "simulate",
        "output.root=" + folder,
        "simulate.scenes=1",
        "simulate.width=100",
        "simulate.height=70",
        "simulate.layout=striped",
        "simulate.compression=lzw");
    tile("gid15");
    List<Row> pngs = sorted(patches(), "scene_id", "row", "col", "image.bytes", "mask.bytes");
    List<Row> raw =
        sorted(
            frame()
                .sparkSession()
                .read()
                .format("landloom")
                .option("PatchSize", SIZE)
                .option("labels", folder.resolve("labels").toString())
                .load(folder.resolve("images").toString()),
            "scene_id",
            "row",
            "col",
            "image",
            "mask",
            "dtype");
    assertEquals(2 * 3, raw.size());
    for (int i = 0; i < raw.size(); i++) {
      assertEquals("uint8", raw.get(i).getString(5));
      assertArrayEquals(samples(pngs.get(i).getAs(3), 3), raw.get(i).getAs(3));
      assertArrayEquals(samples(pngs.get(i).getAs(4), 1), raw.get(i).getAs(4));
    }
  }

  /** The samples of a PNG as the JDK decodes them: rows from the top, bands by pixel, R first. */
  private static byte[] samples(byte[] png, int bands) throws IOException {
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
    byte[] samples = new byte[SIZE * SIZE * bands];
    for (int i = 0; i < samples.length; i++) {
      int pixel = i / bands;
      samples[i] =
          (byte) image.getRaster().getSample(pixel % SIZE, pixel / SIZE, bands == 1 ? 0 : i % 3);
    }
    return samples;
  }

  @Test
  void givesTheColoursOfAPaletteImage() throws IOException {
    int[] palette = new int[256];
    palette[3] = 0x102030;
    byte[] indices = new byte[32 * 32];
    Arrays.fill(indices, (byte) 3);
    write(
        "images/a.tif",
        TiffWriter.Options.of(32, 32, 1).withPalette(palette),
        Raster.ofBytes(32, 32, 1, indices));
    Row row =
        landloom()
            .option("labels", "none")
            .load(folder.resolve("images").toString())
            .select("bands", "image", "mask", "class_pixels", "unknown_fraction", "crs", "bbox")
            .head();
    assertEquals(3, row.getInt(0));
    assertArrayEquals(new byte[] {0x10, 0x20, 0x30}, Arrays.copyOf(row.<byte[]>getAs(1), 3));
    assertEquals(32 * 32 * 3, row.<byte[]>getAs(1).length);
    for (int column = 2; column < 7; column++) {
      assertTrue(row.isNullAt(column), row.toString());
    }
  }

  @Test
  void givesSixteenBitsAndAnyBandsAsTheyAreOrStretched() throws IOException {
    byte[] samples = new byte[32 * 32 * 4 * 2];
    for (int i = 0; i < samples.length / 2; i++) {
      int value = 100 * (i % 4); // bands 0, 100, 200, 300
      samples[2 * i] = (byte) value;
      samples[2 * i + 1] = (byte) (value >> 8);
    }
    write(
        "images/a.tif",
        TiffWriter.Options.of(32, 32, 4).withType(SampleType.UINT16),
        new Raster(32, 32, 4, SampleType.UINT16, samples));
    String images = folder.resolve("images").toString();
    DataFrameReader reader = landloom().option("labels", "none");
    Row kept = reader.load(images).select("bands", "dtype", "image").head();
    assertEquals(4, kept.getInt(0));
    assertEquals("uint16", kept.getString(1));
    assertArrayEquals(samples, kept.<byte[]>getAs(2));
    Row stretched =
        reader
            .option("bands", "4, 2")
            .option("stretch", "0..300")
            .load(images)
            .select("bands", "dtype", "image")
            .head();
    assertEquals(2, stretched.getInt(0));
    assertEquals("uint8", stretched.getString(1));
    // 300 of 300 and 100 of 300
    assertArrayEquals(
        new byte[] {(byte) 255, 85, (byte) 255, 85}, Arrays.copyOf(stretched.<byte[]>getAs(2), 4));
    assertEquals(
        "file:"
            + folder.resolve("images/a.tif")
            + ": bands = [5], but the scene has 4 bands; badScenes=skip leaves such scenes out",
        failure(landloom().option("labels", "none").option("bands", 5).load(images)));
  }

  @Test
  void hasASchemaThatNoFileDecides() {
    TestScenes.striped(folder, "a", 32, 32);
    assertEquals(
        "scene_id STRING NOT NULL,row INT NOT NULL,col INT NOT NULL,x INT NOT NULL,y INT NOT NULL,"
            + "width INT NOT NULL,height INT NOT NULL,bands INT NOT NULL,dtype STRING NOT NULL,"
            + "image BINARY NOT NULL,mask BINARY,class_pixels ARRAY<BIGINT>,"
            + "unknown_fraction DOUBLE,crs STRING,transform ARRAY<DOUBLE>,geometry BINARY,"
            + "bbox STRUCT<xmin: DOUBLE, ymin: DOUBLE, xmax: DOUBLE, ymax: DOUBLE>"
            + ",source_uri STRING NOT NULL,scheme STRING NOT NULL",
        counted().schema().toDDL());
    assertEquals(Map.of(), CountedFileSystem.opened());
  }

  @Test
  void findsLabelsBesideTheScenesAndBesideOneFile() throws IOException {
    TestScenes.striped(folder, "a", 64, 32);
    Path both = Files.createDirectories(folder.resolve("both"));
    Files.copy(folder.resolve("images/a.png"), both.resolve("a.png"));
    Files.copy(folder.resolve("labels/a.png"), both.resolve("a_label.png"));
    List<Row> expected = sorted(frame(), "scene_id", "row", "col", "class_pixels");
    assertEquals(List.of(512L, 512L, 0L, 0L, 0L, 0L), expected.get(0).getList(3));
    for (Path path : List.of(both, both.resolve("a.png"))) {
      Dataset<Row> beside = landloom().load(path.toString());
      assertEquals(expected, sorted(beside, "scene_id", "row", "col", "class_pixels"));
    }
    Dataset<Row> named = landloom().option("labelSuffixes", "_mask,_label").load(both.toString());
    assertEquals(expected, sorted(named, "scene_id", "row", "col", "class_pixels"));
  }

  @Test
  void readsHeadersOnceAndNoPixelForKeysAndPlaces() throws IOException {
    write(
        "both/a.tif",
        TiffWriter.Options.of(512, 512, 3).withGeoreference(PLACE),
        Raster.ofBytes(512, 512, 3, new byte[512 * 512 * 3]));
    write(
        "both/a_label.tif",
        TiffWriter.Options.of(512, 512, 1),
        Raster.ofBytes(512, 512, 1, new byte[512 * 512]));
    Dataset<Row> frame = toldApartAgain();
    assertEquals(16 * 16, frame.count());
    Map<String, Long> once = Map.of("a.tif", 1L, "a_label.tif", 1L);
    assertEquals(once, CountedFileSystem.opened());
    for (String file : once.keySet()) {
      long bytes = CountedFileSystem.bytes(file);
      // two windows of 16 KiB, about the file's beginning and its directory
      assertTrue(bytes > 0 && bytes <= 2 * 16 * 1024, bytes + " bytes of " + file);
    }
    List<Row> rows = sorted(frame, "scene_id", "row", "col", "x", "y", "bands", "dtype", "bbox");
    assertEquals(16 * 16, rows.size());
    assertEquals(once, CountedFileSystem.opened());
  }

  /** Files of other names for image and label, so that what is read of each is told apart. */
  private Dataset<Row> toldApart() throws IOException {
    tiffScenes();
    Path both = Files.createDirectories(folder.resolve("both"));
    Files.copy(folder.resolve("images/a.tif"), both.resolve("a.tif"));
    Files.copy(folder.resolve("labels/a.tif"), both.resolve("a_label.tif"));
    return landloom().load(CountedFileSystem.ROOT + both.toString());
  }

  @Test
  void readsNoBlockOfTheImageForClassCounts() throws IOException {
    Dataset<Row> frame = toldApart();
    assertEquals(6, frame.select("scene_id").collectAsList().size());
    long header = CountedFileSystem.bytes("a.tif");
    CountedFileSystem.reset();
    Row sums =
        frame
            .selectExpr("sum(class_pixels[1])", "sum(class_pixels[5])", "max(unknown_fraction)")
            .head();
    assertEquals(RowFactory.create(16L * 64, 1L, 1.0 / 1024), sums);
    assertFalse(CountedFileSystem.opened().containsKey("a.tif"));
    assertTrue(CountedFileSystem.bytes("a_label.tif") >= 96 * 64);
    CountedFileSystem.reset();
    // the first reading of all: headers of both, then blocks of the label only
    toldApartAgain().selectExpr("sum(class_pixels[1])").head();
    assertEquals(header, CountedFileSystem.bytes("a.tif"));
    assertEquals(1, CountedFileSystem.opened().get("a.tif"));
  }

  /** 7 is nodata: the upper quarter of the left patch holds no image. */
  @Test
  void takesPixelsWithoutImageForUnknownWhateverIsAskedFor() throws IOException {
    byte[] image = new byte[2 * SIZE * SIZE];
    for (int i = 0; i < image.length; i++) {
      image[i] = (byte) (i % (2 * SIZE) < SIZE && i / (2 * SIZE) < SIZE / 4 ? 7 : 9);
    }
    Files.createDirectories(folder.resolve("images"));
    TestTiff.write(
        folder.resolve("images/a.tif"), 2 * SIZE, SIZE, 1, new TestTiff.Samples(1, 8), "7", image);
    write(
        "labels/a.tif",
        TiffWriter.Options.of(2 * SIZE, SIZE, 1),
        Raster.ofBytes(2 * SIZE, SIZE, 1, new byte[2 * SIZE * SIZE]));
    List<Row> expected =
        List.of(RowFactory.create(0, 0.25, 3L * 256), RowFactory.create(1, 0.0, 4L * 256));
    String[] counts = {"col", "unknown_fraction", "array_max(class_pixels)"};
    assertEquals(expected, frame().selectExpr(counts).orderBy("col").collectAsList());
    assertEquals(
        expected,
        frame()
            .where("octet_length(image) = " + SIZE * SIZE)
            .selectExpr(counts)
            .orderBy("col")
            .collectAsList());
  }

  private Dataset<Row> toldApartAgain() {
    return landloom().load(CountedFileSystem.ROOT + folder.resolve("both").toString());
  }

  @Test
  void readsNoBlockOfTheLabelForImages() throws IOException {
    Dataset<Row> frame = toldApart();
    frame.count();
    CountedFileSystem.reset();
    long bytes = frame.selectExpr("sum(octet_length(image))").head().getLong(0);
    assertEquals(6 * SIZE * SIZE * 3, bytes);
    assertEquals(List.of("a.tif"), List.copyOf(CountedFileSystem.opened().keySet()));
    assertTrue(CountedFileSystem.bytes("a.tif") >= 96 * 64 * 3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "scene_id = 'b'",
        "scene_id IN ('b', 'none', null)",
        "scene_id LIKE 'b%'",
        "scene_id = 'b' AND unknown_fraction > 2",
        "(scene_id = 'b' OR scene_id = 'z') AND col < 2"
      })
  void opensNoFileOfAnotherScene(String filter) throws IOException {
    tiffScenes();
    counted().where(filter).select("scene_id", "row", "mask").collectAsList();
    assertEquals(List.of("b.tif"), List.copyOf(CountedFileSystem.opened().keySet()));
  }

  @Test
  void cutsOnlyTheRowsThatAreAskedFor() throws IOException {
    Dataset<Row> frame = toldApart();
    frame.count();
    CountedFileSystem.reset();
    frame.select("image").collectAsList();
    long all = CountedFileSystem.bytes("a.tif");
    CountedFileSystem.reset();
    assertEquals(3, frame.where("row >= 1").select("image").collectAsList().size());
    long header = 3000;
    assertTrue(
        CountedFileSystem.bytes("a.tif") <= all - 32 * 96 * 3 + header,
        CountedFileSystem.bytes("a.tif") + " of " + all);
  }

  @Test
  void opensNothingWhenNoSceneIsWantedOrOnlyThePlanIs() throws IOException {
    tiffScenes();
    assertEquals(0, counted().where("scene_id = 'none'").count());
    String plan = counted().where("scene_id = 'a' AND col = 1").queryExecution().toString();
    assertTrue(plan.contains("scene_id = a") || plan.contains("EqualTo(scene_id,a)"), plan);
    assertEquals(Map.of(), CountedFileSystem.opened());
  }

  @Test
  void filtersAsSparkDoes() throws IOException {
    tiffScenes();
    TestScenes.striped(folder, "B-c", 70, 100);
    Dataset<Row> frame = frame();
    List<Row> all =
        frame
            .select("scene_id", "row", "col", "unknown_fraction", "class_pixels", "crs")
            .collectAsList();
    Dataset<Row> oracle =
        spark.createDataFrame(
            all,
            frame
                .select("scene_id", "row", "col", "unknown_fraction", "class_pixels", "crs")
                .schema());
    List<String> predicates =
        List.of(
            "scene_id = 'a'",
            "scene_id = 'A'",
            "scene_id <=> 'a'",
            "scene_id != 'a'",
            "scene_id > 'a'",
            "scene_id >= 'B-c' AND scene_id < 'b'",
            "scene_id IN ('a', 'B-c', 'x')",
            "scene_id IN ('a', null)",
            "NOT (scene_id IN ('a', null))",
            "NOT scene_id IN ('a', 'b')",
            "scene_id LIKE 'B%'",
            "scene_id LIKE '%c'",
            "scene_id LIKE 'B_c'",
            "upper(scene_id) = 'A'",
            "row = 1",
            "row = 7",
            "row > 0 AND row < 2",
            "row BETWEEN 1 AND 2",
            "row <= 0",
            "row IN (0, 2)",
            "row > 0.5",
            "row = col",
            "col = 1 AND row < 2",
            "scene_id = 'a' OR row = 2",
            "scene_id = 'a' OR col = 1",
            "(scene_id = 'a' AND row = 0) OR (scene_id = 'b' AND row = 1)",
            "NOT (scene_id = 'a' AND row = 0)",
            "scene_id = 'a' AND unknown_fraction > 0",
            "unknown_fraction = 0 AND class_pixels[0] > 500",
            "crs IS NULL",
            "scene_id = source_uri",
            "scene_id = null",
            "false");
    for (String predicate : predicates) {
      if (predicate.contains("source_uri")) {
        assertEquals(0, frame.where(predicate).count());
        continue;
      }
      List<Row> expected = sorted(oracle.where(predicate), "scene_id", "row", "col");
      assertEquals(expected, sorted(frame.where(predicate), "scene_id", "row", "col"), predicate);
    }
  }

  @Test
  void makesAPartitionOfAGroupOfRowsOfPatches() throws IOException {
    strips("a", 96, 32 * 40);
    strips("b", 20, 20); // smaller than a patch
    assertEquals(40 * 3, unlabelled().count());
    // 120 patches over at least 32 partitions: 4 a partition, which is one row of patches
    assertEquals(40, unlabelled().rdd().getNumPartitions());
    assertEquals(2, unlabelled().where("row IN (3, 17)").rdd().getNumPartitions());
    strips("a", 96, 32 * 80);
    // 240 patches over at least 32 partitions: 8 a partition, which is two rows of patches
    assertEquals(40, unlabelled().rdd().getNumPartitions());
    assertEquals(80, partitions("partitionPatches", "1"));
    assertEquals(40, partitions("partitionPatches", "7"));
  }

  private void strips(String name, int width, int height) throws IOException {
    write(
        "images/" + name + ".tif",
        TiffWriter.Options.of(width, height, 1).withLayout(new TiffWriter.Layout.Strips(8)),
        Raster.ofBytes(width, height, 1, new byte[width * height]));
  }

  private Dataset<Row> unlabelled() {
    return landloom().option("labels", "none").load(folder.resolve("images").toString());
  }

  private int partitions(String option, String value) {
    return landloom()
        .option(option, value)
        .option("labels", "none")
        .load(folder.resolve("images").toString())
        .rdd()
        .getNumPartitions();
  }

  @Test
  void overlapsWithAStride() {
    TestScenes.striped(folder, "a", 64, 48);
    List<Row> rows =
        sorted(
            landloom()
                .option("stride", 16)
                .option("labels", folder.resolve("labels").toString())
                .load(folder.resolve("images").toString()),
            "scene_id",
            "row",
            "col",
            "x",
            "y",
            "class_pixels");
    assertEquals(2 * 3, rows.size());
    Row last = rows.get(5);
    assertEquals(List.of(32, 16), List.of(last.getInt(3), last.getInt(4)));
    assertEquals(List.of(0L, 0L, 512L, 512L, 0L, 0L), last.getList(5));
  }

  @Test
  void isAViewOfSql() throws IOException {
    tiffScenes();
    String labels = CountedFileSystem.ROOT + folder.resolve("labels").toString();
    String images = CountedFileSystem.ROOT + folder.resolve("images").toString();
    spark.sql(
        "CREATE OR REPLACE TEMPORARY VIEW scene_patches USING landloom OPTIONS (path '"
            + images
            + "', labels '"
            + labels
            + "', scheme 'mbrsc', patchSize '32')");
    assertEquals(Map.of(), CountedFileSystem.opened());
    assertEquals(
        counted().orderBy("scene_id", "row", "col").toJSON().collectAsList(),
        spark.sql("SELECT * FROM scene_patches ORDER BY " + KEY).toJSON().collectAsList());
    CountedFileSystem.reset();
    assertEquals(
        List.of(RowFactory.create("b", 6L, 1024L)),
        spark
            .sql(
                "SELECT scene_id, count(*), sum(class_pixels[1]) FROM scene_patches"
                    + " WHERE scene_id = 'b' AND col >= 0 GROUP BY scene_id")
            .collectAsList());
    assertFalse(CountedFileSystem.opened().containsKey("a.tif"));
    assertEquals(12, spark.sql("SELECT 1 FROM scene_patches").count());
  }

  @Test
  void estimatesItsSizeOnceHeadersAreKnown() throws IOException {
    tiffScenes();
    Dataset<Row> frame = frame();
    assertTrue(rows(frame.select("image")).isEmpty());
    frame.count();
    assertEquals(OptionalLong.of(12), rows(frame.select("image")));
    assertEquals(OptionalLong.of(3), rows(frame.where("scene_id = 'a' AND row = 1")));
    var statistics = frame.select("mask").queryExecution().optimizedPlan().stats();
    assertEquals("12288", statistics.sizeInBytes().toString()); // 12 masks of 32 x 32
  }

  private static OptionalLong rows(Dataset<Row> frame) {
    var rows = frame.queryExecution().optimizedPlan().stats().rowCount();
    return rows.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(Long.parseLong(rows.get().toString()));
  }

  @Test
  void aSceneThatIsNoneFailsTheQueryOrIsSkipped() throws IOException {
    tiffScenes();
    Files.writeString(folder.resolve("images/b.tif"), "this is no image");
    String message =
        "file:"
            + folder.resolve("images/b.tif")
            + ": not a TIFF, PNG or JPEG; badScenes=skip leaves such scenes out";
    assertEquals(message, failure(frame().select("row")));
    assertEquals(6, frame().where("scene_id = 'a'").count());
    assertEquals(6, skipping().count());
    assertEquals(6, skipping().select("image").collectAsList().size());
  }

  private Dataset<Row> skipping() {
    return landloom()
        .option("badScenes", "skip")
        .option("labels", folder.resolve("labels").toString())
        .load(folder.resolve("images").toString());
  }

  @Test
  void aDamagedBlockFailsTheQueryOrTheRowsThatNeedItAreSkipped() throws IOException {
    tiffScenes();
    byte[] samples = new byte[96 * 96 * 3];
    Path file =
        write(
            "images/b.tif",
            TiffWriter.Options.of(96, 80, 3)
                .withLayout(new TiffWriter.Layout.Strips(16))
                .withCompression(TiffWriter.Compression.DEFLATE),
            Raster.ofBytes(96, 80, 3, Arrays.copyOf(samples, 96 * 80 * 3)));
    byte[] bytes = Files.readAllBytes(file);
    corruptStrip(bytes, 2);
    Files.write(file, bytes);
    assertEquals(12, frame().count());
    String message = failure(frame().select("image"));
    assertTrue(message.startsWith("file:" + file + ": IFD 0: strip 2 "), message);
    assertTrue(message.endsWith("; badScenes=skip leaves such patches out"), message);
    Dataset<Row> skipping = skipping().select("scene_id", "row", "image");
    // rows 0..31 lie in strips 0 and 1, rows 32..63 need strip 2
    assertEquals(3, skipping.where("scene_id = 'b'").collectAsList().size());
    assertEquals(3, skipping.where("scene_id = 'b' AND row = 0").collectAsList().size());
    assertEquals(6, skipping.where("scene_id = 'a'").collectAsList().size());
    assertEquals(3, leftOut(skipping.where("scene_id = 'b'")));
  }

  /** Breaks the Deflate stream of a strip: its zlib header stays, all after it becomes 0xFF. */
  private static void corruptStrip(byte[] tiff, int strip) {
    List<Integer> starts = new ArrayList<>();
    for (int i = 8; i + 1 < tiff.length; i++) {
      int mark = (tiff[i] & 0xFF) << 8 | (tiff[i + 1] & 0xFF);
      boolean zlib = mark == 0x7801 || mark == 0x785E || mark == 0x789C || mark == 0x78DA;
      if (zlib) {
        starts.add(i);
      }
    }
    Arrays.fill(tiff, starts.get(strip) + 2, starts.get(strip) + 8, (byte) 0xFF);
  }

  /** The scan's own metric after a reading. */
  private static long leftOut(Dataset<Row> frame) {
    var plan = frame.queryExecution().executedPlan();
    plan.executeCollect();
    return JavaConverters.seqAsJavaList(plan.collectLeaves()).stream()
        .map(leaf -> leaf.metrics().get("patchesLeftOut"))
        .mapToLong(metric -> metric.get().value())
        .sum();
  }

  @Test
  void anOffPaletteValueFailsTheQueryOrBecomesUnknown() {
    TestScenes.striped(folder, "a", 32, 32);
    TestScenes.write(
        folder.resolve("labels/a.png"), 32, 32, (x, y) -> y == 0 && x < 3 ? 0x010203 : 0xE2A929);
    assertEquals(
        "file:"
            + folder.resolve("labels/a.png")
            + ": 3 pixels of rows 0..31 hold values that scheme mbrsc does not know: #010203 x 3;"
            + " set offPalette=unknown to take them as unknown;"
            + " badScenes=skip leaves such patches out",
        failure(frame().select("class_pixels")));
    Row row =
        landloom()
            .option("offPalette", "unknown")
            .option("labels", folder.resolve("labels").toString())
            .load(folder.resolve("images").toString())
            .select("unknown_fraction")
            .head();
    assertEquals(3.0 / 1024, row.getDouble(0));
  }

  /** The message of the exception at the end of the causes, which names what is wrong. */
  private static String failure(Dataset<Row> frame) {
    Throwable thrown = assertThrows(Exception.class, frame::collectAsList);
    while (thrown.getCause() != null && !thrown.getClass().getName().endsWith("JobException")) {
      thrown = thrown.getCause();
    }
    return thrown.getMessage();
  }

  private static String refusal(DataFrameReader reader, String... paths) {
    return assertThrows(RuntimeException.class, () -> reader.load(paths)).getMessage();
  }

  @Test
  void saysInOneLineWhatIsWrongWithALoad() throws IOException {
    TestScenes.striped(folder, "a", 32, 32);
    String images = folder.resolve("images").toString();
    assertEquals(
        "path = " + folder.resolve("none") + ": no such file or folder",
        refusal(landloom(), folder.resolve("none").toString()));
    assertEquals("path is not set; give load(FOLDER)", refusal(landloom()));
    assertEquals(
        "load takes one folder or file; make a union of several loads",
        refusal(landloom(), images, images));
    assertEquals(
        "1 of 1 scenes have no label in file:"
            + images
            + ": a; add the labels, or set labels=none to go without",
        refusal(landloom(), images));
    assertEquals(
        "labels = " + folder.resolve("none") + ": no such file or folder",
        refusal(landloom().option("labels", folder.resolve("none").toString()), images));
    assertEquals(
        "unknown option 'patch_size'; did you mean 'patchSize'?",
        refusal(landloom().option("patch_size", 32), images));
    assertEquals(
        "patchSize = big: expected a whole number from 1 to 16384",
        refusal(landloom().option("PATCHSIZE", "big"), images));
    assertEquals(
        "stride = -1: expected a whole number from 0 to 16384",
        refusal(landloom().option("stride", -1), images));
    assertEquals(
        "bands = 0: expected numbers from 1 to 64, as in 3,2,1",
        refusal(landloom().option("bands", 0), images));
    assertEquals(
        "stretch = min: expected keep, or MIN..MAX such as 0..4095",
        refusal(landloom().option("stretch", "min"), images));
    assertEquals(
        "badScenes = 0.5: expected one of fail, skip",
        refusal(landloom().option("badScenes", "0.5"), images));
    assertEquals(
        "offPalette = drop: expected one of fail, unknown",
        refusal(landloom().option("offPalette", "drop"), images));
    assertEquals(
        "scheme = gid16: scheme 'gid16': no such scheme; known are gid15, gid5, loveda, mbrsc,"
            + " potsdam, or a .conf file",
        refusal(landloom().option("scheme", "gid16"), images));
    assertEquals(
        "coding: scheme 'mbrsc': no label coding 'mtl15'; known are color, index",
        refusal(landloom().option("coding", "mtl15"), images));
    assertThrows(
        UnsupportedOperationException.class,
        () -> landloom().schema("scene_id string").load(images));
  }

  @Test
  void aViewSaysTheSameOfAMissingFolder() {
    Exception thrown =
        assertThrows(
            Exception.class,
            () ->
                spark.sql(
                    "CREATE TEMPORARY VIEW missing USING landloom OPTIONS (path '"
                        + folder.resolve("none")
                        + "')"));
    assertFalse(thrown instanceof AnalysisException, thrown.toString());
    assertEquals(
        "path = " + folder.resolve("none") + ": no such file or folder", thrown.getMessage());
  }

  @Test
  void aFileThatChangedSinceItsHeaderWasReadIsRefused() {
    TestScenes.striped(folder, "a", 64, 32);
    Dataset<Row> frame = frame();
    assertEquals(2, frame.count());
    TestScenes.striped(folder, "a", 32, 32);
    assertEquals(
        String.format(
            Locale.ROOT,
            "file:%s is 32 x 32, but the scene was 64 x 32 when its headers were read;"
                + " badScenes=skip leaves such patches out",
            folder.resolve("images/a.png")),
        failure(frame.select("image")));
  }

  @Test
  void aFileWhosePixelsChangedSinceItsHeaderWasReadIsRefused() throws IOException {
    strips("a", 64, 32);
    Dataset<Row> frame = unlabelled();
    Dataset<Row> chosen =
        landloom()
            .option("labels", "none")
            .option("bands", "1")
            .load(folder.resolve("images").toString());
    assertEquals(List.of(2L, 2L), List.of(frame.count(), chosen.count()));
    write(
        "images/a.tif",
        TiffWriter.Options.of(64, 32, 3).withType(SampleType.UINT16),
        new Raster(64, 32, 3, SampleType.UINT16, new byte[64 * 32 * 3 * 2]));
    String file = "file:" + folder.resolve("images/a.tif");
    String end = " when its headers were read; badScenes=skip leaves such patches out";
    assertEquals(
        file + " gives 3 bands of uint16, but the scene gave 1 band of uint8" + end,
        failure(frame.select("image")));
    assertEquals(
        file + " gives 1 band of uint16, but the scene gave 1 band of uint8" + end,
        failure(chosen.select("image")));
  }

  @Test
  void aFileThatLostTheBandsChosenSinceItsHeaderWasReadIsRefused() throws IOException {
    Path file =
        write(
            "images/a.tif",
            TiffWriter.Options.of(32, 32, 3),
            Raster.ofBytes(32, 32, 3, new byte[32 * 32 * 3]));
    Dataset<Row> frame =
        landloom()
            .option("labels", "none")
            .option("bands", "3")
            .load(folder.resolve("images").toString());
    assertEquals(1, frame.count());
    strips("a", 32, 32);
    assertEquals(
        "file:"
            + file
            + ": bands = [3], but the scene has 1 band; badScenes=skip leaves such patches out",
        failure(frame.select("image")));
  }

  @Test
  void aSceneLeftOutIsReadOnceAndStatisticsAreGivenWithoutIt() throws IOException {
    tiffScenes();
    Files.writeString(folder.resolve("images/b.tif"), "this is no image");
    Dataset<Row> frame =
        landloom()
            .option("badScenes", "skip")
            .option("labels", CountedFileSystem.ROOT + folder.resolve("labels").toString())
            .load(CountedFileSystem.ROOT + folder.resolve("images").toString());
    assertTrue(rows(frame.select("image")).isEmpty());
    assertEquals(6, frame.count());
    assertEquals(1, CountedFileSystem.opened().get("b.tif"));
    CountedFileSystem.reset();
    assertEquals(OptionalLong.of(6), rows(frame.select("image")));
    assertEquals(6, frame.count());
    assertEquals(Map.of(), CountedFileSystem.opened());
  }

  /** No CRS has the number 32699, so the scene's place cannot be told. */
  @Test
  void whichScenesAreRefusedDoesNotDependOnTheColumns() throws IOException {
    tiffScenes();
    write(
        "images/b.tif",
        TiffWriter.Options.of(96, 80, 3)
            .withGeoreference(new Georeference("EPSG:32699", PLACE.transform())),
        Raster.ofBytes(96, 80, 3, new byte[96 * 80 * 3]));
    String message =
        "file:"
            + folder.resolve("images/b.tif")
            + ": EPSG:32699: is not a CRS with a way to WGS 84; badScenes=skip leaves such scenes"
            + " out";
    for (String column : List.of("row", "image", "class_pixels", "geometry")) {
      assertEquals(message, failure(frame().select(column)), column);
      assertEquals(6, skipping().select(column).collectAsList().size(), column);
    }
    assertEquals(0, leftOut(skipping().select("bbox")));
    String[] sets = {
      "output.root=" + folder.resolve("out"),
      "input.scenes=" + folder.resolve("images"),
      "input.labels=" + folder.resolve("labels"),
      "input.badScenes=0.5",
      "scheme=mbrsc",
      "patch.size=" + SIZE,
      "patch.maxUnknown=1"
    };
    succeed("tile", sets);
    assertEquals(6, patches().count());
  }
}
