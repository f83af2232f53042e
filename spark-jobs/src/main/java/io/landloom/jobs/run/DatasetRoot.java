package io.landloom.jobs.run;

import io.landloom.geo.landcover.LandCoverScheme;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A dataset: one {@code output.root} with its published runs.
 *
 * <p>A published run is {@code run_id=<RunId>/<table>/part-<bucket>.parquet} with its {@code
 * run.json}; what is being made lies in {@code _staging/<RunId>}, where readers do not look.
 */
public final class DatasetRoot {
  private static final String RUN_PREFIX = "run_id=";
  private static final String STAGING = "_staging";
  private static final String OUTCOMES = "_outcomes";
  private static final String RETIRED = "_retired";
  private static final String RUN_RECORD = "run.json";

  private final Path root;
  private final Configuration configuration;
  private final FileSystem fileSystem;

  /**
   * The dataset at a path.
   *
   * @throws JobException if it is no path, or one that readers would take for a pattern
   * @throws IOException if its file system cannot be reached
   */
  public DatasetRoot(String root, Configuration configuration) throws IOException {
    if (!root.matches("[^{}\\[\\]*?\\\\]+")) {
      throw JobException.user(
          "output.root = " + root + ": a dataset's path cannot be empty or hold any of {}[]*?\\");
    }
    Path path = Paths.of("output.root", root);
    this.configuration = configuration;
    this.fileSystem = path.getFileSystem(configuration);
    this.root = fileSystem.makeQualified(path);
  }

  /** The dataset's folder, with its file system. */
  public Path path() {
    return root;
  }

  /** Whether the folder is there. */
  public boolean exists() throws IOException {
    return fileSystem.exists(root);
  }

  FileSystem fileSystem() {
    return fileSystem;
  }

  Configuration configuration() {
    return configuration;
  }

  /** Folder of a published run. */
  public Path run(RunId run) {
    return new Path(root, RUN_PREFIX + run);
  }

  /** Folder of a published table. */
  public Path table(RunId run, String table) {
    return new Path(run(run), table);
  }

  /** Folder in which a run is made. */
  public Path staging(RunId run) {
    return new Path(stagings(), run.text());
  }

  /** Folder of all runs that are made. */
  Path stagings() {
    return new Path(root, STAGING);
  }

  /** Folder of the lease under which the runs of a job are published one after the other. */
  Path publishing(String job) {
    return new Path(stagings(), "_publishing-" + job);
  }

  /** Where a run goes that a newer one took the place of; readers do not look there. */
  Path retired(RunId run) {
    return new Path(new Path(root, RETIRED), RUN_PREFIX + run);
  }

  /** Where the last outcome of a job is kept, whether it ended well or not. */
  public Path outcome(String job) {
    return new Path(new Path(root, OUTCOMES), job + ".json");
  }

  /** Whether a run is published. */
  public boolean holds(RunId run) throws IOException {
    return fileSystem.exists(run(run));
  }

  /** The published runs of a job, oldest first. */
  public List<RunRecord> runs(String job) throws IOException {
    List<RunRecord> records = new ArrayList<>();
    for (RunRecord published : runs()) {
      if (published.runId().job().equals(job)) {
        records.add(published);
      }
    }
    return records;
  }

  /** All published runs, oldest first. */
  public List<RunRecord> runs() throws IOException {
    List<RunRecord> records = new ArrayList<>();
    for (FileStatus status : list(root)) {
      String name = status.getPath().getName();
      if (status.isDirectory() && name.startsWith(RUN_PREFIX)) {
        records.add(record(published(status.getPath())));
      }
    }
    records.sort(
        Comparator.comparing(RunRecord::finished)
            .thenComparing(published -> published.runId().text()));
    return records;
  }

  private static RunId published(Path folder) {
    try {
      return new RunId(folder.getName().substring(RUN_PREFIX.length()));
    } catch (IllegalArgumentException e) {
      throw new JobException(
          JobException.Kind.USER,
          folder + " is no run of Landloom; move it out of the dataset, readers would count it",
          e);
    }
  }

  /**
   * The published runs of a job with a scheme, oldest first.
   *
   * @throws JobException if one has a scheme of that name with other classes, codes or colours
   */
  public List<RunRecord> runs(String job, LandCoverScheme scheme) throws IOException {
    List<RunRecord> records = new ArrayList<>();
    for (RunRecord published : runs(job)) {
      if (published.text(RunRecord.SCHEME).equals(scheme.name())) {
        if (!published.text(RunRecord.SCHEME_DIGEST).equals(RunRecord.digest(scheme))) {
          throw JobException.user(
              published.runId()
                  + " in "
                  + root
                  + " was made with another definition of scheme "
                  + scheme.name()
                  + "; give the changed scheme another name");
        }
        records.add(published);
      }
    }
    return records;
  }

  /** The newest published run of a job. */
  public Optional<RunRecord> newest(String job) throws IOException {
    List<RunRecord> records = runs(job);
    return records.isEmpty() ? Optional.empty() : Optional.of(records.get(records.size() - 1));
  }

  /** The record of a published run. */
  public RunRecord record(RunId run) throws IOException {
    return RunRecord.read(new Path(run(run), RUN_RECORD), configuration);
  }

  /** The Parquet files of a published table, in the order of their buckets. */
  public List<FileStatus> files(RunId run, String table) throws IOException {
    return partFiles(table(run, table));
  }

  List<FileStatus> partFiles(Path folder) throws IOException {
    List<FileStatus> files = new ArrayList<>();
    for (FileStatus status : list(folder)) {
      if (Bucket.isPart(status.getPath().getName())) {
        files.add(status);
      }
    }
    files.sort(Comparator.comparingInt(status -> Bucket.number(status.getPath().getName())));
    return files;
  }

  FileStatus[] list(Path folder) throws IOException {
    try {
      return fileSystem.listStatus(folder);
    } catch (FileNotFoundException e) {
      return new FileStatus[0];
    }
  }

  Path runRecord(Path folder) {
    return new Path(folder, RUN_RECORD);
  }
}
