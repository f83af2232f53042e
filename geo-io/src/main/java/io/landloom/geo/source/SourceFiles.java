package io.landloom.geo.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;

/** Opens files of any Hadoop file system as byte sources. */
public final class SourceFiles {
  private SourceFiles() {}

  /**
   * Opens a file. One of the local file system is read without Hadoop, which would allocate and
   * copy once more for every read, unless Hadoop keeps checksums of it that are to be compared.
   *
   * @throws IOException if it is missing or cannot be opened
   */
  public static ByteSource open(FileSystem fileSystem, org.apache.hadoop.fs.Path file)
      throws IOException {
    if (fileSystem instanceof LocalFileSystem local && !Files.exists(checksums(local, file))) {
      return LocalByteSource.open(local.pathToFile(file).toPath(), file.toString());
    }
    return HadoopByteSource.open(fileSystem, file);
  }

  private static Path checksums(LocalFileSystem local, org.apache.hadoop.fs.Path file) {
    return local.pathToFile(local.getChecksumFile(file)).toPath();
  }
}
