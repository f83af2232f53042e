package io.landloom.jobs.table;

import io.landloom.jobs.run.FileSummary;
import java.io.Closeable;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.MessageType;

/**
 * Writes one bucket of a table as a Parquet file, with lineage in the footer.
 *
 * @param <R> a row of the table
 */
public final class TableFile<R> implements Closeable {
  private static final long ROW_GROUP_BYTES = 24L << 20;
  private static final String ZSTD_LEVEL = "parquet.compression.codec.zstd.level";

  private final Table<R> table;
  private final Map<String, String> footer;
  private final ParquetWriter<R> writer;
  private final GeoFooter outlines = new GeoFooter();
  private String firstKey = "";
  private String lastKey = "";
  private long rows;

  private TableFile(Table<R> table, Map<String, String> footer, ParquetWriter<R> writer) {
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
    Builder<R> builder =
        new Builder<>(table, LocalOutput.of(path, configuration), footer)
            .withConf(new Configuration(configuration))
            .config(ZSTD_LEVEL, "1")
            .withCompressionCodec(codec(table))
            .withWriterVersion(WriterVersion.PARQUET_1_0)
            .withWriteMode(ParquetFileWriter.Mode.CREATE)
            .withDictionaryEncoding("image.bytes", false)
            .withDictionaryEncoding("mask.bytes", false)
            .withDictionaryEncoding("geometry", false);
    ParquetWriter<R> writer = grouped(builder, table.groupRows()).build();
    return new TableFile<>(table, footer, writer);
  }

  /** A file of PNGs is stored as it is: zstd takes 0 to 2 % off it, for a tenth of their time. */
  private static CompressionCodecName codec(Table<?> table) {
    return table.stores(PixelFormat.PNG) && !table.stores(PixelFormat.RAW)
        ? CompressionCodecName.UNCOMPRESSED
        : CompressionCodecName.ZSTD;
  }

  /**
   * Bounds the row groups.
   *
   * <p>Parquet ends a row group by its bytes alone, and looks at them only after so many rows: with
   * a bound that every row exceeds, a group ends just there.
   */
  private static <R> Builder<R> grouped(Builder<R> builder, int rows) {
    return rows == 0
        ? builder.withRowGroupSize(ROW_GROUP_BYTES)
        : builder
            .withRowGroupSize(1L)
            .withMinRowCountForPageSizeCheck(rows)
            .withMaxRowCountForPageSizeCheck(rows);
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
    writer.close();
  }

  private static final class Builder<R> extends ParquetWriter.Builder<R, Builder<R>> {
    private final Table<R> table;
    private final Map<String, String> footer;

    Builder(Table<R> table, OutputFile file, Map<String, String> footer) {
      super(file);
      this.table = table;
      this.footer = footer;
    }

    @Override
    protected Builder<R> self() {
      return this;
    }

    @Override
    protected WriteSupport<R> getWriteSupport(Configuration configuration) {
      return new RowWriteSupport<>(table, footer);
    }
  }

  private static final class RowWriteSupport<R> extends WriteSupport<R> {
    private final Table<R> table;
    private final Map<String, String> footer;
    private final MessageType schema;
    private RecordConsumer consumer;
    private RowFields fields;

    RowWriteSupport(Table<R> table, Map<String, String> footer) {
      this.table = table;
      this.footer = footer;
      this.schema = table.schema();
    }

    @Override
    public WriteContext init(Configuration configuration) {
      return new WriteContext(schema, Map.of());
    }

    @Override
    public void prepareForWrite(RecordConsumer recordConsumer) {
      this.consumer = recordConsumer;
      this.fields = new RowFields(recordConsumer, schema);
    }

    @Override
    public void write(R row) {
      consumer.startMessage();
      table.write(row, fields);
      consumer.endMessage();
    }

    @Override
    public FinalizedWriteContext finalizeWrite() {
      return new FinalizedWriteContext(new HashMap<>(footer));
    }
  }
}
