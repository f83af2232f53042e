package io.landloom.jobs;

import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.Paths;
import io.landloom.jobs.run.RunId;
import io.landloom.jobs.run.RunRecord;
import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A folder that a job makes, of any name, outside of datasets.
 *
 * @param key the key that names it
 * @param path where it is to be
 */
record DestinationFolder(String key, Path path) {
  private static final String RECORD = "run.json";

  /**
   * The folder that a key names.
   *
   * @throws JobException if it cannot be one
   */
  static DestinationFolder of(String key, JobContext context) throws IOException {
    String text = context.settings().text(key);
    Path named = Paths.of(key, text);
    FileSystem fileSystem = named.getFileSystem(context.hadoop());
    Path path = fileSystem.makeQualified(named);
    if (!text.matches("[^{}\\[\\]*?\\\\]+") || path.getParent() == null) {
      throw JobException.user(
          key + " = " + text + ": expected a folder to make, without any of {}[]*?\\");
    }
    return new DestinationFolder(key, path);
  }

  /**
   * Whether a run is there already.
   *
   * @param noun what such runs are called
   * @throws JobException if something else is
   */
  boolean holds(String noun, RunId run, Configuration configuration) throws IOException {
    FileSystem fileSystem = path.getFileSystem(configuration);
    if (!fileSystem.exists(path)) {
      return false;
    }
    Path record = new Path(path, RECORD);
    Optional<RunId> there =
        fileSystem.exists(record)
            ? Optional.of(RunRecord.read(record, configuration).runId())
            : Optional.empty();
    if (there.isPresent() && there.get().equals(run)) {
      return true;
    }
    throw JobException.user(
        key
            + " = "
            + path
            + ": there is "
            + there
                .map(other -> "another " + noun + ", " + other + ", not " + run)
                .orElse("something that is no " + noun)
            + "; name another folder, or remove this one");
  }
}
