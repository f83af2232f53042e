package io.landloom.jobs.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.hadoop.util.HadoopInputFile;

/**
 * What the footer of a table's file says.
 *
 * @param bucket number of its bucket
 * @param attempt id of the attempt that wrote it
 * @param rows rows in the file
 * @param firstKey smallest key, empty without rows; keys compare as text
 * @param lastKey largest key, empty without rows
 * @param bytes length of the file
 * @param notes all entries of the footer
 */
public record FileSummary(
    int bucket,
    String attempt,
    long rows,
    String firstKey,
    String lastKey,
    long bytes,
    Map<String, String> notes) {
  /** Footer key of the bucket's number. */
  public static final String BUCKET = "landloom.bucket";

  /** Footer key of the writing attempt. */
  public static final String ATTEMPT = "landloom.attempt";

  /** Footer key of the smallest row key. */
  public static final String FIRST_KEY = "landloom.first_key";

  /** Footer key of the largest row key. */
  public static final String LAST_KEY = "landloom.last_key";

  /** Footer key of the seconds from opening the file to closing it: those of the task's bucket. */
  public static final String SECONDS = "landloom.seconds";

  /** Sum of the seconds that tasks took for files. */
  public static double seconds(List<FileSummary> summaries) {
    return summaries.stream()
        .mapToDouble(summary -> Double.parseDouble(summary.notes().getOrDefault(SECONDS, "0")))
        .sum();
  }

  /** Sums of the whole numbers whose footer keys have a prefix, by what follows it. */
  public static Map<String, Long> counts(List<FileSummary> summaries, String prefix) {
    Map<String, Long> counts = new TreeMap<>();
    for (FileSummary summary : summaries) {
      summary
          .notes()
          .forEach(
              (key, value) -> {
                if (key.startsWith(prefix)) {
                  counts.merge(key.substring(prefix.length()), Long.parseLong(value), Long::sum);
                }
              });
    }
    return counts;
  }

  static FileSummary read(FileStatus status, Configuration configuration) throws IOException {
    try (ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromStatus(status, configuration))) {
      ParquetMetadata footer = reader.getFooter();
      Map<String, String> keys = footer.getFileMetaData().getKeyValueMetaData();
      if (!keys.containsKey(BUCKET) || !keys.containsKey(ATTEMPT)) {
        throw new IOException(status.getPath() + " was not written by Landloom");
      }
      return new FileSummary(
          Integer.parseInt(keys.get(BUCKET)),
          keys.get(ATTEMPT),
          footer.getBlocks().stream().mapToLong(BlockMetaData::getRowCount).sum(),
          keys.getOrDefault(FIRST_KEY, ""),
          keys.getOrDefault(LAST_KEY, ""),
          status.getLen(),
          keys);
    }
  }

  static FileSummary readUnchecked(FileStatus status, Configuration configuration) {
    try {
      return read(status, configuration);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The summary, or empty where the footer cannot be read: such a file counts as not staged. */
  static Optional<FileSummary> tryRead(FileStatus status, Configuration configuration) {
    try {
      return Optional.of(read(status, configuration));
    } catch (IOException | RuntimeException e) {
      return Optional.empty();
    }
  }
}
