package io.landloom.jobs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.jobs.table.RowFields;
import io.landloom.jobs.table.Table;
import io.landloom.jobs.table.TableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StagingTest {
  private static final RunId RUN = RunId.of("tile").with("test", 1).build();
  private static final List<String> TABLES = List.of("words", "letters");

  @TempDir Path folder;
  private final Configuration configuration = new Configuration();
  private final List<Lease> leases = new ArrayList<>();
  private DatasetRoot dataset;
  private Staging staging;

  /** A table of texts. */
  private static final class Words extends Table<String> {
    Words(String name) {
      super(name, "required binary word (STRING);");
    }

    @Override
    public String key(String row) {
      return row;
    }

    @Override
    public void write(String row, RowFields fields) {
      fields.text("word", row);
    }
  }

  @BeforeEach
  void open() throws IOException {
    dataset = new DatasetRoot(folder.resolve("out").toString(), configuration);
    staging = held();
    staging.open();
  }

  private Staging held() throws IOException {
    Staging fresh = new Staging(dataset, RUN, TABLES);
    leases.add(fresh.hold(Duration.ofMinutes(5), () -> {}));
    return fresh;
  }

  @AfterEach
  void endHeartbeats() {
    leases.forEach(Lease::close);
  }

  private void write(int bucket, String attempt, String table, String... words) throws IOException {
    try (TableFile<String> file =
        TableFile.create(
            new Words(table),
            staging.target().attempt(table, bucket, attempt),
            bucket,
            attempt,
            Map.of(),
            configuration)) {
      for (String word : words) {
        file.append(word);
      }
    }
  }

  private boolean stage(int bucket, String attempt, String... words) throws IOException {
    for (String table : TABLES) {
      write(bucket, attempt, table, words);
    }
    return staging.target().stage(bucket, attempt, configuration);
  }

  private RunRecord record() {
    return new RunRecord(RUN, "2026-01-01T00:00:00Z", Map.of("kind", "OK"));
  }

  @Test
  void publishesEveryTableAtOnce() throws IOException {
    stage(0, "one", "a", "b");
    stage(1, "two", "c");
    assertFalse(dataset.holds(RUN));
    assertTrue(staging.publish(2, record()));
    assertTrue(dataset.holds(RUN));
    assertEquals(2, dataset.files(RUN, "words").size());
    assertEquals(2, dataset.files(RUN, "letters").size());
    assertEquals(record(), dataset.record(RUN));
    assertFalse(Files.exists(folder.resolve("out/_staging")));
  }

  @Test
  void theFirstAttemptWins() throws IOException {
    assertTrue(stage(0, "one", "a"));
    assertFalse(stage(0, "two", "z"));
    assertEquals("one", staging.summaries("words").get(0).attempt());
    assertEquals("a", staging.summaries("letters").get(0).lastKey());
  }

  @Test
  void aHalfStagedBucketIsReplacedByAWholeOne() throws IOException {
    stage(0, "one", "a");
    Path letters = folder.resolve("out/_staging/" + RUN + "/letters");
    Files.delete(letters.resolve("part-00000.parquet"));
    assertTrue(stage(0, "two", "b"));
    assertEquals("two", staging.summaries("words").get(0).attempt());
  }

  @Test
  void resumingKeepsWholeBucketsAndRemovesTheRest() throws IOException {
    stage(0, "one", "a");
    stage(1, "two", "b");
    stage(2, "three", "c");
    Path words = folder.resolve("out/_staging/" + RUN + "/words");
    Files.delete(words.resolve("part-00001.parquet"));
    Files.writeString(words.resolve("part-00002.parquet"), "not a Parquet file");
    assertEquals(Set.of(0), Set.copyOf(staging.open()));
    assertEquals(1, staging.summaries("letters").size());
  }

  @Test
  void refusesToPublishAMissingBucket() throws IOException {
    stage(0, "one", "a");
    JobException e = assertThrows(JobException.class, () -> staging.publish(2, record()));
    assertEquals(RUN + ": 1 of 2 buckets are staged", e.getMessage());
    assertEquals(JobException.Kind.INFRA, e.kind());
    assertFalse(dataset.holds(RUN));
  }

  @Test
  void refusesToPublishKeysThatOverlap() throws IOException {
    stage(0, "one", "a", "c");
    stage(1, "two", "b");
    JobException e = assertThrows(JobException.class, () -> staging.publish(2, record()));
    assertEquals(RUN + ": keys of words overlap at b", e.getMessage());
    assertFalse(dataset.holds(RUN));
  }

  @Test
  void refusesToPublishAKeyThatIsInTwoBuckets() throws IOException {
    stage(0, "one", "a", "b");
    stage(1, "two", "b", "c");
    JobException e = assertThrows(JobException.class, () -> staging.publish(2, record()));
    assertEquals(RUN + ": keys of words overlap at b", e.getMessage());
    assertEquals(JobException.Kind.BUG, e.kind());
  }

  @Test
  void keysNeedNotComeInTheOrderOfTheBuckets() throws IOException {
    stage(0, "one", "c", "d");
    stage(1, "two", "a", "b");
    stage(2, "three", "e");
    assertTrue(staging.publish(3, record()));
  }

  @Test
  void filesOfTwoAttemptsAreNoBucket() throws IOException {
    stage(0, "one", "a");
    stage(1, "two", "b");
    Path letters = folder.resolve("out/_staging/" + RUN + "/letters");
    Files.delete(letters.resolve("part-00001.parquet"));
    write(1, "three", "letters", "b");
    Files.move(
        folder.resolve("out/_staging/" + RUN + "/_attempts/three/letters-part-00001.parquet"),
        letters.resolve("part-00001.parquet"));
    assertEquals(Set.of(0), Set.copyOf(staging.open()));
    assertEquals(1, staging.summaries("letters").size());
  }

  @Test
  void aRunThatIsDiscardedLeavesNothing() throws IOException {
    stage(0, "one", "a");
    staging.discard();
    assertFalse(Files.exists(folder.resolve("out/_staging")));
    assertFalse(staging.isPublished());
  }

  @Test
  void aRunMayBecomeAFolderOfAnyName() throws IOException {
    Path wanted = folder.resolve("exports/of today");
    Staging export =
        Staging.beside(new org.apache.hadoop.fs.Path(wanted.toUri()), RUN, configuration);
    assertEquals(RUN, export.run());
    assertEquals(folder.resolve("exports").toUri().getPath(), path(export.dataset().path()));
    assertEquals(
        folder.resolve("exports/_staging/" + RUN).toUri().getPath(), path(export.folder()));
    leases.add(export.hold(Duration.ofMinutes(5), () -> {}));
    export.files().open(configuration);
    StagedFiles.BucketFiles files = export.files().bucket(0, "one", configuration);
    files.write("a/b", new byte[] {1});
    files.stage("");
    assertFalse(export.isPublished());
    assertTrue(export.publish(0, record()));
    assertTrue(export.isPublished());
    assertEquals(1, Files.size(wanted.resolve("a/b")));
    assertFalse(Files.exists(wanted.resolve("_buckets")), "the buckets' notes stay behind");
  }

  private static String path(org.apache.hadoop.fs.Path path) {
    return path.toUri().getPath();
  }

  @Test
  void aHeldRunHasAHeartbeat() throws IOException {
    RunId other = RunId.of("tile").with("test", "heartbeat").build();
    leases.add(new Staging(dataset, other, List.of()).hold(Duration.ofMillis(50), () -> {}));
    Path leaseFolder = folder.resolve("out/_staging/" + other + "/_lease");
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (true) {
      try (var files = Files.list(leaseFolder)) {
        if (files.anyMatch(file -> file.getFileName().toString().startsWith("beat-"))) {
          return;
        }
      }
      assertTrue(System.nanoTime() < end, "no heartbeat in a minute");
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Test
  void refusesKeysOutOfOrderInAFile() {
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> write(0, "one", "words", "b", "b"));
    assertEquals("words: key 'b' does not come after 'b'", e.getMessage());
  }

  @Test
  void emptyBucketsAreFine() throws IOException {
    stage(0, "one");
    stage(1, "two", "a");
    stage(2, "three");
    assertTrue(staging.publish(3, record()));
  }

  @Test
  void aPublishedRunIsNeverOverwritten() throws IOException {
    stage(0, "one", "a");
    assertTrue(staging.publish(1, record()));
    Staging second = held();
    second.open();
    staging = second;
    stage(0, "two", "b");
    assertFalse(second.publish(1, record()));
    assertFalse(Files.exists(folder.resolve("out/_staging")), "the second leaves nothing");
    List<FileSummary> summaries = new ArrayList<>();
    for (var status : dataset.files(RUN, "words")) {
      summaries.add(FileSummary.read(status, configuration));
    }
    assertEquals("one", summaries.get(0).attempt());
  }

  @Test
  void nothingIsPublishedWithoutALease() {
    Staging loose = new Staging(dataset, RUN, TABLES);
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> loose.publish(0, record()));
    assertEquals(RUN + " has no lease and cannot be published", e.getMessage());
  }

  @Test
  void aRunThatLostItsLeaseIsNotPublishedAndRetiresNothing() throws IOException {
    RunId old = RunId.of("tile").with("test", "old").build();
    Files.createDirectories(folder.resolve("out/run_id=" + old));
    stage(0, "one", "a");
    LeaseTest.age(dataset, RUN, Duration.ofMinutes(6));
    Staging second = held();
    JobException e =
        assertThrows(JobException.class, () -> staging.publish(1, record(), List.of(old)));
    assertTrue(e.getMessage().contains(": this driver lost its lease"), e.getMessage());
    assertFalse(dataset.holds(RUN));
    assertTrue(dataset.holds(old));
    assertEquals(Set.of(0), Set.copyOf(second.open()));
    assertTrue(second.publish(1, record(), List.of(old)));
    assertFalse(dataset.holds(old));
    assertTrue(Files.exists(folder.resolve("out/_retired/run_id=" + old)));
    assertFalse(Files.exists(folder.resolve("out/run_id=" + RUN + "/_lease")));
  }

  @Test
  void whatAKilledDriverRetiredStaysRetired() throws IOException {
    RunId old = RunId.of("tile").with("test", "old").build();
    Path retired = Files.createDirectories(folder.resolve("out/_retired/run_id=" + old + "/words"));
    stage(0, "one", "a");
    assertTrue(staging.publish(1, record(), List.of(old)));
    assertTrue(Files.exists(retired));
  }

  @Test
  void ofRacingPublishersOneWins() throws Exception {
    int publishers = 8;
    ExecutorService threads = Executors.newFixedThreadPool(publishers);
    List<Callable<Boolean>> races = new ArrayList<>();
    for (int i = 0; i < publishers; i++) {
      RunId run = RUN;
      Path from = Files.createDirectories(folder.resolve("race/" + i));
      Files.writeString(from.resolve("file"), "run " + i);
      races.add(
          () ->
              Staging.rename(
                  new org.apache.hadoop.fs.Path(from.toUri()), dataset.run(run), configuration));
    }
    int won = 0;
    for (Future<Boolean> race : threads.invokeAll(races)) {
      won += race.get() ? 1 : 0;
    }
    threads.shutdown();
    assertEquals(1, won);
    try (var files = Files.list(folder.resolve("out/run_id=" + RUN))) {
      assertEquals(1, files.count());
    }
  }

  @Test
  void ofRacingRenamesOfFilesOneWinsAndTheOthersStay() throws Exception {
    int racers = 8;
    Path to = folder.resolve("raced");
    ExecutorService threads = Executors.newFixedThreadPool(racers);
    List<Callable<Boolean>> races = new ArrayList<>();
    for (int i = 0; i < racers; i++) {
      Path from = Files.writeString(folder.resolve("racer-" + i), "racer-" + i);
      races.add(
          () ->
              Staging.rename(
                  new org.apache.hadoop.fs.Path(from.toUri()),
                  new org.apache.hadoop.fs.Path(to.toUri()),
                  configuration));
    }
    List<Future<Boolean>> ended = threads.invokeAll(races);
    threads.shutdown();
    int winner = -1;
    for (int i = 0; i < racers; i++) {
      if (ended.get(i).get()) {
        assertEquals(-1, winner);
        winner = i;
      }
    }
    assertEquals("racer-" + winner, Files.readString(to));
    for (int i = 0; i < racers; i++) {
      assertEquals(i != winner, Files.exists(folder.resolve("racer-" + i)));
    }
  }

  @Test
  void aRenamedFileKeepsItsChecksums() throws IOException {
    org.apache.hadoop.fs.Path from =
        new org.apache.hadoop.fs.Path(folder.resolve("written").toUri());
    org.apache.hadoop.fs.Path to = new org.apache.hadoop.fs.Path(folder.resolve("renamed").toUri());
    var fileSystem = from.getFileSystem(configuration);
    try (var out = fileSystem.create(from)) {
      out.writeUTF("text");
    }
    assertTrue(Staging.rename(from, to, configuration));
    assertFalse(Files.exists(folder.resolve(".written.crc")));
    try (var in = fileSystem.open(to)) {
      assertEquals("text", in.readUTF());
    }
    byte[] damaged = {0, 4, 't', 'e', 's', 't'};
    Files.write(folder.resolve("renamed"), damaged);
    try (var in = fileSystem.open(to)) {
      assertThrows(org.apache.hadoop.fs.ChecksumException.class, in::readUTF);
    }
  }

  @Test
  void keepsTheLastOutcome() throws IOException {
    Staging.keepOutcome(dataset, "tile", Map.of("kind", "USER"));
    Staging.keepOutcome(dataset, "tile", Map.of("kind", "OK"));
    assertEquals(
        "{\n    \"kind\" : \"OK\"\n}\n",
        Files.readString(folder.resolve("out/_outcomes/tile.json")));
  }

  @Test
  void runsOfAJobThatLookBeforeTheyArePublishedTakeTurns() throws IOException {
    stage(0, "one", "a");
    RunId other = RunId.of("tile").with("test", 2).build();
    Staging second = new Staging(dataset, other, TABLES);
    leases.add(second.hold(Duration.ofMinutes(5), () -> {}));
    second.open();
    RunRecord late = new RunRecord(other, "2026-01-01T00:00:00Z", Map.of("kind", "OK"));
    List<String> seen = new ArrayList<>();
    Staging.LastLook look =
        () -> {
          seen.add("first looks");
          JobException e =
              assertThrows(
                  JobException.class,
                  () -> second.publish(0, late, List.of(), () -> seen.add("second looks")));
          assertEquals(JobException.Kind.INFRA, e.kind());
          assertTrue(
              e.getMessage()
                  .startsWith(
                      other
                          + ": another run of tile is being published, and one at a time is; start"
                          + " again, what is staged is kept ("),
              e.getMessage());
        };
    assertTrue(staging.publish(1, record(), List.of(), look));
    assertEquals(List.of("first looks"), seen);
    assertFalse(Files.exists(folder.resolve("out/_staging/_publishing-tile")));
    assertTrue(
        second.publish(0, late, List.of(), () -> seen.add("second sees " + dataset.holds(RUN))));
    assertEquals(List.of("first looks", "second sees true"), seen);
    Staging again = new Staging(dataset, other, List.of());
    leases.add(again.hold(Duration.ofMinutes(5), () -> {}));
    again.open();
    assertFalse(again.publish(0, late, List.of(), () -> {}), "it is published already");
    assertTrue(dataset.holds(other));
    assertFalse(Files.exists(folder.resolve("out/_staging")));
  }

  @Test
  void whatTheLastLookRefusesIsNotPublishedAndGivesItsTurnBack() throws IOException {
    RunId old = RunId.of("tile").with("test", "old").build();
    Files.createDirectories(folder.resolve("out/run_id=" + old));
    stage(0, "one", "a");
    JobException e =
        assertThrows(
            JobException.class,
            () ->
                staging.publish(
                    1,
                    record(),
                    List.of(old),
                    () -> {
                      throw JobException.user("there is another");
                    }));
    assertEquals("there is another", e.getMessage());
    JobException missing =
        assertThrows(JobException.class, () -> staging.publish(2, record(), List.of(), () -> {}));
    assertEquals(RUN + ": 1 of 2 buckets are staged", missing.getMessage());
    assertFalse(dataset.holds(RUN));
    assertTrue(dataset.holds(old));
    assertFalse(Files.exists(folder.resolve("out/_staging/_publishing-tile")));
    assertTrue(staging.publish(1, record(), List.of(old), () -> {}));
    assertFalse(dataset.holds(old));
  }

  @Test
  void aTurnThatWasLostPublishesNothing() throws IOException {
    stage(0, "one", "a");
    Path turns = folder.resolve("out/_staging/_publishing-tile");
    JobException e =
        assertThrows(
            JobException.class,
            () ->
                staging.publish(
                    1,
                    record(),
                    List.of(),
                    () ->
                        StagingSweep.remove(
                            dataset, new org.apache.hadoop.fs.Path(turns.toUri()))));
    assertTrue(e.getMessage().contains(": this driver lost its lease"), e.getMessage());
    assertFalse(dataset.holds(RUN));
  }

  @Test
  void aTurnOfADeadDriverIsTaken() throws IOException {
    stage(0, "one", "a");
    org.apache.hadoop.fs.Path turns = dataset.publishing("tile");
    leases.add(Lease.acquire(dataset, RUN, turns, Duration.ofMinutes(5)));
    assertThrows(JobException.class, () -> staging.publish(1, record(), List.of(), () -> {}));
    Path first = folder.resolve("out/_staging/_publishing-tile/_lease/first");
    Files.setLastModifiedTime(
        first,
        java.nio.file.attribute.FileTime.from(
            java.time.Instant.now().minus(Duration.ofMinutes(6))));
    assertTrue(staging.publish(1, record(), List.of(), () -> {}));
  }

  @Test
  void footersCountAndTime() throws IOException {
    FileSummary three =
        new FileSummary(
            0, "one", 1, "a", "a", 10, Map.of("n.x", "3", "n.y", "1", "landloom.seconds", "1.5"));
    FileSummary four = new FileSummary(1, "two", 1, "b", "b", 10, Map.of("n.x", "4", "m.x", "9"));
    assertEquals(Map.of("x", 7L, "y", 1L), FileSummary.counts(List.of(three, four), "n."));
    assertEquals(Map.of(), FileSummary.counts(List.of(three, four), "o."));
    assertEquals(1.5, FileSummary.seconds(List.of(three, four)));
  }

  @Test
  void aBucketThatIsWithdrawnIsNoLongerStaged() throws IOException {
    stage(0, "one", "a");
    stage(1, "two", "b");
    staging.withdraw(1);
    assertEquals(Set.of(0), Set.copyOf(staging.open()));
    assertTrue(stage(1, "three", "c"));
    assertEquals("three", staging.summaries("letters").get(1).attempt());
  }

  @Test
  void summariesSayWhatIsInAFile() throws IOException {
    stage(3, "one", "a", "b", "c");
    FileSummary words = staging.summaries("words").get(0);
    Path file = folder.resolve("out/_staging/" + RUN + "/words/part-00003.parquet");
    assertEquals(3, words.bucket());
    assertEquals(3, words.rows());
    assertEquals("a", words.firstKey());
    assertEquals("c", words.lastKey());
    assertEquals(Files.size(file), words.bytes());
    assertEquals("3", words.notes().get("landloom.bucket"));
    Files.writeString(file, "not a Parquet file");
    IOException e = assertThrows(IOException.class, () -> summariesOf("words"));
    assertTrue(e.getMessage().contains("part-00003.parquet"), e.getMessage());
  }

  private void summariesOf(String table) throws IOException {
    try {
      staging.summaries(table);
    } catch (RuntimeException e) { // Parquet says that it is none of its files
      throw new IOException(e.getMessage(), e);
    }
  }

  @Test
  void kindsHaveTheExitCodesOfTheReadme() {
    assertEquals(2, JobException.Kind.USER.exitCode());
    assertEquals(3, JobException.Kind.BUG.exitCode());
    assertEquals(4, JobException.Kind.DATA.exitCode());
    assertEquals(5, JobException.Kind.INFRA.exitCode());
    assertEquals(JobException.Kind.DATA, JobException.rejected("x").kind());
  }
}
