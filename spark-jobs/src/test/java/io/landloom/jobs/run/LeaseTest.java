package io.landloom.jobs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may make a run, on the local file system and on a small HDFS. */
class LeaseTest {
  private static final RunId RUN = RunId.of("tile").with("test", "lease").build();
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final int RACERS = 16;
  private static final int ROUNDS = 5;

  @TempDir static Path shared;
  private static MiniDFSCluster cluster;

  @TempDir Path folder;
  private final List<Lease> leases = new ArrayList<>();

  /** A small HDFS, started for the first test that asks for it. */
  private static MiniDFSCluster hdfs() throws IOException {
    if (cluster == null) {
      Configuration configuration = new Configuration();
      configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, shared.resolve("dfs").toString());
      configuration.setInt("dfs.replication", 1);
      cluster = new MiniDFSCluster.Builder(configuration).numDataNodes(1).build();
      cluster.waitActive();
    }
    return cluster;
  }

  @AfterAll
  static void stopHdfs() {
    if (cluster != null) {
      cluster.shutdown(true);
    }
  }

  @AfterEach
  void endHeartbeats() {
    leases.forEach(Lease::stop);
  }

  private DatasetRoot dataset(String fileSystem) throws IOException {
    String root =
        fileSystem.equals("hdfs")
            ? hdfs().getFileSystem().getUri() + "/lease/" + folder.getFileName()
            : folder.resolve("out").toString();
    return new DatasetRoot(root, new Configuration());
  }

  private Lease acquire(DatasetRoot dataset) throws IOException {
    Lease lease = Lease.acquire(dataset, RUN, PATIENCE);
    leases.add(lease);
    return lease;
  }

  private static FileStatus[] files(DatasetRoot dataset) throws IOException {
    return dataset
        .fileSystem()
        .listStatus(new org.apache.hadoop.fs.Path(dataset.staging(RUN), Lease.FOLDER));
  }

  private static List<String> names(DatasetRoot dataset) throws IOException {
    return Arrays.stream(files(dataset)).map(file -> file.getPath().getName()).sorted().toList();
  }

  /** Makes all signs of life older. */
  static void age(DatasetRoot dataset, RunId run, Duration by) throws IOException {
    FileSystem fileSystem = dataset.fileSystem();
    for (FileStatus file :
        fileSystem.listStatus(new org.apache.hadoop.fs.Path(dataset.staging(run), Lease.FOLDER))) {
      fileSystem.setTimes(
          file.getPath(), file.getModificationTime() - by.toMillis(), file.getAccessTime());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "hdfs"})
  void aSecondDriverIsToldWhoMakesTheRunAndLeavesNothing(String fileSystem) throws IOException {
    DatasetRoot dataset = dataset(fileSystem);
    Lease first = acquire(dataset);
    List<String> before = names(dataset);
    assertEquals(List.of("first"), before);
    JobException e = assertThrows(JobException.class, () -> acquire(dataset));
    assertEquals(JobException.Kind.INFRA, e.kind());
    String pid = ", pid " + ProcessHandle.current().pid() + ", since 2";
    assertTrue(
        e.getMessage().startsWith(RUN + " is being made by another driver (host "), e.getMessage());
    assertTrue(e.getMessage().contains(pid), e.getMessage());
    assertTrue(
        e.getMessage().endsWith("or 300 s after its last heartbeat (run.leaseSeconds)"),
        e.getMessage());
    assertEquals(1, e.getMessage().lines().count());
    assertEquals(before, names(dataset));
    first.requireHeld();
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "hdfs"})
  void ofManyDriversOneTakesOverFromADeadOne(String fileSystem) throws Exception {
    DatasetRoot dataset = dataset(fileSystem);
    ExecutorService threads = Executors.newFixedThreadPool(RACERS);
    for (int round = 0; round < ROUNDS; round++) {
      CountDownLatch start = new CountDownLatch(1);
      List<Future<Lease>> racers = new ArrayList<>();
      for (int i = 0; i < RACERS; i++) {
        Callable<Lease> racer =
            () -> {
              start.await();
              return Lease.acquire(dataset, RUN, PATIENCE);
            };
        racers.add(threads.submit(racer));
      }
      start.countDown();
      List<Lease> won = new ArrayList<>();
      for (Future<Lease> racer : racers) {
        try {
          won.add(racer.get());
        } catch (java.util.concurrent.ExecutionException e) {
          assertTrue(
              e.getCause().getMessage().startsWith(RUN + " is being made by another driver"),
              e.getCause().toString());
        }
      }
      assertEquals(1, won.size(), "round " + round);
      won.get(0).requireHeld();
      leases.addAll(won);
      age(dataset, RUN, PATIENCE.plusSeconds(1));
    }
    threads.shutdown();
    assertEquals(ROUNDS, names(dataset).stream().filter(name -> !name.contains("asking")).count());
    for (Lease lost : leases.subList(0, ROUNDS - 1)) {
      assertFalse(lost.isHeld());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "hdfs"})
  void aHeartbeatKeepsOthersAwayAndItsAgeLetsThemIn(String fileSystem) throws IOException {
    DatasetRoot dataset = dataset(fileSystem);
    Lease first = acquire(dataset);
    age(dataset, RUN, PATIENCE.plusSeconds(1));
    first.beat();
    assertThrows(JobException.class, () -> acquire(dataset));
    age(dataset, RUN, PATIENCE.minusSeconds(60));
    assertThrows(JobException.class, () -> acquire(dataset));
    age(dataset, RUN, Duration.ofSeconds(61));
    acquire(dataset).requireHeld();
    JobException e = assertThrows(JobException.class, first::requireHeld);
    assertEquals(JobException.Kind.INFRA, e.kind());
    assertTrue(
        e.getMessage()
            .startsWith(RUN + ": this driver lost its lease and stops before it publishes; host "),
        e.getMessage());
    assertTrue(e.getMessage().endsWith(" has it"), e.getMessage());
  }

  @Test
  void aHeartbeatComesByItself() throws IOException {
    DatasetRoot dataset = dataset("local");
    Lease lease = acquire(dataset);
    lease.keep(Duration.ofMillis(50), () -> {});
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (names(dataset).size() < 2) {
      assertTrue(System.nanoTime() < end, "no heartbeat in a minute");
      Thread.onSpinWait();
    }
    assertTrue(names(dataset).get(0).startsWith("beat-"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "hdfs"})
  void aLookOfLongAgoTakesNothing(String fileSystem) throws IOException {
    DatasetRoot dataset = dataset(fileSystem);
    acquire(dataset);
    age(dataset, RUN, PATIENCE.plusSeconds(1));
    try (Lease.Question late = Lease.Question.ask(dataset, RUN, dataset.staging(RUN));
        Lease.Question early = Lease.Question.ask(dataset, RUN, dataset.staging(RUN))) {
      Optional<Lease> taken = early.take();
      assertTrue(taken.isPresent());
      assertTrue(late.take().isEmpty());
      taken.get().requireHeld();
    }
    try (Lease.Question late = Lease.Question.ask(dataset, RUN, dataset.staging(RUN))) {
      StagingSweep.remove(dataset, dataset.staging(RUN));
      Lease other = acquire(dataset);
      assertThrows(IOException.class, late::take);
      other.requireHeld();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "hdfs"})
  void anEndedDriverIsFollowedAtOnce(String fileSystem) throws IOException {
    DatasetRoot dataset = dataset(fileSystem);
    acquire(dataset).close();
    acquire(dataset).requireHeld();
  }

  @Test
  void theHeartbeatFindsThatAnotherHasTheLease() throws Exception {
    DatasetRoot dataset = dataset("local");
    Lease first = acquire(dataset);
    age(dataset, RUN, PATIENCE.plusSeconds(1));
    acquire(dataset);
    CountDownLatch lost = new CountDownLatch(1);
    first.keep(Duration.ofMillis(50), lost::countDown);
    assertTrue(lost.await(60, TimeUnit.SECONDS));
    assertTrue(first.isLost());
  }

  /** While the one that has the lease now beats on. */
  @Test
  void aDriverHearsOnceThatItsLeaseIsLost() throws Exception {
    DatasetRoot dataset = dataset("local");
    Lease first = acquire(dataset);
    age(dataset, RUN, PATIENCE.plusSeconds(1));
    Lease second = acquire(dataset);
    AtomicInteger heard = new AtomicInteger();
    first.keep(Duration.ofMillis(25), heard::incrementAndGet);
    second.keep(Duration.ofMillis(25), () -> {});
    Set<Long> beats = new HashSet<>();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (heard.get() == 0 || beats.size() < 5) {
      assertTrue(System.nanoTime() < end, heard + " heard, beats at " + beats + " in a minute");
      if (heard.get() > 0) {
        Arrays.stream(files(dataset))
            .filter(file -> file.getPath().getName().startsWith("beat-"))
            .forEach(file -> beats.add(file.getModificationTime()));
      }
      LockSupport.parkNanos(1_000_000);
    }
    assertEquals(1, heard.get());
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "hdfs"})
  void aLeaseIsLostWhenItIsAnothersAndNotWhenItWasGivenBack(String fileSystem) throws IOException {
    DatasetRoot dataset = dataset(fileSystem);
    Lease first = acquire(dataset);
    assertFalse(first.isLost());
    age(dataset, RUN, PATIENCE.plusSeconds(1));
    Lease second = acquire(dataset);
    assertTrue(first.isLost());
    first.stop();
    assertFalse(first.isLost(), "it ended before it was lost");
    second.close();
    assertFalse(second.isLost());
  }

  @Test
  void theHeartbeatFindsThatTheStagingIsGoneAndDoesNotMakeItAgain() throws Exception {
    DatasetRoot dataset = dataset("local");
    Lease first = acquire(dataset);
    StagingSweep.remove(dataset, dataset.staging(RUN));
    CountDownLatch lost = new CountDownLatch(1);
    first.keep(Duration.ofMillis(50), lost::countDown);
    assertTrue(lost.await(60, TimeUnit.SECONDS));
    assertEquals(
        RUN + ": this driver lost its lease and stops before it publishes; it is gone",
        first.loss().getMessage());
    assertThrows(IOException.class, first::beat);
    first.close();
    assertFalse(dataset.fileSystem().exists(dataset.stagings()));
  }

  @Test
  void aFileThatIsNoLeaseIsNamed() throws IOException {
    DatasetRoot dataset = dataset("local");
    acquire(dataset);
    org.apache.hadoop.fs.Path file = files(dataset)[0].getPath();
    try (var out = dataset.fileSystem().create(file, true)) {
      out.write("owner : {".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
    IOException e = assertThrows(IOException.class, () -> acquire(dataset));
    assertTrue(e.getMessage().startsWith(file + " is no lease: "), e.getMessage());
  }
}
