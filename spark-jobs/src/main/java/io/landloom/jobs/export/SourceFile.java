package io.landloom.jobs.export;

import io.landloom.geo.image.SampleType;
import io.landloom.jobs.table.MaskSource;
import io.landloom.jobs.table.PixelDecoder;
import java.io.Closeable;
import java.io.IOException;
import java.io.Serializable;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.MessageTypeParser;

/**
 * A published file of {@code patches} or {@code pairs}.
 *
 * @param uri where it is
 * @param synthetic whether it is one of pairs
 */
public record SourceFile(String uri, boolean synthetic) implements Serializable {
  private static final String COUNTED =
      """
      required binary split (STRING);
      required int32 width;
      required int32 height;
      required int32 bands;
      required binary dtype (STRING);
      required binary image_format (STRING);
      %s binary mask_format (STRING);
      """;

  private static final String EXPORTED =
      """
      required binary scene_id (STRING);
      required int32 row;
      required int32 col;
      optional group image { optional binary bytes; }
      optional group mask { optional binary bytes; }
      %s group class_pixels (LIST) { repeated group list { required int64 element; } }
      """;

  private static final String SOURCE = "optional binary mask_source (STRING);\n";

  private static final String OF_PATCHES =
      """
      optional binary crs (STRING);
      optional group transform (LIST) { repeated group list { required double element; } }
      """;

  private static final String OF_PAIRS = "required int32 copy;\n";

  /**
   * What an export finds in a file.
   *
   * @param rows rows to export, by split
   * @param unlabelled rows of these splits that have no mask, or a predicted one, and are left out
   * @param raw what is stored of images that are no PNGs, such as {@code uint16 x 4 bands}
   * @param pixelBytes bytes of the samples of the images and masks to export, as they are decoded
   */
  public record Contents(
      TreeMap<String, Long> rows, long unlabelled, TreeSet<String> raw, long pixelBytes)
      implements Serializable {
    /** Rows to export. */
    public long total() {
      return rows.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  /**
   * Counts what there is to export, from the file's narrow columns.
   *
   * @param splits names of the splits that are exported
   */
  public Contents contents(Set<String> splits, Configuration configuration) throws IOException {
    TreeMap<String, Long> rows = new TreeMap<>();
    TreeSet<String> raw = new TreeSet<>();
    long unlabelled = 0;
    long pixelBytes = 0;
    try (ParquetReader<Group> reader = reader(COUNTED + source(), configuration)) {
      for (Group row = reader.read(); row != null; row = reader.read()) {
        String split = row.getString("split", 0);
        if (!splits.contains(split)) {
          continue;
        }
        if (!labelled(row)) {
          unlabelled++;
          continue;
        }
        rows.merge(split, 1L, Long::sum);
        pixelBytes += pixelBytes(row);
        if (!row.getString("image_format", 0).equals("png")) {
          raw.add(row.getString("dtype", 0) + " x " + row.getInteger("bands", 0) + " bands");
        }
      }
    }
    return new Contents(rows, unlabelled, raw, pixelBytes);
  }

  private static long pixelBytes(Group row) {
    SampleType type =
        SampleType.valueOf(row.getString("dtype", 0).toUpperCase(java.util.Locale.ROOT));
    long pixels = (long) row.getInteger("width", 0) * row.getInteger("height", 0);
    return pixels * ((long) row.getInteger("bands", 0) * type.bytes() + 1);
  }

  /**
   * About how many bytes some of the file's rows have in images and masks as they are stored, by
   * its footer.
   *
   * @param rows number of these rows
   */
  public long storedBytes(long rows, Configuration configuration) throws IOException {
    try (ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromPath(new Path(uri), configuration))) {
      long bytes = 0;
      for (BlockMetaData group : reader.getFooter().getBlocks()) {
        for (ColumnChunkMetaData column : group.getColumns()) {
          String name = column.getPath().toArray()[0];
          bytes += name.equals("image") || name.equals("mask") ? column.getTotalSize() : 0;
        }
      }
      return rows == 0 ? 0 : Math.round((double) bytes * rows / reader.getRecordCount());
    }
  }

  /** Opens the rows to export, in their order. */
  Rows open(Set<String> splits, Configuration configuration) throws IOException {
    return new Rows(
        reader(COUNTED + source() + EXPORTED + (synthetic ? OF_PAIRS : OF_PATCHES), configuration),
        splits);
  }

  /** Pairs have no source of masks: all of theirs are those of labelled patches. */
  private String source() {
    return synthetic ? "" : SOURCE;
  }

  /** Whether a row has a mask, and one that no model has predicted. */
  private static boolean labelled(Group row) {
    return row.getFieldRepetitionCount("mask_format") > 0
        && (!has(row, "mask_source")
            || row.getString("mask_source", 0).equals(MaskSource.LABELLED.text()));
  }

  private static boolean has(Group row, String column) {
    return row.getType().containsField(column) && row.getFieldRepetitionCount(column) > 0;
  }

  private ParquetReader<Group> reader(String columns, Configuration configuration)
      throws IOException {
    Configuration projected = new Configuration(configuration);
    projected.set(
        ReadSupport.PARQUET_READ_SCHEMA,
        // the mask is optional in patches alone, and Parquet wants to be asked for what it has
        MessageTypeParser.parseMessageType(
                "message rows {" + columns.replace("%s", synthetic ? "required" : "optional") + "}")
            .toString());
    return ParquetReader.builder(new GroupReadSupport(), new Path(uri)).withConf(projected).build();
  }

  /** Rows of the file, one at a time. */
  final class Rows implements Closeable {
    private final ParquetReader<Group> reader;
    private final Set<String> splits;

    private Rows(ParquetReader<Group> reader, Set<String> splits) {
      this.reader = reader;
      this.splits = splits;
    }

    /** The next row to export, or null at the end. */
    ImageMask next() throws IOException {
      for (Group row = reader.read(); row != null; row = reader.read()) {
        if (splits.contains(row.getString("split", 0)) && labelled(row)) {
          return pair(row);
        }
      }
      return null;
    }

    private ImageMask pair(Group row) {
      PixelDecoder.Shape shape =
          new PixelDecoder.Shape(
              row.getString("image_format", 0),
              row.getString("dtype", 0),
              row.getInteger("width", 0),
              row.getInteger("height", 0),
              row.getInteger("bands", 0));
      return new ImageMask(
          row.getString("scene_id", 0),
          row.getInteger("row", 0),
          row.getInteger("col", 0),
          synthetic ? row.getInteger("copy", 0) : ImageMask.REAL,
          row.getString("split", 0),
          row.getGroup("image", 0).getBinary("bytes", 0).getBytes(),
          shape,
          row.getGroup("mask", 0).getBinary("bytes", 0).getBytes(),
          PixelDecoder.Shape.ofMask(row.getString("mask_format", 0), shape.width(), shape.height()),
          longs(row),
          has(row, "crs") ? row.getString("crs", 0) : null,
          has(row, "transform") ? doubles(row) : null);
    }

    private static long[] longs(Group row) {
      Group list = row.getGroup("class_pixels", 0);
      long[] values = new long[list.getFieldRepetitionCount(0)];
      for (int i = 0; i < values.length; i++) {
        values[i] = list.getGroup(0, i).getLong(0, 0);
      }
      return values;
    }

    private static double[] doubles(Group row) {
      Group list = row.getGroup("transform", 0);
      double[] values = new double[list.getFieldRepetitionCount(0)];
      for (int i = 0; i < values.length; i++) {
        values[i] = list.getGroup(0, i).getDouble(0, 0);
      }
      return values;
    }

    @Override
    public void close() throws IOException {
      reader.close();
    }
  }
}
