package io.landloom.udf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code image_png} against what the JDK reads, and levels by hand. */
class ImagePngTest extends SqlTest {
  @TempDir static Path folder;
  private static byte[] stored;

  @BeforeAll
  static void patches() throws IOException {
    BufferedImage picture = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
    picture.setRGB(0, 0, 0x0A141E);
    picture.setRGB(1, 0, 0xFF0080);
    stored = png(picture);
    byte[] deep = deep(0, 1000, 2000, 4000, 4000, 500, 0, 60000);
    StructType image =
        new StructType().add("bytes", DataTypes.BinaryType).add("path", DataTypes.StringType);
    StructType row =
        new StructType()
            .add("id", DataTypes.StringType)
            .add("image", image)
            .add("mask", image)
            .add("width", DataTypes.IntegerType)
            .add("height", DataTypes.IntegerType)
            .add("bands", DataTypes.IntegerType)
            .add("dtype", DataTypes.StringType)
            .add("image_format", DataTypes.StringType);
    spark
        .createDataFrame(
            List.of(
                patch("png", stored, 2, 3, "uint8", "png"),
                patch("rgb", new byte[] {10, 20, 30, -1, 0, -128}, 2, 3, "uint8", "raw"),
                patch("gray", new byte[] {7, -56}, 2, 1, "uint8", "raw"),
                patch("deep", deep, 2, 4, "uint16", "raw"),
                patch("short", new byte[] {7}, 2, 1, "uint8", "raw"),
                patch("null", null, 2, 1, "uint8", "raw"),
                patch("undescribed", new byte[] {7, 8}, 2, 1, null, "raw"),
                patch("complex", new byte[] {7, 8}, 2, 1, "complex64", "raw"),
                patch("damaged", new byte[] {7, 8}, 2, 1, "uint8", "png")),
            row)
        .write()
        .parquet(folder.resolve("patches").toString());
    spark.read().parquet(folder.resolve("patches").toString()).createOrReplaceTempView("patches");
  }

  private static byte[] deep(int... samples) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * samples.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int sample : samples) {
      bytes.putShort((short) sample);
    }
    return bytes.array();
  }

  private static Row patch(
      String id, byte[] bytes, int width, int bands, String dtype, String format) {
    return RowFactory.create(
        id, RowFactory.create(bytes, "x"), null, width, 1, bands, dtype, format);
  }

  private static String of(String id, String more) {
    return "SELECT image_png(struct(*)" + more + ") FROM patches WHERE id = '" + id + "'";
  }

  private static int[] shown(String id, String more) throws IOException {
    BufferedImage picture =
        ImageIO.read(new ByteArrayInputStream((byte[]) one(of(id, more)).get(0)));
    int[] samples = new int[picture.getRaster().getNumBands() * 2];
    return picture.getRaster().getPixels(0, 0, 2, 1, samples);
  }

  @Test
  void aStoredPngIsReturnedAsItIs() {
    assertArrayEquals(stored, (byte[]) one(of("png", "")).get(0));
    assertArrayEquals(stored, (byte[]) one(of("png", ", NULL, NULL")).get(0));
  }

  @Test
  void rawSamplesBecomeGrayOrColours() throws IOException {
    assertArrayEquals(new int[] {10, 20, 30, 255, 0, 128}, shown("rgb", ""));
    assertArrayEquals(new int[] {7, 200}, shown("gray", ""));
  }

  @Test
  void bandsAreChosenFromOne() throws IOException {
    assertArrayEquals(new int[] {30, 20, 10, 128, 0, 255}, shown("rgb", ", array(3, 2, 1)"));
    assertArrayEquals(new int[] {20, 0}, shown("png", ", array(2)"));
    assertArrayEquals(new int[] {20, 0}, shown("png", ", array(2L)"));
  }

  @Test
  void aStretchMakesEightBits() throws IOException {
    // 255 x value / 4000, half up: 63.75, 127.5 and 31.875; beyond the end 255
    assertArrayEquals(
        new int[] {255, 128, 64, 255, 0, 32}, shown("deep", ", array(4, 3, 2), '0..4000'"));
    assertArrayEquals(new int[] {0, 0, 51, 255, 0, 255}, shown("rgb", ", NULL, '20..70'"));
  }

  @Test
  void rowsOfTheDataSourceHaveNoFormat() throws IOException {
    Row row =
        one(
            "SELECT image_png(named_struct('image', image.bytes, 'width', width, 'height', height,"
                + " 'bands', bands, 'dtype', dtype)) FROM patches WHERE id = 'gray'");
    BufferedImage picture = ImageIO.read(new ByteArrayInputStream((byte[]) row.get(0)));
    assertEquals(200, picture.getRaster().getSample(1, 0, 0));
  }

  @Test
  void onlyTheColumnsItNeedsAreRead() {
    String plan = spark.sql("EXPLAIN " + of("png", "")).first().getString(0);
    String read = plan.substring(plan.indexOf("ReadSchema:")).lines().findFirst().orElseThrow();
    assertTrue(read.contains("image:struct<bytes:binary>"), read);
    assertFalse(read.contains("mask"), read);
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "undescribed"})
  void isNullWhereTheImageOrWhatDescribesItIs(String id) {
    assertTrue(one(of(id, "")).isNullAt(0));
  }

  @Test
  void isNullOfTheSameTypeForNull() {
    Row row = one("SELECT image_png(NULL)");
    assertTrue(row.isNullAt(0));
    assertEquals(DataTypes.BinaryType, row.schema().apply(0).dataType());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "deep | \"\" | image_png: 4 bands, and a PNG shows one or three; choose with bands, such as"
            + " array(3, 2, 1)",
        "rgb | , array(1, 2) | image_png: 2 bands, and a PNG shows one or three; choose with bands,"
            + " such as array(3, 2, 1)",
        "deep | , array(1) | image_png: samples of uint16 need a stretch to 8 bits, such as"
            + " '0..4095'",
        "rgb | , array(0) | image_png: band 0 of an image of 3, numbered from 1",
        "rgb | , array(CAST(NULL AS INT)) | image_png: band null of an image of 3, numbered from 1",
        "rgb | , array(4) | image_png: band 4 of an image of 3, numbered from 1",
        "rgb | , array('a') | image_png: bands is an array of int, not ARRAY<STRING>",
        "rgb | , 1 | image_png: bands is an array of int, not INT",
        "rgb | , NULL, 5 | image_png: stretch is a string, not INT",
        "rgb | , NULL, 'keep' | image_png: stretch 'keep' is not MIN..MAX, such as 0..4095",
        "rgb | , NULL, concat('9..', id) | image_png: stretch '9..rgb' is not MIN..MAX, such as"
            + " 0..4095",
        "rgb | , NULL, '9..9' | image_png: stretch from 9.0 to 9.0: it needs a minimum below its"
            + " maximum",
        "short | \"\" | image_png: raster of 2 x 1 x 1 UINT8 over 1 bytes",
        "complex | \"\" | image_png: samples of complex64",
        "damaged | , array(1) | image_png: PNG of 2 bytes: is not a PNG"
      })
  void refusesWhatItCannotShow(String id, String more, String message) {
    assertEquals(message, refusal(of(id, more)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "image_png(1) | image_png: row is a struct with the fields image, width, height, bands and"
            + " dtype, such as struct(*), not INT",
        "image_png(named_struct('image', X'00', 'width', 1)) | image_png: row has no field height",
        "image_png(named_struct('image', 'a', 'width', 1)) | image_png: image is binary or a struct"
            + " with the binary field bytes, not STRING",
        "image_png(named_struct('image', X'00', 'width', 1L)) | image_png: width is INT, not"
            + " BIGINT",
        "image_png() | image_png takes 1 to 3 arguments, got 0: image_png(row [, bands [,"
            + " stretch]]) - Returns the image of a patch or pair as a PNG of 8 bits, whatever it"
            + " is stored as."
      })
  void refusesWrongArgumentsWhenTheQueryIsAnalyzed(String call, String message) {
    assertEquals(message, refusal("SELECT " + call));
  }

  @Test
  void describesItselfToAnalysts() {
    String description = description("image_png");
    assertTrue(description.contains("image_png(row [, bands [, stretch]]) - Returns the image"));
    assertTrue(description.contains("* stretch - string, MIN..MAX"), description);
    assertTrue(description.contains("Note:\n      Only the columns it needs are read."));
  }
}
