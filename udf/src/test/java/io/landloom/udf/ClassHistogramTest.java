package io.landloom.udf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code class_histogram} against sums in plain Java of pixels that the test drew. */
class ClassHistogramTest extends SqlTest {
  private static final int MASKS = 600;
  private static final int CLASSES = 6;
  private static final int SCENES = 3;
  private static final int MANY = 200;
  private static final long[][] OF_SCENES = new long[SCENES][CLASSES];
  private static final long[][] OF_MANY = new long[MANY][CLASSES];

  @BeforeAll
  static void masks() throws IOException {
    long seed = System.nanoTime();
    System.out.println("ClassHistogramTest seed " + seed);
    Random random = new Random(seed);
    StructType image =
        new StructType().add("bytes", DataTypes.BinaryType).add("path", DataTypes.StringType);
    List<Row> rows = new ArrayList<>();
    for (int id = 0; id < MASKS; id++) {
      int[][] pixels = new int[3][5];
      Long[] counts = new Long[CLASSES];
      java.util.Arrays.fill(counts, 0L);
      for (int p = 0; p < 15; p++) {
        int index = random.nextInt(CLASSES); // of gid5, whose positions are its indices
        pixels[p % 3][p / 3] = index;
        counts[index]++;
      }
      boolean labelled = random.nextInt(8) > 0;
      for (int k = 0; labelled && k < CLASSES; k++) {
        OF_SCENES[id % SCENES][k] += counts[k];
        OF_MANY[id % MANY][k] += counts[k];
      }
      byte[] png = palettePng(pixels);
      rows.add(
          RowFactory.create(
              id,
              labelled ? RowFactory.create(png, "mask.png") : null,
              labelled ? png : null,
              labelled ? counts : null,
              "gid5"));
    }
    spark
        .createDataFrame(
            rows,
            new StructType()
                .add("id", DataTypes.IntegerType)
                .add("mask", image)
                .add("png", DataTypes.BinaryType)
                .add("class_pixels", DataTypes.createArrayType(DataTypes.LongType))
                .add("scheme", DataTypes.StringType))
        .repartition(7)
        .createOrReplaceTempView("patches");
  }

  private static long[] longs(Row row, int column) {
    List<Long> values = row.getList(column);
    return values.stream().mapToLong(Long::longValue).toArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"class_pixels", "mask", "png"})
  void sumsCountsAndMasksOverPartitions(String pixels) {
    String query =
        "SELECT id % 3, class_histogram(" + pixels + ", scheme) FROM patches GROUP BY id % 3";
    String plan = spark.sql("EXPLAIN " + query).first().getString(0);
    assertTrue(plan.contains("partial_class_histogram("), plan);
    List<Row> found = spark.sql(query).collectAsList();
    assertEquals(SCENES, found.size());
    for (Row row : found) {
      assertArrayEquals(OF_SCENES[row.getInt(0)], longs(row, 1));
    }
  }

  @Test
  void sumsMoreGroupsThanSparkHoldsObjectsOf() {
    // from 128 groups on Spark sorts, and sums go through their bytes
    List<Row> found =
        spark
            .sql(
                "SELECT id % 200, class_histogram(class_pixels, 'gid5') FROM patches GROUP BY id %"
                    + " 200")
            .collectAsList();
    assertEquals(MANY, found.size());
    for (Row row : found) {
      if (row.isNullAt(1)) {
        assertArrayEquals(new long[CLASSES], OF_MANY[row.getInt(0)]);
      } else {
        assertArrayEquals(OF_MANY[row.getInt(0)], longs(row, 1));
      }
    }
  }

  @Test
  void goesOnIntoSharesOverAWindowAndWithAFilter() {
    Row row =
        one(
            "SELECT class_proportions(class_histogram(pixels, 'gid5'), 'gid5'),"
                + " class_histogram(pixels, 'gid5') FILTER (WHERE id = 1) FROM VALUES (1,"
                + " array(9L, 1L, 0L, 0L, 0L, 0L)), (2, array(0L, 1L, 2L, 0L, 0L, 0L)) AS t(id,"
                + " pixels)");
    assertEquals(java.util.Arrays.asList(null, 0.5, 0.5, 0.0, 0.0, 0.0), row.getList(0));
    assertArrayEquals(new long[] {9, 1, 0, 0, 0, 0}, longs(row, 1));
    List<Row> running =
        spark
            .sql(
                "SELECT class_histogram(pixels, 'gid5') OVER (ORDER BY id) FROM VALUES (1,"
                    + " array(9L, 1L, 0L, 0L, 0L, 0L)), (2, array(0L, 1L, 2L, 0L, 0L, 0L)) AS"
                    + " t(id, pixels)")
            .collectAsList();
    assertArrayEquals(new long[] {9, 2, 2, 0, 0, 0}, longs(running.get(1), 0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "class_histogram(NULL, 'gid5') FROM range(3)",
        "class_histogram(array(1L), NULL) FROM range(3)",
        "class_histogram(CAST(NULL AS array<bigint>), 'gid5') FROM range(3)",
        "class_histogram(CAST(NULL AS binary), 'gid5') FROM range(3)",
        "class_histogram(array(1L), CAST(NULL AS string)) FROM range(3)",
        "class_histogram(array(id), 'gid5') FROM range(0)"
      })
  void isNullWhereThereIsNoMask(String call) {
    Row row = one("SELECT " + call);
    assertTrue(row.isNullAt(0), row.toString());
    assertEquals("array<bigint>", row.schema().apply(0).dataType().simpleString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "class_histogram(array(id), 'gid5') | class_histogram: 1 elements, scheme gid5 has 6"
            + " classes",
        "class_histogram(array(1L, 2L, -3L, 0L, 0L, id), 'gid5') | class_histogram: element 2 is"
            + " -3, not a number of pixels",
        "class_histogram(array(1L, CAST(NULL AS BIGINT), 0L, 0L, 0L, id), 'gid5') |"
            + " class_histogram: element 1 is null, not a number of pixels",
        "class_histogram(array(9223372036854775807L, 0L, 0L, 0L, 0L, id), 'gid5') |"
            + " class_histogram: element 0 exceeds 9223372036854775807 pixels",
        "class_histogram(array(id), 'gid6') | class_histogram: no scheme 'gid6'; known are gid15,"
            + " gid5, loveda, mbrsc, potsdam",
        "class_histogram(array(id), concat('gid', id)) | class_histogram: no scheme 'gid7'; known"
            + " are gid15, gid5, loveda, mbrsc, potsdam",
        "class_histogram(array(0L, 0L, 0L, 0L, 0L, id), if(id = 7, 'gid5', 'mbrsc')) |"
            + " class_histogram: masks of scheme gid5 and of scheme mbrsc in one group; group by"
            + " scheme",
        "class_histogram(array(1), 'gid5') | class_histogram: mask is binary or a struct with the"
            + " binary field bytes, not ARRAY<INT>",
        "class_histogram(array(1L), 5) | class_histogram: scheme is a string, not INT",
        "class_histogram(CAST(concat('no', id) AS BINARY), 'gid5') | class_pixels: PNG of 3 bytes:"
            + " is not a PNG",
        "class_histogram(array(1L)) | class_histogram takes 2 arguments, got 1:"
            + " class_histogram(pixels, scheme) - Returns how many pixels each class of a"
            + " land-cover scheme has over all masks of a group, in the scheme's order, unknown"
            + " included."
      })
  void refusesWhatItCannotMean(String call, String message) {
    assertEquals(message, refusal("SELECT " + call + " FROM range(7, 9, 1, 1)"));
  }

  @Test
  void masksOfTwoSchemesAreRefusedAcrossPartitionsToo() {
    String message =
        refusal(
            "SELECT class_histogram(array(0L, 0L, 0L, 0L, 0L, id), if(id = 7, 'gid5', 'mbrsc'))"
                + " FROM range(7, 9, 1, 2)");
    assertTrue(
        message.matches(
            "class_histogram: masks of scheme (gid5|mbrsc) and of scheme (gid5|mbrsc) in one group;"
                + " group by scheme"),
        message);
  }

  @Test
  void keepsItsExampleTrue() {
    String[] example = example("class_histogram");
    Row row = one(example[0]);
    assertEquals(example[1], row.getList(0).toString().replace(" ", ""));
    assertArrayEquals(new String[] {"class_histogram(pixels, gid5)"}, row.schema().fieldNames());
    assertTrue(description("class_histogram").contains("Note:\n      An aggregate."));
  }
}
