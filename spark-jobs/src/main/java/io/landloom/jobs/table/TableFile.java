package io.landloom.jobs.table;

import io.landloom.jobs.run.FileSummary;
import java.io.Closeable;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Writes one bucket of a table as a Parquet file, with what others ask for and lineage in the
 * footer.
 *
 * @param <R> a row of the table
 */
public final class TableFile<R> implements Closeable {
  private final Table<R> table;
  private final Map<String, String> footer;
  private final RowGroupWriter<R> writer;
  private final GeoFooter outlines = new GeoFooter();
  private String firstKey = "";
  private String lastKey = "";
  private final long opened = System.nanoTime();
  private long rows;

  private TableFile(Table<R> table, Map<String, String> footer, RowGroupWriter<R> writer) {
    this.table = table;
    this.footer = footer;
    this.writer = writer;
  }

  /**
   * Opens a new file.
   *
   * @param lineage further entries of the footer: run id, code version, scheme
   */
  public static <R> TableFile<R> create(
      Table<R> table,
      Path path,
      int bucket,
      String attempt,
      Map<String, String> lineage,
      Configuration configuration)
      throws IOException {
    Map<String, String> footer = new TreeMap<>(lineage);
    footer.put(FileSummary.BUCKET, Integer.toString(bucket));
    footer.put(FileSummary.ATTEMPT, attempt);
    if (table.stores(PixelFormat.PNG)) {
      footer.put(HuggingFaceFooter.KEY, HuggingFaceFooter.of(table.schema(), table.pixels()));
    }
    return new TableFile<>(table, footer, new RowGroupWriter<>(table, path, configuration));
  }

  /**
   * Appends a row.
   *
   * @throws IllegalStateException if its key does not come after the last one
   */
  public void append(R row) throws IOException {
    String key = table.key(row);
    if (rows > 0 && key.compareTo(lastKey) <= 0) {
      throw new IllegalStateException(
          table.name() + ": key '" + key + "' does not come after '" + lastKey + "'");
    }
    writer.write(row);
    outlines.add(table.bounds(row));
    firstKey = rows == 0 ? key : firstKey;
    lastKey = key;
    rows++;
  }

  /** Adds an entry to the footer. */
  public void note(String key, String value) {
    footer.put(key, value);
  }

  /** Rows appended. */
  public long rows() {
    return rows;
  }

  /** Writes the footer and closes the file. */
  @Override
  public void close() throws IOException {
    if (rows > 0) {
      footer.put(FileSummary.FIRST_KEY, firstKey);
      footer.put(FileSummary.LAST_KEY, lastKey);
    }
    if (table.placed()) {
      footer.put(GeoFooter.KEY, outlines.text());
    }
    footer.put(
        FileSummary.SECONDS,
        String.format(Locale.ROOT, "%.3f", (System.nanoTime() - opened) / 1e9));
    writer.close(footer);
  }
}
