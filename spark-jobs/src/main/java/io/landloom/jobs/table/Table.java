package io.landloom.jobs.table;

import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/**
 * A table: its name, its Parquet schema, and how a row is written.
 *
 * @param <R> a row
 */
public abstract class Table<R> {
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
}
