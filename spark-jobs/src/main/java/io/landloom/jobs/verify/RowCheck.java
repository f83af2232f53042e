package io.landloom.jobs.verify;

import io.landloom.geo.landcover.ClassCounts;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.table.PixelDecoder;
import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.apache.spark.sql.Row;

/** Decodes a row of {@code patches} or {@code pairs} and compares it with what it says. */
public final class RowCheck {
  /** The columns a check needs. */
  public static final List<String> COLUMNS =
      List.of(
          "scene_id",
          "row",
          "col",
          "image",
          "mask",
          "width",
          "height",
          "bands",
          "dtype",
          "image_format",
          "mask_format",
          "class_pixels");

  private final PixelDecoder pixels = new PixelDecoder();
  private final LandCoverScheme scheme;

  /** A check against a scheme. */
  public RowCheck(LandCoverScheme scheme) {
    this.scheme = scheme;
  }

  /**
   * Rows of a part with one kind of problem.
   *
   * @param reason short name of the problem
   * @param count how many rows
   * @param example where and what, of the first one
   */
  public record Finding(String reason, long count, String example) implements Serializable {}

  /**
   * Checks the rows of a part; what comes back does not grow with them.
   *
   * @param checked receives the number of rows, one by one
   */
  public static Iterator<Finding> all(
      LandCoverScheme scheme, Iterator<Row> rows, LongConsumer checked) {
    RowCheck check = new RowCheck(scheme);
    Map<String, Finding> findings = new TreeMap<>();
    while (rows.hasNext()) {
      Optional<String> problem = check.problem(rows.next());
      if (problem.isPresent()) {
        int space = problem.get().indexOf(' ');
        String reason = problem.get().substring(0, space);
        findings.merge(
            reason,
            new Finding(reason, 1, problem.get().substring(space + 1)),
            (first, next) -> new Finding(reason, first.count() + 1, first.example()));
      }
      checked.accept(1);
    }
    return findings.values().iterator();
  }

  /** What is wrong with a row: a short name, then where and what; empty if it is sound. */
  public Optional<String> problem(Row row) {
    String where =
        row.getAs("scene_id") + "/" + row.<Integer>getAs("row") + "/" + row.<Integer>getAs("col");
    try {
      checkImage(row);
      return mask(row).map(text -> withPlace(text, where));
    } catch (IOException | IllegalArgumentException e) {
      return Optional.of(withPlace("undecodable " + e.getMessage(), where));
    }
  }

  private static String withPlace(String text, String where) {
    int space = text.indexOf(' ');
    return text.substring(0, space) + " " + where + ":" + text.substring(space);
  }

  private void checkImage(Row row) throws IOException {
    pixels.image(
        bytes(row, "image"),
        new PixelDecoder.Shape(
            row.getAs("image_format"),
            row.getAs("dtype"),
            row.<Integer>getAs("width"),
            row.<Integer>getAs("height"),
            row.<Integer>getAs("bands")));
  }

  private Optional<String> mask(Row row) throws IOException {
    if (row.getAs("mask") == null) {
      return row.getAs("class_pixels") == null
          ? Optional.empty()
          : Optional.of("class-pixels counted without a mask");
    }
    ClassMask mask =
        pixels.mask(
            bytes(row, "mask"),
            PixelDecoder.Shape.ofMask(
                row.getAs("mask_format"),
                row.<Integer>getAs("width"),
                row.<Integer>getAs("height")));
    ClassCounts counts = mask.counts(scheme);
    long[] stored =
        row.<Long>getList(row.fieldIndex("class_pixels")).stream()
            .mapToLong(Long::longValue)
            .toArray();
    return Arrays.equals(counts.pixels(), stored)
        ? Optional.empty()
        : Optional.of("class-pixels counted " + counts + ", stored " + Arrays.toString(stored));
  }

  private static byte[] bytes(Row row, String column) {
    return row.getStruct(row.fieldIndex(column)).getAs("bytes");
  }
}
