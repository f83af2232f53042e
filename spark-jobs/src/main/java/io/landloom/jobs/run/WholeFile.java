package io.landloom.jobs.run;

import java.io.IOException;
import java.nio.file.Files;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;

/** Writes a file through a local one, so that readers see all of it or nothing. */
public final class WholeFile {
  private WholeFile() {}

  /** Writes a local file. */
  @FunctionalInterface
  public interface LocalWriter {
    /** Writes to an existing, empty local file. */
    void write(java.nio.file.Path file) throws IOException;
  }

  /**
   * Writes a file of any file system; one of the same name is replaced.
   *
   * @param target where it appears when it is whole
   */
  public static void write(Path target, Configuration configuration, LocalWriter writer)
      throws IOException {
    FileSystem fileSystem = target.getFileSystem(configuration);
    Path qualified = fileSystem.makeQualified(target);
    java.nio.file.Path local = Files.createTempFile("landloom-", ".tmp");
    try {
      writer.write(local);
      Path fresh = new Path(qualified.getParent(), "_" + qualified.getName() + ".fresh");
      fileSystem.mkdirs(qualified.getParent());
      fileSystem.copyFromLocalFile(false, true, new Path(local.toUri()), fresh);
      FileContext.getFileContext(qualified.toUri(), configuration)
          .rename(fresh, qualified, Options.Rename.OVERWRITE);
    } finally {
      Files.deleteIfExists(local);
    }
  }

  /** Removes a file, if it is there. */
  public static void delete(Path target, Configuration configuration) throws IOException {
    target.getFileSystem(configuration).delete(target, false);
  }
}
