package io.landloom.udf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The functions on masks, against counts of the pixels that the JDK decodes. */
class MasksOfPatchesTest extends SqlTest {
  private static final int MASKS = 1000;
  private static final int SIDE = 24;
  // mbrsc: five classes in this order, then unlabelled, as its definition file has them
  private static final int[] INDICES = {0, 1, 2, 3, 4, 255};
  private static final int[] COLORS = {0xE2A929, 0x8429F6, 0x6EC1E4, 0x3C1098, 0xFEDD3A, 0x9B9B9B};

  private static List<byte[]> pngs;

  @BeforeAll
  static void masks() throws IOException {
    long seed = System.nanoTime();
    System.out.println("MasksOfPatchesTest seed " + seed);
    Random random = new Random(seed);
    byte[] ramp = new byte[256];
    IndexColorModel palette = new IndexColorModel(8, 256, ramp, ramp, ramp);
    pngs = new ArrayList<>();
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < MASKS; i++) {
      BufferedImage mask = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_BYTE_INDEXED, palette);
      int from = random.nextInt(INDICES.length);
      for (int p = 0; p < SIDE * SIDE; p++) {
        int place = from + random.nextInt(INDICES.length - from);
        mask.getRaster().setSample(p % SIDE, p / SIDE, 0, INDICES[place]);
      }
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      ImageIO.write(mask, "png", bytes);
      pngs.add(bytes.toByteArray());
      rows.add(RowFactory.create(i, pngs.get(i)));
    }
    spark
        .createDataFrame(
            rows,
            new StructType().add("id", DataTypes.IntegerType).add("mask", DataTypes.BinaryType))
        .createOrReplaceTempView("patches");
  }

  /** Pixels of each class of a mask, counted in what the JDK decodes. */
  private static long[] counted(int id) throws IOException {
    BufferedImage mask = ImageIO.read(new ByteArrayInputStream(pngs.get(id)));
    long[] counts = new long[INDICES.length];
    for (int p = 0; p < SIDE * SIDE; p++) {
      int index = mask.getRaster().getSample(p % SIDE, p / SIDE, 0);
      for (int k = 0; k < INDICES.length; k++) {
        counts[k] += INDICES[k] == index ? 1 : 0;
      }
    }
    return counts;
  }

  @Test
  void countsAndSharesAreThoseOfTheDecodedPixels() throws IOException {
    List<Row> rows =
        spark
            .sql(
                "SELECT id, pixels, class_proportions(pixels, 'mbrsc') FROM (SELECT id,"
                    + " class_pixels(mask, 'mbrsc') AS pixels FROM patches) ORDER BY id")
            .collectAsList();
    assertEquals(MASKS, rows.size());
    for (Row row : rows) {
      long[] counts = counted(row.getInt(0));
      List<Long> pixels = row.getList(1);
      assertArrayEquals(counts, pixels.stream().mapToLong(Long::longValue).toArray());
      double valid = SIDE * SIDE - counts[5];
      List<Double> shares = row.getList(2);
      for (int k = 0; k < 5; k++) {
        if (valid == 0) {
          assertNull(shares.get(k));
        } else {
          assertEquals(counts[k] / valid, shares.get(k), 1e-15);
        }
      }
      assertNull(shares.get(5));
    }
  }

  @Test
  void picturesHaveTheColorsOfTheScheme() throws IOException {
    List<Row> rows =
        spark.sql("SELECT id, mask_color(mask, 'mbrsc') FROM patches ORDER BY id").collectAsList();
    for (Row row : rows) {
      BufferedImage mask = ImageIO.read(new ByteArrayInputStream(pngs.get(row.getInt(0))));
      BufferedImage picture = ImageIO.read(new ByteArrayInputStream((byte[]) row.get(1)));
      for (int p = 0; p < SIDE * SIDE; p++) {
        int index = mask.getRaster().getSample(p % SIDE, p / SIDE, 0);
        int color = COLORS[index == 255 ? 5 : index];
        assertEquals(color, picture.getRGB(p % SIDE, p / SIDE) & 0xFFFFFF, "mask " + row.get(0));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "class_pixels(mask, 'mbrsc')",
        "class_proportions(class_pixels(mask, 'mbrsc'), 'mbrsc')",
        "mask_color(mask, 'mbrsc')",
        "class_name(id % 5, 'mbrsc')"
      })
  void noFunctionShuffles(String call) {
    String plan = spark.sql("EXPLAIN SELECT id, " + call + " FROM patches").first().getString(0);
    assertFalse(plan.contains("Exchange"), plan);
  }

  @Test
  void sharesWithoutValidPixelsAndOfNullAreNull() {
    Row row =
        spark
            .sql(
                "SELECT class_proportions(array(9L, 0L, 0L, 0L, 0L, 0L), 'gid5'),"
                    + " class_proportions(array(50L, 25L, 75L, 0L, 0L, 0L), 'gid5'),"
                    + " class_proportions(CAST(NULL AS array<bigint>), 'gid5'),"
                    + " mask_color(CAST(NULL AS BINARY), 'gid5')")
            .first();
    assertEquals(java.util.Collections.nCopies(6, (Double) null), row.getList(0));
    assertEquals(java.util.Arrays.asList(null, 0.25, 0.75, 0.0, 0.0, 0.0), row.getList(1));
    assertNull(row.get(2));
    assertNull(row.get(3));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "class_proportions('abc', 'gid5') | class_proportions: pixels is an array of bigint, not"
            + " STRING",
        "class_proportions(array(1), 'gid5') | class_proportions: pixels is an array of bigint, not"
            + " ARRAY<INT>",
        "class_proportions(array(id), 'gid5') | class_proportions: 1 elements, scheme gid5 has 6"
            + " classes",
        "class_proportions(array(id, -1L, 0L, 0L, 0L, 0L), 'gid5') | class_proportions: element 1"
            + " is -1, not a number of pixels",
        "class_proportions(array(0L, id, 0L, 0L, 0L, CAST(NULL AS BIGINT)), 'gid5') |"
            + " class_proportions: element 5 is null, not a number of pixels",
        "class_proportions(array(id), 'gid6') | class_proportions: no scheme 'gid6'; known are"
            + " gid15, gid5, loveda, mbrsc, potsdam",
        "mask_color(CAST(concat('no', id) AS BINARY), 'gid15') | mask_color: PNG of 3 bytes: is"
            + " not a PNG",
        "mask_color(id, 'gid15') | mask_color: mask is binary or a struct with the binary field"
            + " bytes, not BIGINT"
      })
  void refusesWhatItCannotMean(String call, String message) {
    assertEquals(message, refusal("SELECT " + call + " FROM range(7, 8)"));
  }
}
