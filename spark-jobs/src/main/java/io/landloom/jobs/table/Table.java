package io.landloom.jobs.table;

import java.util.Map;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/**
 * A table: its name, its Parquet schema, and how a row is written.
 *
 * @param <R> a row
 */
public abstract class Table<R> {
  /** Rows of a row group of images: Hugging Face's viewer reads whole row groups. */
  private static final int IMAGE_GROUP_ROWS = 100;

  private static final long GROUP_BYTES = 32L << 20;

  /** Images of a page: a reader holds whole pages. */
  private static final int IMAGE_PAGE_ROWS = 8;

  private final String name;
  private final MessageType schema;

  /**
   * A table.
   *
   * @param name the table's name, also its folder's
   * @param schema fields in Parquet's message syntax
   */
  protected Table(String name, String schema) {
    this.name = name;
    this.schema = MessageTypeParser.parseMessageType("message " + name + " {" + schema + "}");
  }

  /** The table's name, also its folder's. */
  public final String name() {
    return name;
  }

  /** The Parquet schema. */
  public final MessageType schema() {
    return schema;
  }

  /**
   * A row's key as text that compares like the key; rows of a file are written in its order, and no
   * two rows of a run share one.
   */
  public abstract String key(R row);

  /** Writes the fields of a row. */
  public abstract void write(R row, RowFields fields);

  /** How the columns that hold pixels are stored. */
  Map<String, PixelFormat> pixels() {
    return Map.of();
  }

  /** Whether a column that holds pixels is stored so. */
  final boolean stores(PixelFormat format) {
    return pixels().containsValue(format);
  }

  /** Bounds of a row's outline: xmin, ymin, xmax, ymax in degrees; null without one. */
  double[] bounds(R row) {
    return null;
  }

  /** Whether rows can have an outline. */
  final boolean placed() {
    return schema.containsField("geometry");
  }

  /** Most rows of a row group. */
  final long groupRows() {
    return pixels().isEmpty() ? Long.MAX_VALUE : IMAGE_GROUP_ROWS;
  }

  /** Bytes at which a row group ends, whatever its rows. */
  final long groupBytes() {
    return GROUP_BYTES;
  }

  /** Looks at the bytes of a page often enough for images. */
  final ParquetProperties.Builder paged(ParquetProperties.Builder builder) {
    return pixels().isEmpty()
        ? builder
        : builder
            .withMinRowCountForPageSizeCheck(IMAGE_PAGE_ROWS)
            .withMaxRowCountForPageSizeCheck(IMAGE_PAGE_ROWS);
  }
}
