package io.landloom.udf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;

/**
 * Tests that ask a session with Landloom's functions: one for all of them, which ends with the JVM.
 */
abstract class SqlTest {
  static SparkSession spark;

  @BeforeAll
  static void start() {
    spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.sql.extensions", LandloomExtensions.class.getName())
            .config("spark.ui.enabled", false)
            .config("spark.sql.shuffle.partitions", 2)
            .getOrCreate();
  }

  /** The only row of a query. */
  static Row one(String query) {
    List<Row> rows = spark.sql(query).collectAsList();
    assertEquals(1, rows.size());
    return rows.get(0);
  }

  /** What a function says against a query, below what Spark wraps around it. */
  static String refusal(String query) {
    Throwable cause = assertThrows(Exception.class, () -> spark.sql(query).collect());
    while (!(cause instanceof IllegalArgumentException) && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getMessage();
  }

  /** What DESCRIBE FUNCTION EXTENDED says. */
  static String description(String function) {
    return spark.sql("DESCRIBE FUNCTION EXTENDED " + function).collectAsList().stream()
        .map(row -> row.getString(0))
        .collect(Collectors.joining("\n"));
  }

  /** The query that a description gives as its example, and what it says the result is. */
  static String[] example(String function) {
    String text = description(function);
    int from = text.indexOf("> SELECT") + 2;
    int to = text.indexOf(";\n", from);
    String result = text.substring(to + 2).strip().lines().findFirst().orElseThrow();
    return new String[] {text.substring(from, to), result};
  }

  /** A mask as the JDK writes palettes, whose colours run against the indices. */
  static byte[] palettePng(int[][] rows) throws IOException {
    byte[] ramp = new byte[256];
    for (int i = 0; i < ramp.length; i++) {
      ramp[i] = (byte) (255 - i);
    }
    IndexColorModel palette = new IndexColorModel(8, 256, ramp, ramp, ramp);
    BufferedImage image =
        new BufferedImage(rows[0].length, rows.length, BufferedImage.TYPE_BYTE_INDEXED, palette);
    for (int y = 0; y < rows.length; y++) {
      for (int x = 0; x < rows[y].length; x++) {
        image.getRaster().setSample(x, y, 0, rows[y][x]);
      }
    }
    return png(image);
  }

  /** A picture as the JDK writes it. */
  static byte[] png(BufferedImage image) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    assertTrue(ImageIO.write(image, "png", bytes));
    return bytes.toByteArray();
  }
}
