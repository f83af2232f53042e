package io.landloom.jobs.run;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Where tasks write files of a run that are not tables; travels to executors.
 *
 * <p>As with tables, a task writes the files of its bucket below {@code _attempts} and renames each
 * to its place, the first attempt wins. At last it renames a note of the bucket into {@code
 * _buckets}: a bucket is staged when its note is there. So the files of a bucket must be a function
 * of the bucket alone.
 *
 * @param folder the run's staging folder
 */
public record StagedFiles(String folder) implements Serializable {
  static final String BUCKETS = "_buckets";

  /** Folder of files that the driver puts together, and that are not published. */
  public static final String PARTS = "_parts";

  private static final int BUFFER = 1 << 16;

  /** Where a file of the run is. */
  public Path path(String name) {
    return new Path(folder + "/" + name);
  }

  /** Makes the folders and clears away what attempts of earlier drivers left. */
  public void open(Configuration configuration) throws IOException {
    FileSystem fileSystem = path(BUCKETS).getFileSystem(configuration);
    fileSystem.delete(path(Staging.ATTEMPTS), true);
    fileSystem.mkdirs(path(Staging.ATTEMPTS));
    fileSystem.mkdirs(path(BUCKETS));
  }

  /** The notes of the staged buckets, by number. */
  public Map<Integer, String> notes(Configuration configuration) throws IOException {
    FileSystem fileSystem = path(BUCKETS).getFileSystem(configuration);
    Map<Integer, String> notes = new TreeMap<>();
    for (FileStatus status : fileSystem.listStatus(path(BUCKETS))) {
      String name = status.getPath().getName();
      if (name.matches("\\d+")) {
        try (InputStream in = fileSystem.open(status.getPath())) {
          notes.put(Integer.parseInt(name), new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
      }
    }
    return notes;
  }

  /**
   * Opens a file of the run that the driver writes; one that an earlier driver left is replaced.
   */
  public OutputStream create(String name, Configuration configuration) throws IOException {
    return create(path(name), configuration);
  }

  /** Starts to write the files of a bucket. */
  public BucketFiles bucket(int number, String attempt, Configuration configuration) {
    return new BucketFiles(number, Staging.ATTEMPTS + "/" + attempt + "/", configuration);
  }

  /** A new file; of the local file system without Hadoop, which would write checksums beside it. */
  private static OutputStream create(Path path, Configuration configuration) throws IOException {
    FileSystem fileSystem = path.getFileSystem(configuration);
    if (fileSystem instanceof LocalFileSystem local) {
      java.nio.file.Path file = local.pathToFile(path).toPath();
      Files.createDirectories(file.getParent());
      return new BufferedOutputStream(Files.newOutputStream(file), BUFFER);
    }
    return fileSystem.create(path, true);
  }

  /** The files of one bucket, as one attempt writes them. */
  public final class BucketFiles {
    private final int number;
    private final String attempt;
    private final Configuration configuration;
    private final Set<String> names = new LinkedHashSet<>();
    private final Set<String> folders = new HashSet<>();

    private BucketFiles(int number, String attempt, Configuration configuration) {
      this.number = number;
      this.attempt = attempt;
      this.configuration = configuration;
    }

    /**
     * Opens a file.
     *
     * @param name its path below the run's folder, of names that are safe
     * @throws IllegalArgumentException if the bucket has a file of that name
     */
    public OutputStream create(String name) throws IOException {
      if (!names.add(name)) {
        throw new IllegalArgumentException("bucket " + number + " has two files " + name);
      }
      return StagedFiles.create(path(attempt + name), configuration);
    }

    /** Writes a small file. */
    public void write(String name, byte[] bytes) throws IOException {
      try (OutputStream out = create(name)) {
        out.write(bytes);
      }
    }

    /** Writes a file through a local one. */
    public void write(String name, WholeFile.LocalWriter writer) throws IOException {
      java.nio.file.Path local = Files.createTempFile("landloom-", ".tmp");
      try {
        writer.write(local);
        try (OutputStream out = create(name)) {
          Files.copy(local, out);
        }
      } finally {
        Files.deleteIfExists(local);
      }
    }

    /**
     * Moves the files, which must be closed, into the run; those that another attempt put there
     * stay.
     *
     * @param note what the driver is to know of the bucket
     */
    public void stage(String note) throws IOException {
      FileSystem fileSystem = path(attempt).getFileSystem(configuration);
      for (String name : names) {
        if (folders.add(name.substring(0, name.lastIndexOf('/') + 1))) {
          fileSystem.mkdirs(path(name).getParent());
        }
        place(fileSystem, name, name);
      }
      try (OutputStream out = StagedFiles.create(path(attempt + BUCKETS), configuration)) {
        out.write(note.getBytes(StandardCharsets.UTF_8));
      }
      place(fileSystem, BUCKETS, BUCKETS + "/" + number);
      fileSystem.delete(path(attempt), true);
    }

    private void place(FileSystem fileSystem, String from, String to) throws IOException {
      if (!Staging.rename(path(attempt + from), path(to), configuration)) {
        fileSystem.delete(path(attempt + from), false);
      }
    }
  }
}
