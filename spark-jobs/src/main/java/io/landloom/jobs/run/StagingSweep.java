package io.landloom.jobs.run;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Removes what dead drivers have left of runs that nobody goes on with, since their input, their
 * configuration or the program has changed.
 */
public final class StagingSweep {
  private static final String GONE = "_gone-";
  private static final String ASKING = "_asking-";

  private StagingSweep() {}

  /**
   * Removes stagings without a sign of life for longer than an age, with their attempts.
   *
   * <p>The lease of each is taken first, so that a driver that goes on with it at this moment and
   * the sweep keep apart.
   *
   * @param own the run that is about to be made, whose staging stays whatever its age
   * @return the runs whose stagings were removed
   */
  public static List<RunId> sweep(DatasetRoot dataset, RunId own, Duration age) throws IOException {
    List<RunId> removed = new ArrayList<>();
    FileStatus[] stagings = dataset.list(dataset.stagings());
    if (stagings.length == 0) {
      return removed;
    }
    long now = now(dataset);
    for (FileStatus staging : stagings) {
      String name = staging.getPath().getName();
      if (name.startsWith(GONE)) {
        dataset.fileSystem().delete(staging.getPath(), true);
      }
      Optional<RunId> run = RunId.parse(name).filter(one -> !one.equals(own));
      if (run.isPresent()
          && now - lastSign(dataset, staging) > age.toMillis()
          && remove(dataset, run.get(), age)) {
        removed.add(run.get());
      }
    }
    return removed;
  }

  private static boolean remove(DatasetRoot dataset, RunId run, Duration age) throws IOException {
    Optional<Lease> lease = Lease.takeIfOlder(dataset, run, age);
    if (lease.isEmpty()) {
      return false;
    }
    try (Lease held = lease.get()) {
      held.requireHeld();
      remove(dataset, dataset.staging(run));
    }
    return true;
  }

  /** The file system's clock, as it dates a file that is written now. */
  private static long now(DatasetRoot dataset) throws IOException {
    FileSystem fileSystem = dataset.fileSystem();
    Path file = new Path(dataset.stagings(), ASKING + UUID.randomUUID());
    fileSystem.create(file, false).close();
    long now = fileSystem.getFileStatus(file).getModificationTime();
    fileSystem.delete(file, false);
    return now;
  }

  /** When something was last written into a staging or a folder of it. */
  private static long lastSign(DatasetRoot dataset, FileStatus staging) throws IOException {
    long last = staging.getModificationTime();
    for (FileStatus child : dataset.list(staging.getPath())) {
      last = Math.max(last, child.getModificationTime());
    }
    for (FileStatus sign : dataset.list(new Path(staging.getPath(), Lease.FOLDER))) {
      last = Math.max(last, sign.getModificationTime());
    }
    return last;
  }

  /** Removes a staging: out of the way by one rename, so that nobody goes on with half of it. */
  static void remove(DatasetRoot dataset, Path staging) throws IOException {
    Path gone = new Path(dataset.stagings(), GONE + UUID.randomUUID());
    try {
      Staging.rename(staging, gone, dataset.configuration());
    } catch (FileNotFoundException | NoSuchFileException e) {
      return; // there is none, or another driver was faster
    }
    dataset.fileSystem().delete(gone, true);
    removeIfEmpty(dataset);
  }

  /** Removes the folder of all stagings where nothing is made. */
  static void removeIfEmpty(DatasetRoot dataset) throws IOException {
    Path stagings = dataset.stagings();
    if (dataset.fileSystem().exists(stagings) && dataset.list(stagings).length == 0) {
      try {
        dataset.fileSystem().delete(stagings, false);
      } catch (IOException e) {
        if (dataset.list(stagings).length == 0) {
          throw e;
        }
        // another driver began a run in it just now
      }
    }
  }
}
