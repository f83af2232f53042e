package io.landloom.jobs.run;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.ShutdownHookManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right to make a run, which one driver has as long as its heartbeat is fresh.
 *
 * <p>The leases of a staging are a chain of files in its folder {@code _lease}: {@code first}, then
 * {@code after-<owner>} for the one that took over from a dead owner; each says who its own owner
 * is, and the last one holds. A file comes there whole, by a rename that fails where one of its
 * name is, so of several drivers one takes over. And since the name says from whom, a driver that
 * looked long ago cannot take the lease from an owner it has never seen.
 *
 * <p>A heartbeat's age is the time between its file and one that the asking driver has just
 * written, both as the file system dates them: clocks of hosts need not agree.
 */
public final class Lease implements AutoCloseable {
  /** Folder of the chain, in the staging of a run. */
  static final String FOLDER = "_lease";

  private static final String FIRST = "first";
  private static final String AFTER = "after-";
  private static final String BEAT = "beat-";
  private static final String ENDED = "ended-";
  private static final String ASKING = "asking-";
  private static final int TRIES = 20;
  private static final int BEATS_A_LIFE = 5;
  // after Spark has ended its tasks, before Hadoop closes the file systems
  private static final int HOOK_PRIORITY = FileSystem.SHUTDOWN_HOOK_PRIORITY + 5;
  private static final Logger log = LoggerFactory.getLogger(Lease.class);

  private final FileSystem fileSystem;
  private final RunId run;
  private final Path folder;
  private final Holder own;
  private final ScheduledExecutorService timer;
  private final Runnable atShutdown = this::close;
  private volatile boolean lost;

  private Lease(FileSystem fileSystem, RunId run, Path folder, Holder own) {
    this.fileSystem = fileSystem;
    this.run = run;
    this.folder = folder;
    this.own = own;
    this.timer =
        Executors.newSingleThreadScheduledExecutor(
            runnable -> {
              Thread thread = new Thread(runnable, "lease " + run);
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Who makes a run.
   *
   * @param owner unlike any other driver's
   * @param host where it runs
   * @param pid its process there
   * @param since when it began, by the clock of its host
   */
  record Holder(String owner, String host, long pid, String since) {
    static Holder here() {
      return new Holder(
          UUID.randomUUID().toString(),
          hostName(),
          ProcessHandle.current().pid(),
          Instant.now().toString());
    }

    private static String hostName() {
      try {
        return InetAddress.getLocalHost().getHostName();
      } catch (UnknownHostException e) {
        return "unknown";
      }
    }

    private String json() {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("owner", owner);
      fields.put("host", host);
      fields.put("pid", pid);
      fields.put("since", since);
      return RunRecord.json(fields);
    }

    private static Holder read(FileSystem fileSystem, Path file) throws IOException {
      try (InputStream in = fileSystem.open(file)) {
        Config config =
            ConfigFactory.parseString(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        return new Holder(
            config.getString("owner"),
            config.getString("host"),
            config.getLong("pid"),
            config.getString("since"));
      } catch (ConfigException e) {
        throw new IOException(file + " is no lease: " + e.getMessage(), e);
      }
    }

    /** For messages. */
    String text() {
      return "host " + host + ", pid " + pid + ", since " + since;
    }
  }

  /**
   * What the folder of a lease says.
   *
   * @param holder the last owner, null where there has been none
   * @param beat when it last gave a sign of life, in milliseconds of the file system's clock
   * @param ended whether it said that it has ended
   */
  record Chain(Holder holder, long beat, boolean ended) {
    static Chain read(FileSystem fileSystem, Path folder) throws IOException {
      Map<String, FileStatus> files = new HashMap<>();
      for (FileStatus status : fileSystem.listStatus(folder)) {
        files.put(status.getPath().getName(), status);
      }
      Holder holder = null;
      long beat = 0;
      for (FileStatus next = files.get(FIRST); next != null; ) {
        holder = Holder.read(fileSystem, next.getPath());
        beat = next.getModificationTime();
        next = files.get(AFTER + holder.owner());
      }
      if (holder == null) {
        return new Chain(null, 0, true);
      }
      FileStatus last = files.get(BEAT + holder.owner());
      return new Chain(
          holder,
          last == null ? beat : Math.max(beat, last.getModificationTime()),
          files.containsKey(ENDED + holder.owner()));
    }

    private String next() {
      return holder == null ? FIRST : AFTER + holder.owner();
    }

    private boolean isOf(Holder one) {
      return holder != null && holder.owner().equals(one.owner());
    }
  }

  /**
   * Takes the lease of a run, unless another driver lives that has it.
   *
   * @param patience age of a heartbeat beyond which its driver counts as dead
   * @throws JobException of kind {@code INFRA}, so that a scheduler tries again, if one lives
   */
  static Lease acquire(DatasetRoot dataset, RunId run, Duration patience) throws IOException {
    return acquire(dataset, run, dataset.staging(run), patience);
  }

  /** Takes the lease that lies in a folder, likewise. */
  static Lease acquire(DatasetRoot dataset, RunId run, Path parent, Duration patience)
      throws IOException {
    for (int i = 0; i < TRIES; i++) {
      try (Question question = Question.ask(dataset, run, parent)) {
        if (!question.chain.ended() && question.age().compareTo(patience) <= 0) {
          throw question.refusal(patience);
        }
        Optional<Lease> lease = question.take();
        if (lease.isPresent()) {
          return lease.get();
        }
      } catch (FileNotFoundException | NoSuchFileException e) {
        log.debug("{}: its staging went away while its lease was asked for; asking again", run, e);
      }
    }
    throw new JobException(
        JobException.Kind.INFRA,
        run + ": its lease changed hands " + TRIES + " times while it was asked for; start again");
  }

  /** Takes the lease of a run whose last sign of life is older than an age; empty if none is. */
  static Optional<Lease> takeIfOlder(DatasetRoot dataset, RunId run, Duration age)
      throws IOException {
    try (Question question = Question.ask(dataset, run, dataset.staging(run))) {
      return question.age().compareTo(age) > 0 ? question.take() : Optional.empty();
    } catch (FileNotFoundException | NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** A driver's look at a lease: a file of its own, whose date is now, and what is there. */
  static final class Question implements AutoCloseable {
    private final Lease asked;
    private final Path file;
    private final long now;
    private final Chain chain;

    private Question(Lease asked, Path file, long now, Chain chain) {
      this.asked = asked;
      this.file = file;
      this.now = now;
      this.chain = chain;
    }

    static Question ask(DatasetRoot dataset, RunId run, Path parent) throws IOException {
      FileSystem fileSystem = dataset.fileSystem();
      Path folder = new Path(parent, FOLDER);
      fileSystem.mkdirs(folder);
      Holder own = Holder.here();
      Path file = new Path(folder, ASKING + own.owner());
      write(fileSystem, file, own.json());
      return new Question(
          new Lease(fileSystem, run, folder, own),
          file,
          fileSystem.getFileStatus(file).getModificationTime(),
          Chain.read(fileSystem, folder));
    }

    Duration age() {
      return Duration.ofMillis(now - chain.beat());
    }

    /**
     * Takes the lease after the last owner that was seen; empty if another driver was faster.
     *
     * @throws IOException if the staging was removed or published since: the file that is renamed
     *     lies in it, and goes where it goes
     */
    Optional<Lease> take() throws IOException {
      Path place = new Path(asked.folder, chain.next());
      return Staging.rename(file, place, asked.fileSystem.getConf())
          ? Optional.of(asked)
          : Optional.empty();
    }

    JobException refusal(Duration patience) {
      return new JobException(
          JobException.Kind.INFRA,
          String.format(
              "%s is being made by another driver (%s, last heartbeat %d s ago); start it again when"
                  + " that one has ended, or %d s after its last heartbeat (run.leaseSeconds)",
              asked.run,
              chain.holder().text(),
              Math.max(0, age().toSeconds()),
              patience.toSeconds()));
    }

    @Override
    public void close() throws IOException {
      asked.fileSystem.delete(file, false);
    }
  }

  /**
   * Keeps the lease until it is closed, another driver has it, or this one is asked to end.
   *
   * @param patience the age beyond which others take the driver for dead
   * @param onLoss what to do, once, when the lease is another's or gone
   */
  void keep(Duration patience, Runnable onLoss) {
    long period = Math.max(1, patience.toMillis() / BEATS_A_LIFE);
    timer.scheduleAtFixedRate(() -> renew(onLoss), period, period, TimeUnit.MILLISECONDS);
    ShutdownHookManager.get().addShutdownHook(atShutdown, HOOK_PRIORITY);
  }

  private void renew(Runnable onLoss) {
    try {
      if (isHeld()) {
        beat();
        return;
      }
    } catch (FileNotFoundException e) {
      log.debug("{}: its lease is gone", run, e);
    } catch (IOException e) {
      log.warn("{}: its lease was not renewed, which is tried again: {}", run, e.toString());
      return;
    }
    lost = true;
    timer.shutdown();
    onLoss.run();
  }

  /** Gives a sign of life; never makes the folder, which may be published or another's by now. */
  void beat() throws IOException {
    write(fileSystem, new Path(folder, BEAT + own.owner()), Instant.now() + "\n");
  }

  /** Whether this driver's lease is the last of the chain. */
  boolean isHeld() throws IOException {
    try {
      return !lost && Chain.read(fileSystem, folder).isOf(own);
    } catch (FileNotFoundException | NoSuchFileException e) {
      return false;
    }
  }

  /** Whether the lease was lost while the run was made, and so why that failed. */
  public boolean isLost() {
    try {
      return lost || (!timer.isShutdown() && !isHeld());
    } catch (IOException e) {
      log.debug("{}: whether its lease is lost cannot be seen", run, e);
      return false;
    }
  }

  /**
   * Checks that the run is still this driver's to make.
   *
   * @throws JobException of kind {@code INFRA} if it is not
   */
  void requireHeld() throws IOException {
    if (!isHeld()) {
      throw loss();
    }
  }

  /** What a driver says that lost its lease. */
  public JobException loss() {
    String now;
    try {
      Holder holder = Chain.read(fileSystem, folder).holder();
      now = holder == null || holder.equals(own) ? "it is gone" : holder.text() + " has it";
    } catch (IOException e) {
      now = "it is gone";
    }
    return new JobException(
        JobException.Kind.INFRA,
        run + ": this driver lost its lease and stops before it publishes; " + now);
  }

  /** Ends the heartbeat; what is staged stays this driver's for as long as others are patient. */
  void stop() {
    timer.shutdownNow();
    try {
      timer.awaitTermination(1, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!ShutdownHookManager.get().isShutdownInProgress()) {
      ShutdownHookManager.get().removeShutdownHook(atShutdown);
    }
  }

  /** Ends the heartbeat and lets the next driver go on at once. */
  @Override
  public void close() {
    stop();
    try {
      if (isHeld()) {
        write(fileSystem, new Path(folder, ENDED + own.owner()), Instant.now() + "\n");
      }
    } catch (FileNotFoundException e) {
      log.debug("{}: published or removed, and its lease with it", run, e);
    } catch (IOException e) {
      log.warn("{}: its lease was not given back and will run out: {}", run, e.toString());
    }
  }

  private static void write(FileSystem fileSystem, Path file, String text) throws IOException {
    try (OutputStream out = fileSystem.createFile(file).overwrite(true).build()) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }
}
