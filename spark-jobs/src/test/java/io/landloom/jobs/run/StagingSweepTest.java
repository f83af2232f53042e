package io.landloom.jobs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StagingSweepTest {
  private static final RunId OWN = RunId.of("tile").with("test", "own").build();
  private static final RunId OLD = RunId.of("tile").with("test", "old").build();
  private static final Duration WEEK = Duration.ofHours(168);

  @TempDir Path folder;
  private DatasetRoot dataset;
  private Path stagings;

  @BeforeEach
  void openDataset() throws IOException {
    dataset = new DatasetRoot(folder.resolve("out").toString(), new Configuration());
    stagings = folder.resolve("out/_staging");
  }

  /** A staging as a driver leaves it that is killed in the middle of a task. */
  private Path killed(RunId run) throws IOException {
    Staging staging = new Staging(dataset, run, List.of("words"));
    try (Lease lease = staging.hold(Duration.ofMinutes(5), () -> {})) {
      staging.open();
      lease.stop();
    }
    Path left = stagings.resolve(run.text());
    try (Stream<Path> marks = Files.list(left.resolve("_lease"))) {
      for (Path mark : marks.filter(file -> file.toString().contains("ended-")).toList()) {
        Files.delete(mark);
      }
    }
    Files.writeString(left.resolve("_attempts/half-a-file"), "half");
    Files.writeString(left.resolve("words/part-00000.parquet"), "a bucket");
    return left;
  }

  private static void age(Path tree, Duration by) throws IOException {
    FileTime time = FileTime.from(Instant.now().minus(by));
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.setLastModifiedTime(file, time);
      }
    }
  }

  @Test
  void removesWhatDeadDriversLeftOfOtherRuns() throws IOException {
    age(killed(OLD), WEEK.plusMinutes(1));
    assertEquals(List.of(OLD), StagingSweep.sweep(dataset, OWN, WEEK));
    assertFalse(Files.exists(stagings));
  }

  @Test
  void keepsWhatIsYounger() throws IOException {
    Path left = killed(OLD);
    age(left, WEEK.minusMinutes(1));
    assertEquals(List.of(), StagingSweep.sweep(dataset, OWN, WEEK));
    assertTrue(Files.exists(left.resolve("_attempts/half-a-file")));
    try (Stream<Path> files = Files.list(stagings)) {
      assertEquals(List.of(left), files.toList());
    }
  }

  @Test
  void keepsTheRunThatIsAboutToBeMade() throws IOException {
    Path left = killed(OWN);
    age(left, WEEK.plusDays(30));
    assertEquals(List.of(), StagingSweep.sweep(dataset, OWN, WEEK));
    assertTrue(Files.exists(left.resolve("words/part-00000.parquet")));
  }

  @Test
  void keepsWhatHasAHeartbeatHoweverOldItsFilesAre() throws IOException {
    Staging staging = new Staging(dataset, OLD, List.of("words"));
    try (Lease lease = staging.hold(Duration.ofMinutes(5), () -> {})) {
      staging.open();
      age(stagings.resolve(OLD.text()), WEEK.plusMinutes(1));
      lease.beat();
      age(stagings.resolve(OLD.text() + "/words"), WEEK.plusMinutes(1));
      assertEquals(List.of(), StagingSweep.sweep(dataset, OWN, WEEK));
      lease.requireHeld();
    }
  }

  @Test
  void removesStagingsThatNeverHadALease() throws IOException {
    Path left = Files.createDirectories(stagings.resolve(OLD.text() + "/words")).getParent();
    age(left, WEEK.plusMinutes(1));
    assertEquals(List.of(OLD), StagingSweep.sweep(dataset, OWN, WEEK));
    assertFalse(Files.exists(left));
  }

  @Test
  void finishesWhatAKilledSweepBeganAndLeavesWhatIsNoStaging() throws IOException {
    Path gone = Files.createDirectories(stagings.resolve("_gone-1/words")).getParent();
    Path notes = Files.createDirectories(stagings.resolve("notes"));
    age(notes, WEEK.plusMinutes(1));
    assertEquals(List.of(), StagingSweep.sweep(dataset, OWN, WEEK));
    assertFalse(Files.exists(gone));
    assertTrue(Files.exists(notes));
  }

  @Test
  void aDriverWhoseStagingWasSweptPublishesNothing() throws IOException {
    Staging staging = new Staging(dataset, OLD, List.of());
    try (Lease lease = staging.hold(Duration.ofMinutes(5), () -> {})) {
      staging.open();
      lease.stop();
      age(stagings.resolve(OLD.text()), WEEK.plusMinutes(1));
      assertEquals(List.of(OLD), StagingSweep.sweep(dataset, OWN, WEEK));
      Staging other = new Staging(dataset, OLD, List.of());
      try (Lease second = other.hold(Duration.ofMinutes(5), () -> {})) {
        other.open();
        RunRecord record = new RunRecord(OLD, "2026-01-01T00:00:00Z", java.util.Map.of());
        JobException e = assertThrows(JobException.class, () -> staging.publish(0, record));
        assertTrue(e.getMessage().contains(": this driver lost its lease"), e.getMessage());
        assertFalse(dataset.holds(OLD));
        assertTrue(other.publish(0, record));
      }
    }
    assertTrue(dataset.holds(OLD));
    assertFalse(Files.exists(folder.resolve("out/run_id=" + OLD + "/_lease")));
  }
}
