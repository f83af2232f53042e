package io.landloom.udf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LandloomExtensionsTest extends SqlTest {
  @ParameterizedTest
  @CsvSource({
    "0, gid15, unknown",
    "13, gid15, river",
    "255, mbrsc, unlabelled",
    "13Y, gid15, river",
    "13S, gid15, river",
    "13L, gid15, river"
  })
  void namesTheClassOfAnIndex(String index, String scheme, String name) {
    assertEquals(name, one("SELECT class_name(" + index + ", '" + scheme + "')").getString(0));
  }

  @Test
  void namesClassesOfRowsOfDifferentSchemes() {
    List<Row> rows =
        spark
            .sql(
                "SELECT class_name(index, scheme) AS name FROM VALUES (1, 'gid15'), (1, 'mbrsc'),"
                    + " (NULL, 'gid15'), (1, NULL) AS t(index, scheme)")
            .collectAsList();
    assertEquals(
        Arrays.asList("industrial land", "land", null, null),
        rows.stream().map(row -> row.getString(0)).collect(Collectors.toList()));
  }

  @Test
  void countsPixelsInTheOrderOfTheScheme() throws IOException {
    // 3 x 2 pixels: two of index 0, one of 4, three of 255, which is last in mbrsc
    byte[] mask = grayPng(new int[][] {{0, 255, 4}, {255, 255, 0}});
    Row row = one("SELECT class_pixels(X'" + hex(mask) + "', 'mbrsc')");
    assertEquals(List.of(2L, 0L, 0L, 0L, 1L, 3L), row.getList(0));
    assertEquals(
        DataTypes.createArrayType(DataTypes.LongType, false), row.schema().apply(0).dataType());
  }

  @Test
  void countsIndicesOfAPaletteNotItsColors() throws IOException {
    byte[] mask = palettePng(new int[][] {{1, 1}, {2, 5}});
    Row row = one("SELECT class_pixels(X'" + hex(mask) + "', 'gid5')");
    assertEquals(List.of(0L, 2L, 1L, 0L, 0L, 1L), row.getList(0));
  }

  @Test
  void readsAStructOfBytesAndPathAndKeepsNulls() throws IOException {
    StructType image =
        new StructType().add("bytes", DataTypes.BinaryType).add("path", DataTypes.StringType);
    byte[] mask = palettePng(new int[][] {{3, 3, 3}});
    spark
        .createDataFrame(
            List.of(
                RowFactory.create(1, RowFactory.create(mask, "a.png"), "gid5"),
                RowFactory.create(2, null, "gid5"),
                RowFactory.create(3, RowFactory.create(null, "c.png"), "gid5"),
                RowFactory.create(4, RowFactory.create(mask, "d.png"), null)),
            new StructType()
                .add("id", DataTypes.IntegerType)
                .add("mask", image)
                .add("scheme", DataTypes.StringType))
        .createOrReplaceTempView("masks");
    List<Row> rows =
        spark
            .sql("SELECT class_pixels(mask, scheme) AS pixels FROM masks ORDER BY id")
            .collectAsList();
    assertEquals(List.of(0L, 0L, 0L, 3L, 0L, 0L), rows.get(0).getList(0));
    assertTrue(rows.get(1).isNullAt(0));
    assertTrue(rows.get(2).isNullAt(0));
    assertTrue(rows.get(3).isNullAt(0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "class_name(NULL, 'gid15') | string",
        "class_name(1, NULL) | string",
        "class_name(CAST(NULL AS INT), 'gid15') | string",
        "class_pixels(NULL, 'gid15') | array<bigint>",
        "class_pixels(X'00', NULL) | array<bigint>",
        "class_pixels(CAST(NULL AS BINARY), 'gid15') | array<bigint>"
      })
  void givesNullOfTheSameTypeForNull(String call, String type) {
    Row row = one("SELECT " + call);
    assertTrue(row.isNullAt(0));
    assertEquals(type, row.schema().apply(0).dataType().simpleString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "class_name(1, 'gid16') | class_name: no scheme 'gid16'; known are gid15, gid5, loveda,"
            + " mbrsc, potsdam",
        "class_pixels(X'00', '../gid15') | class_pixels: no scheme '../gid15'; known are gid15,"
            + " gid5, loveda, mbrsc, potsdam",
        "class_name(1.5, 'gid15') | class_name: index is a whole number, not DECIMAL(2,1)",
        "class_name(1, 15) | class_name: scheme is a string, not INT",
        "class_pixels('abc', 'gid15') | class_pixels: mask is binary or a struct with the binary"
            + " field bytes, not STRING",
        "class_pixels(struct('a' AS bytes), 'gid15') | class_pixels: mask is binary or a struct"
            + " with the binary field bytes, not STRUCT<bytes: STRING>",
        "class_name(1) | class_name takes 2 arguments, got 1: class_name(index, scheme) - Returns"
            + " the name that a land-cover scheme gives to a class index."
      })
  void refusesWrongArgumentsWhenTheQueryIsAnalyzed(String call, String message) {
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> spark.sql("SELECT " + call));
    assertEquals(message, error.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "class_name(id, 'gid15') | class_name: scheme gid15 has no class index 4294967297",
        "class_name(1, concat('gid', id)) | class_name: no scheme 'gid4294967297'; known are"
            + " gid15, gid5, loveda, mbrsc, potsdam",
        "class_pixels(CAST(concat('no', id) AS BINARY), 'gid15') | class_pixels: PNG of 12 bytes:"
            + " is not a PNG"
      })
  void refusesWhatARowHoldsWithOneMessage(String call, String message) {
    assertEquals(message, refusal("SELECT " + call + " FROM range(4294967297, 4294967298)"));
  }

  @Test
  void refusesAMaskOfAnotherScheme() throws IOException {
    String mask = hex(palettePng(new int[][] {{9, 1, 9}}));
    assertEquals(
        "class_pixels: 2 pixels of class index 9, not in scheme gid5 v1 (6 classes)",
        refusal("SELECT class_pixels(X'" + mask + "', 'gid5') AS pixels"));
  }

  @Test
  void keepsItsExampleTrue() {
    String description = description("class_name");
    assertTrue(
        description.contains("> SELECT class_name(13, 'gid15');\n       river"), description);
    Row row = one("SELECT class_name(13, 'gid15')");
    assertEquals("river", row.getString(0));
    assertArrayEquals(new String[] {"class_name(13, gid15)"}, row.schema().fieldNames());
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static byte[] grayPng(int[][] rows) throws IOException {
    BufferedImage image =
        new BufferedImage(rows[0].length, rows.length, BufferedImage.TYPE_BYTE_GRAY);
    for (int y = 0; y < rows.length; y++) {
      for (int x = 0; x < rows[y].length; x++) {
        image.getRaster().setSample(x, y, 0, rows[y][x]);
      }
    }
    return png(image);
  }
}
