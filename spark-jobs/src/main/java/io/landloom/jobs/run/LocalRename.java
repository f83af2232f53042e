package io.landloom.jobs.run;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Renames files of the local file system as {@code Rename.NONE} should.
 *
 * <p>Hadoop starts up to eight processes for one such rename, to look for links, and looks for
 * something of the new name before it renames over it.
 */
final class LocalRename {
  private LocalRename() {}

  /** Renames a file; false if there is something of the new name, which then stays. */
  static boolean rename(Path from, Path to) throws IOException {
    try {
      link(from, to);
    } catch (FileAlreadyExistsException e) {
      return false;
    }
    Files.deleteIfExists(from);
    Path checksums = checksums(from);
    if (Files.exists(checksums)) {
      Files.move(checksums, checksums(to), StandardCopyOption.REPLACE_EXISTING);
    }
    return true;
  }

  /** Of racing links to one name one succeeds; where there are no links, it looks and moves. */
  private static void link(Path from, Path to) throws IOException {
    try {
      Files.createLink(to, from);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (UnsupportedOperationException | FileSystemException e) {
      Files.move(from, to);
    }
  }

  /** Where Hadoop keeps the checksums of a file, if it wrote the file. */
  private static Path checksums(Path file) {
    return file.resolveSibling("." + file.getFileName() + ".crc");
  }
}
