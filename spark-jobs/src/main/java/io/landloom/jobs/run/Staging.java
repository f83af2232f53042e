package io.landloom.jobs.run;

import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;

/**
 * A run while it is made: buckets written by tasks, checked and published by one rename.
 *
 * <p>A task writes the files of a bucket below {@code _attempts} and renames each into the table's
 * folder, the first attempt wins. A bucket counts as staged only when every table has its file and
 * all carry one attempt id.
 */
public final class Staging {
  static final String ATTEMPTS = "_attempts";

  private final DatasetRoot dataset;
  private final RunId run;
  private final List<String> tables;
  private final Path folder;
  private final Path destination;
  private Lease lease;
  private Duration patience;

  /** The staging of a run that writes the given tables. */
  public Staging(DatasetRoot dataset, RunId run, List<String> tables) {
    this(dataset, run, tables, dataset.run(run));
  }

  private Staging(DatasetRoot dataset, RunId run, List<String> tables, Path destination) {
    this.dataset = dataset;
    this.run = run;
    this.tables = List.copyOf(tables);
    this.folder = dataset.staging(run);
    this.destination = destination;
  }

  /**
   * The staging of a run that becomes a folder of any name and place, without tables: it is staged
   * beside that folder, in {@code _staging}, on the same file system.
   */
  public static Staging beside(Path destination, RunId run, Configuration configuration)
      throws IOException {
    Path parent = destination.getParent();
    DatasetRoot around = new DatasetRoot(parent.toString(), configuration);
    return new Staging(around, run, List.of(), destination);
  }

  /** The run that is made. */
  public RunId run() {
    return run;
  }

  /** Whether there is something where the run is to be published. */
  public boolean isPublished() throws IOException {
    return dataset.fileSystem().exists(destination);
  }

  /** The dataset, or the folder, in which the run is staged. */
  public DatasetRoot dataset() {
    return dataset;
  }

  /** What a task needs to write buckets. */
  public Target target() {
    return new Target(folder.toString(), tables);
  }

  /** What a task needs to write files that are not tables. */
  public StagedFiles files() {
    return new StagedFiles(folder.toString());
  }

  /**
   * Takes the run's lease and keeps it fresh; nothing of the run may be touched before.
   *
   * @param patience age of a heartbeat beyond which its driver counts as dead
   * @param onLoss what to do, once, when another driver has taken the lease
   * @return the lease, to be closed when the work has ended
   * @throws JobException of kind {@code INFRA} if another driver makes the run
   */
  public Lease hold(Duration patience, Runnable onLoss) throws IOException {
    this.patience = patience;
    lease = Lease.acquire(dataset, run, patience);
    lease.keep(patience, onLoss);
    return lease;
  }

  /**
   * Makes the folders; of an interrupted run the whole buckets are kept and the rest is removed.
   *
   * @return numbers of the buckets that are staged already
   */
  public TreeSet<Integer> open() throws IOException {
    FileSystem fileSystem = dataset.fileSystem();
    fileSystem.delete(new Path(folder, ATTEMPTS), true);
    fileSystem.mkdirs(new Path(folder, ATTEMPTS));
    TreeSet<Integer> staged = staged();
    Set<String> kept = staged.stream().map(Bucket::fileName).collect(Collectors.toSet());
    for (String table : tables) {
      Path tableFolder = new Path(folder, table);
      fileSystem.mkdirs(tableFolder);
      for (FileStatus status : dataset.partFiles(tableFolder)) {
        if (!kept.contains(status.getPath().getName())) {
          fileSystem.delete(status.getPath(), false);
        }
      }
    }
    return staged;
  }

  /** Summaries of the files of a table, read from their footers. */
  public List<FileSummary> summaries(String table) throws IOException {
    try {
      // footers are read many at a time: each costs a few round trips and no work
      return dataset.partFiles(new Path(folder, table)).parallelStream()
          .map(status -> FileSummary.readUnchecked(status, dataset.configuration()))
          .toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** Numbers of the buckets whose files are all there, readable, and of one attempt. */
  private TreeSet<Integer> staged() throws IOException {
    Map<Integer, List<String>> attempts = new TreeMap<>();
    for (String table : tables) {
      dataset.partFiles(new Path(folder, table)).parallelStream()
          .map(status -> FileSummary.tryRead(status, dataset.configuration()))
          .flatMap(Optional::stream)
          .toList()
          .forEach(
              summary ->
                  attempts
                      .computeIfAbsent(summary.bucket(), bucket -> new ArrayList<>())
                      .add(summary.attempt()));
    }
    return attempts.entrySet().stream()
        .filter(e -> e.getValue().size() == tables.size())
        .filter(e -> e.getValue().stream().distinct().count() == 1)
        .map(Map.Entry::getKey)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Takes a bucket back, so that it is made again without the scenes that were refused. */
  public void withdraw(int bucket) throws IOException {
    for (String table : tables) {
      dataset.fileSystem().delete(new Path(new Path(folder, table), Bucket.fileName(bucket)), true);
    }
  }

  /** Leaves nothing of the run. */
  public void discard() throws IOException {
    StagingSweep.remove(dataset, folder);
  }

  /** Folder for files of the run that are not tables, published with it. */
  public Path folder() {
    return folder;
  }

  /**
   * Checks the staged files and publishes the run by one rename of its folder.
   *
   * @param buckets how many buckets the plan has; every one must be staged
   * @return false if another driver had published the same run before
   * @throws JobException if a file is missing, keys are not unique, or another driver has the lease
   */
  public boolean publish(int buckets, RunRecord record) throws IOException {
    return publish(buckets, record, List.of());
  }

  /**
   * Publishes the run in place of others, which are retired as the last thing before: readers may
   * miss for a moment what they held, and never see it twice.
   *
   * @param replaced published runs that this one holds anew
   */
  public boolean publish(int buckets, RunRecord record, List<RunId> replaced) throws IOException {
    check(buckets, record);
    return rename(replaced);
  }

  /** What a run looks for in the dataset before it is published. */
  @FunctionalInterface
  public interface LastLook {
    /**
     * Looks at what other runs have published.
     *
     * @throws JobException if this run must not be published beside it
     */
    void look() throws IOException;
  }

  /**
   * Publishes the run likewise, after a last look at what other runs of its job have published:
   * from that look to the rename, no other run of the job is published this way.
   *
   * @param last what must not be there yet
   * @throws JobException of kind {@code INFRA} if another run of the job is published just now
   */
  public boolean publish(int buckets, RunRecord record, List<RunId> replaced, LastLook last)
      throws IOException {
    check(buckets, record);
    Path place = dataset.publishing(run.job());
    try (Lease turn = takeTurn(place)) {
      turn.keep(patience, () -> {});
      try {
        last.look();
        turn.requireHeld();
        return rename(replaced);
      } finally {
        if (turn.isHeld()) {
          StagingSweep.remove(dataset, place);
        }
      }
    }
  }

  private Lease takeTurn(Path place) throws IOException {
    try {
      return Lease.acquire(dataset, run, place, patience);
    } catch (JobException e) {
      throw new JobException(
          e.kind(),
          run
              + ": another run of "
              + run.job()
              + " is being published, and one at a time is; start again, what is staged is kept ("
              + e.getMessage()
              + ")",
          e);
    }
  }

  private void check(int buckets, RunRecord record) throws IOException {
    if (lease == null) {
      throw new IllegalStateException(run + " has no lease and cannot be published");
    }
    int staged = staged().size();
    if (staged != buckets) {
      throw new JobException(
          JobException.Kind.INFRA, run + ": " + staged + " of " + buckets + " buckets are staged");
    }
    for (String table : tables) {
      checkKeys(table);
    }
    dataset.fileSystem().delete(new Path(folder, ATTEMPTS), true);
    write(dataset.runRecord(folder), record.json());
  }

  private boolean rename(List<RunId> replaced) throws IOException {
    lease.stop();
    lease.requireHeld();
    for (RunId old : replaced) {
      retire(dataset, old);
    }
    boolean published = rename(folder, destination, dataset.configuration());
    if (published) {
      for (String own : List.of(Lease.FOLDER, StagedFiles.BUCKETS, StagedFiles.PARTS)) {
        dataset.fileSystem().delete(new Path(destination, own), true);
      }
      StagingSweep.removeIfEmpty(dataset);
    } else {
      discard();
    }
    return published;
  }

  /**
   * Moves a published run out of readers' sight, because another took its place.
   *
   * <p>A run that is not there was retired before, by a driver that ended then.
   */
  public static void retire(DatasetRoot dataset, RunId old) throws IOException {
    if (!dataset.holds(old)) {
      return;
    }
    Path to = dataset.retired(old);
    dataset.fileSystem().mkdirs(to.getParent());
    dataset.fileSystem().delete(to, true);
    rename(dataset.run(old), to, dataset.configuration());
  }

  private void checkKeys(String table) throws IOException {
    List<FileSummary> summaries = summaries(table);
    Map<String, String> lastByFirst = new HashMap<>();
    List<String> firsts = new ArrayList<>();
    for (FileSummary summary : summaries) {
      if (summary.rows() > 0) {
        firsts.add(summary.firstKey());
        lastByFirst.put(summary.firstKey(), summary.lastKey());
      }
    }
    firsts.sort(null);
    for (int i = 1; i < firsts.size(); i++) {
      String before = lastByFirst.get(firsts.get(i - 1));
      if (before.compareTo(firsts.get(i)) >= 0) {
        throw new JobException(
            JobException.Kind.BUG, run + ": keys of " + table + " overlap at " + firsts.get(i));
      }
    }
  }

  /** Writes a small text file of the staging, which is published whole or not at all. */
  private void write(Path path, String text) throws IOException {
    try (OutputStream out = dataset.fileSystem().create(path, true)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Renames a file or folder; false if there is something of the new name. */
  static boolean rename(Path from, Path to, Configuration configuration) throws IOException {
    if (from.getFileSystem(configuration) instanceof LocalFileSystem local
        && local.pathToFile(from).isFile()) {
      return LocalRename.rename(local.pathToFile(from).toPath(), local.pathToFile(to).toPath());
    }
    FileContext context = FileContext.getFileContext(from.toUri(), configuration);
    try {
      context.rename(from, to, Options.Rename.NONE);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    }
  }

  /** Keeps the outcome of a job's last start for schedulers, whether it ended well or not. */
  public static void keepOutcome(DatasetRoot dataset, String job, Map<String, Object> fields)
      throws IOException {
    Path path = dataset.outcome(job);
    Path fresh = path.suffix("." + UUID.randomUUID());
    FileContext context =
        FileContext.getFileContext(dataset.path().toUri(), dataset.configuration());
    try (OutputStream out =
        context.create(
            fresh,
            EnumSet.of(CreateFlag.CREATE, CreateFlag.OVERWRITE),
            Options.CreateOpts.createParent())) {
      out.write(RunRecord.json(fields).getBytes(StandardCharsets.UTF_8));
    }
    context.rename(fresh, path, Options.Rename.OVERWRITE);
  }

  /**
   * Where tasks write buckets of a run; travels to executors.
   *
   * @param folder the run's staging folder
   * @param tables names of the tables of the run
   */
  public record Target(String folder, List<String> tables) implements Serializable {
    /** Where an attempt writes a table of a bucket. */
    public Path attempt(String table, int bucket, String attempt) {
      return new Path(
          folder + "/" + ATTEMPTS + "/" + attempt + "/" + table + "-" + Bucket.fileName(bucket));
    }

    /**
     * Moves the written files of a bucket into the run; the first attempt wins.
     *
     * @return whether this attempt's files are now the bucket's
     */
    public boolean stage(int bucket, String attempt, Configuration configuration)
        throws IOException {
      FileSystem fileSystem = new Path(folder).getFileSystem(configuration);
      List<Path> present = new ArrayList<>();
      for (String table : tables) {
        Path path = staged(table, bucket);
        if (fileSystem.exists(path)) {
          present.add(path);
        }
      }
      if (present.size() == tables.size()) {
        for (String table : tables) {
          fileSystem.delete(attempt(table, bucket, attempt), false);
        }
        return false;
      }
      for (Path leftOver : present) {
        fileSystem.delete(leftOver, false);
      }
      boolean first = true;
      for (String table : tables) {
        first &= rename(attempt(table, bucket, attempt), staged(table, bucket), configuration);
      }
      return first;
    }

    private Path staged(String table, int bucket) {
      return new Path(folder + "/" + table + "/" + Bucket.fileName(bucket));
    }
  }
}
