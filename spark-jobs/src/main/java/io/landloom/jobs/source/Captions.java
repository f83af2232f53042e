package io.landloom.jobs.source;

import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.Paths;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * What somebody, or a model that describes images, wrote about patches.
 *
 * @param byPatch captions in one line by {@code scene/row/col}
 */
public record Captions(SortedMap<String, String> byPatch) implements Serializable {
  /** Nobody wrote anything. */
  public static final Captions NONE = new Captions(new TreeMap<>());

  private static final String KEY = "captions.file";
  private static final List<String> COLUMNS = List.of("id", "text");
  private static final int MOST = 1_000_000;
  private static final int LONGEST = 1000;

  /** Copies the captions. */
  public Captions {
    byPatch = new TreeMap<>(byPatch); // not an unmodifiable view, which would be of its own class
  }

  /**
   * Reads a CSV file with the columns {@code id} and {@code text} below a heading, as RFC 4180 has
   * it.
   *
   * @param file of the key {@code captions.file}
   * @throws JobException if it is not there, has other columns, names a patch twice, or a caption
   *     is empty, longer than a thousand characters or of more than one line
   */
  public static Captions read(SparkSession spark, String file) throws IOException {
    Path path = Paths.of(KEY, file);
    Configuration configuration = spark.sparkContext().hadoopConfiguration();
    if (!path.getFileSystem(configuration).exists(path)) {
      throw refused(file, "no such file");
    }
    StructType heading =
        spark.read().option("header", true).option("escape", "\"").csv(path.toString()).schema();
    if (!Arrays.asList(heading.fieldNames()).equals(COLUMNS)) {
      throw refused(file, "its heading is not id,text");
    }
    SortedMap<String, String> captions = new TreeMap<>();
    Iterator<Row> rows =
        spark
            .read()
            .option("header", true)
            .option("escape", "\"")
            .option("multiLine", true)
            .schema(
                new StructType().add("id", DataTypes.StringType).add("text", DataTypes.StringType))
            .csv(path.toString())
            .toLocalIterator();
    while (rows.hasNext()) {
      Row row = rows.next();
      add(file, row.getString(0), row.getString(1), captions);
    }
    return new Captions(captions);
  }

  private static void add(String file, String id, String text, SortedMap<String, String> captions) {
    String which = "caption of " + (id == null ? "no patch" : "'" + id + "'");
    if (id == null || text == null || text.isBlank()) {
      throw refused(file, "the " + which + " is empty");
    }
    if (text.length() > LONGEST || text.chars().anyMatch(Character::isISOControl)) {
      throw refused(
          file, "the " + which + " is longer than " + LONGEST + " characters or not one line");
    }
    if (captions.put(id, text.strip()) != null) {
      throw refused(file, "there is a second " + which);
    }
    if (captions.size() > MOST) {
      throw refused(file, "more than " + MOST + " captions");
    }
  }

  private static JobException refused(String file, String why) {
    return JobException.user(KEY + " = " + file + ": " + why);
  }

  /** The caption of a patch; empty where nobody wrote one. */
  public String of(String scene, int row, int column) {
    return of(scene + "/" + row + "/" + column);
  }

  /** The caption of a condition; empty where nobody wrote one. */
  public String of(String condition) {
    return byPatch.getOrDefault(condition, "");
  }

  /** What tells these captions from others, to go on behind other keys; empty of none. */
  public String identity() {
    return byPatch.isEmpty() ? "" : " captions=" + digest();
  }

  private String digest() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byPatch.forEach(
          (id, text) -> digest.update((id + "\n" + text + "\n").getBytes(StandardCharsets.UTF_8)));
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
