package io.landloom.jobs.verify;

import java.io.EOFException;
import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;

/** Reads all pages of a Parquet file, of every column, and compares each with its checksum. */
public final class PageCheck {
  /** Short name of the problem. */
  public static final String REASON = "damaged-file";

  private PageCheck() {}

  /**
   * What is wrong with a file: its name, then what; empty if it is sound.
   *
   * @throws IOException if the file cannot be reached, whatever is in it
   */
  public static Optional<String> problem(String file, Configuration configuration)
      throws IOException {
    Path path = new Path(file);
    HadoopInputFile input = HadoopInputFile.fromPath(path, configuration);
    ParquetReadOptions options =
        HadoopReadOptions.builder(configuration, path).usePageChecksumVerification().build();
    try (ParquetFileReader reader = ParquetFileReader.open(input, options)) {
      while (reader.readNextRowGroup() != null) {
        // reading is the check; one row group is held at a time
      }
      return Optional.empty();
    } catch (IOException e) {
      if (!ofContent(e)) {
        throw e;
      }
      return Optional.of(text(file, e));
    } catch (RuntimeException e) { // Parquet throws many kinds at what it cannot parse
      return Optional.of(text(file, e));
    }
  }

  private static String text(String file, Exception e) {
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return file + ": " + message + "; take it from a backup, or make the run again";
  }

  /** Whether bytes that were read are wrong, not that they could not be read. */
  private static boolean ofContent(IOException e) {
    Throwable cause = e.getCause();
    return e instanceof EOFException
        || e instanceof ChecksumException
        || (e.getClass() == IOException.class && (cause == null || ofParser(cause)));
  }

  /** Parquet wraps what the parser of its headers throws, which is of its own copy of Thrift. */
  private static boolean ofParser(Throwable cause) {
    return cause.getClass().getName().contains(".thrift.");
  }
}
