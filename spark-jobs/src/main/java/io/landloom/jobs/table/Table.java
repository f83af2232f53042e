package io.landloom.jobs.table;

import java.util.Map;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/**
 * A table: its name, its Parquet schema, and how a row is written.
 *
 * @param <R> a row
 */
public abstract class Table<R> {
  private static final int MOST_GROUP_ROWS = 100;
  private static final long GROUP_BYTES = 48L << 20;

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

  /** Bytes of the pixels of a row before they are encoded; 0 for a table without pixels. */
  long pixelBytes() {
    return 0;
  }

  /** Bounds of a row's outline: xmin, ymin, xmax, ymax in degrees; null without one. */
  double[] bounds(R row) {
    return null;
  }

  /** Whether rows can have an outline. */
  final boolean placed() {
    return schema.containsField("geometry");
  }

  /** Rows of a row group: about a hundred, fewer of large images; 0 where bytes decide. */
  final int groupRows() {
    return pixelBytes() == 0
        ? 0
        : (int) Math.max(1, Math.min(MOST_GROUP_ROWS, GROUP_BYTES / pixelBytes()));
  }
}
