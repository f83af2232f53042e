package io.landloom.jobs;

import io.landloom.geo.landcover.SchemeException;
import io.landloom.geo.source.SceneFormatException;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.JobException.Kind;
import io.landloom.jobs.run.Printable;
import io.landloom.synthesis.NonFiniteOutputException;
import io.landloom.synthesis.tensor.DeviceFault;
import io.landloom.synthesis.tensor.DeviceMemoryException;
import io.landloom.synthesis.tensor.EngineException;
import io.landloom.synthesis.weights.ModelException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.parquet.io.ParquetDecodingException;
import org.apache.spark.SparkException;

/**
 * A failed job as one line.
 *
 * @param kind whose problem it is
 * @param message what is wrong
 * @param cause where it comes from
 */
record Failure(Kind kind, String message, Throwable cause) {
  private static final List<Class<? extends Throwable>> USERS =
      List.of(
          EngineException.class,
          ModelException.class,
          SchemeException.class,
          UnsupportedFileSystemException.class);

  private static final List<Class<? extends Throwable>> REJECTED =
      List.of(SceneFormatException.class, NonFiniteOutputException.class);

  /** The failure as jobs throw it. */
  JobException exception() {
    return new JobException(kind, message, cause);
  }

  /** Finds the reason in a chain of causes. */
  static Failure of(Throwable thrown) {
    Optional<JobException> known = find(thrown, JobException.class);
    if (known.isPresent()) {
      return new Failure(known.get().kind(), known.get().getMessage(), thrown);
    }
    Optional<OutOfMemoryError> memory = find(thrown, OutOfMemoryError.class);
    if (memory.isPresent()) {
      return new Failure(
          Kind.INFRA,
          "out of memory ("
              + memory.get().getMessage()
              + "); give more with LANDLOOM_MEMORY, or executors with --executor-memory",
          thrown);
    }
    Optional<DeviceMemoryException> device = find(thrown, DeviceMemoryException.class);
    if (device.isPresent()) {
      return new Failure(Kind.INFRA, device.get().getMessage(), thrown);
    }
    if (DeviceFault.of(thrown) == DeviceFault.OUT_OF_MEMORY) {
      return new Failure(
          Kind.INFRA,
          "out of the device's memory ("
              + DeviceFault.line(thrown)
              + "); make batches smaller, let fewer tasks share the device, or use one with more"
              + " memory",
          thrown);
    }
    for (Class<? extends Throwable> type : USERS) {
      Optional<? extends Throwable> user = find(thrown, type);
      if (user.isPresent()) {
        return new Failure(Kind.USER, user.get().getMessage(), thrown);
      }
    }
    for (Class<? extends Throwable> type : REJECTED) {
      Optional<? extends Throwable> rejected = find(thrown, type);
      if (rejected.isPresent()) {
        return new Failure(Kind.DATA, rejected.get().getMessage(), thrown);
      }
    }
    // only what Parquet itself found, such as a wrong checksum, not what failed below it
    if (root(thrown) instanceof ParquetDecodingException damage) {
      return new Failure(Kind.DATA, damaged(thrown, damage), thrown);
    }
    Optional<IOException> io = find(thrown, IOException.class);
    if (io.isPresent()) {
      return new Failure(Kind.INFRA, firstLine(io.get()), thrown);
    }
    Throwable root = root(thrown);
    // a Spark failure without a cause of its own is a lost executor or driver, not our exception
    return new Failure(
        root instanceof SparkException ? Kind.INFRA : Kind.BUG, firstLine(root), thrown);
  }

  private static <T extends Throwable> Optional<T> find(Throwable thrown, Class<T> type) {
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      if (type.isInstance(t)) {
        return Optional.of(type.cast(t));
      }
    }
    return Optional.empty();
  }

  private static Throwable root(Throwable thrown) {
    Throwable root = thrown;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  /** Parquet says outside which file it read, inside what is wrong with it. */
  private static String damaged(Throwable thrown, ParquetDecodingException damage) {
    String where =
        find(thrown, ParquetDecodingException.class)
            .filter(outer -> outer != damage)
            .map(outer -> outer.getMessage() + ": ")
            .orElse("a file of the dataset is damaged: ");
    return where + damage.getMessage() + "; verify names every damaged file";
  }

  private static String firstLine(Throwable thrown) {
    String message = String.valueOf(thrown.getMessage());
    return thrown.getClass().getSimpleName() + ": " + message.lines().findFirst().orElse("");
  }

  /** Prints the line, with the stack trace for a bug only, and gives the exit code. */
  int report(PrintWriter err) {
    err.println("landloom: " + Printable.of(message));
    if (kind == Kind.BUG) {
      StringWriter trace = new StringWriter();
      cause.printStackTrace(new PrintWriter(trace, true));
      err.println(Printable.lines(trace.toString()));
    }
    err.flush();
    return kind.exitCode();
  }
}
