package io.landloom.jobs.table;

import org.apache.parquet.schema.MessageType;

/**
 * A table: its name, its Parquet schema, and how a row is written.
 *
 * @param <R> a row
 */
public interface Table<R> {
  /** The table's name, also its folder's. */
  String name();

  /** The Parquet schema. */
  MessageType schema();

  /**
   * A row's key as text that compares like the key; rows of a file are written in its order, and no
   * two rows of a run share one.
   */
  String key(R row);

  /** Writes the fields of a row. */
  void write(R row, RowFields fields);
}
