package io.landloom.jobs.run;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/** Paths from the configuration, and the file systems they are of. */
public final class Paths {
  private Paths() {}

  /**
   * The path a key holds.
   *
   * @throws JobException if the text is none
   */
  public static Path of(String key, String text) {
    try {
      return new Path(text);
    } catch (IllegalArgumentException e) {
      throw new JobException(
          JobException.Kind.USER, key + " = " + text + ": not a path: " + e.getMessage(), e);
    }
  }

  /**
   * The file system to read a file from, whatever its name.
   *
   * <p>Hadoop looks for checksums of a local file in another beside it, and cannot say that one's
   * name if the name has a colon: such a file has none, and is read without looking.
   */
  public static FileSystem fileSystem(Path file, Configuration configuration) throws IOException {
    FileSystem fileSystem = file.getFileSystem(configuration);
    boolean plain = fileSystem instanceof LocalFileSystem && file.getName().contains(":");
    return plain ? ((LocalFileSystem) fileSystem).getRaw() : fileSystem;
  }
}
