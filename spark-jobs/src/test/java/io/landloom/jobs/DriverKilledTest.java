package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Drivers in processes of their own: killed ones, and two at once. */
class DriverKilledTest extends SparkTest {
  private static final int KILLS = 3;

  @Test
  void whatAKilledDriverStagedIsKeptAndNothingElseIsVisible()
      throws IOException, InterruptedException {
    long seed = Long.getLong("landloom.seed", System.nanoTime());
    System.out.println("replay with -Dlandloom.seed=" + seed);
    DriverKills drivers = new DriverKills(spark, folder, seed);
    for (int i = 0; i < KILLS; i++) {
      System.out.println(drivers.kill(i));
    }
  }

  @Test
  void ofTwoDriversOfOneRunOnePublishes() throws IOException, InterruptedException {
    DriverKills drivers = new DriverKills(spark, folder, 1);
    Path root = folder.resolve("both");
    List<Path> logs = List.of(folder.resolve("one.log"), folder.resolve("two.log"));
    Process one = drivers.start(root, logs.get(0));
    Process two = drivers.start(root, logs.get(1));
    assertTrue(one.waitFor(5, TimeUnit.MINUTES), "still running");
    assertTrue(two.waitFor(5, TimeUnit.MINUTES), "still running");
    String said = Files.readString(logs.get(0)) + Files.readString(logs.get(1));
    List<Integer> codes = Stream.of(one.exitValue(), two.exitValue()).sorted().toList();
    assertEquals(0, codes.get(0), said);
    assertEquals(1, said.split("patches: 600 kept", -1).length - 1, said);
    if (codes.get(1) == 0) {
      assertTrue(said.contains("is already published with the same inputs"), said);
    } else {
      assertEquals(5, codes.get(1), said);
      assertTrue(said.contains(" is being made by another driver (host "), said);
    }
    assertEquals(600, spark.read().parquet(root + "/run_id=*/patches").count());
  }

  @Test
  void aDriverThatWasSuspendedTooLongPublishesNothing() throws IOException, InterruptedException {
    DriverKills drivers = new DriverKills(spark, folder, 1);
    Path root = folder.resolve("suspended");
    Path log = folder.resolve("suspended.log");
    Process first = suspended(drivers, root, log);
    DriverKills.letLeaseDie(root);
    Ended second = drivers.resume(root);
    assertEquals(0, second.code(), second.err());
    signal("-CONT", first);
    assertTrue(first.waitFor(5, TimeUnit.MINUTES), "still running");
    String said = Files.readString(log);
    assertEquals(5, first.exitValue(), said);
    assertTrue(said.contains(": this driver lost its lease and stops before it publishes"), said);
    assertTrue(drivers.isAsUndisturbed(root), said);
    succeed("verify", "output.root=" + root, "scheme=mbrsc");
  }

  @Test
  void aDriverThatIsAskedToEndLetsTheNextGoOnAtOnce() throws IOException, InterruptedException {
    DriverKills drivers = new DriverKills(spark, folder, 1);
    Path root = folder.resolve("ended");
    Path log = folder.resolve("ended.log");
    Process first = suspended(drivers, root, log);
    first.destroy();
    signal("-CONT", first);
    assertTrue(first.waitFor(5, TimeUnit.MINUTES), "still running");
    assertTrue(first.exitValue() != 0, Files.readString(log));
    Ended second = drivers.resume(root);
    assertEquals(0, second.code(), second.err());
    assertTrue(drivers.isAsUndisturbed(root));
  }

  @Test
  void aRunWhoseScenesAnotherRunPublishedMeanwhilePublishesNothing()
      throws IOException, InterruptedException {
    DriverKills drivers = new DriverKills(spark, folder, 1);
    Path root = folder.resolve("overtaken");
    Path log = folder.resolve("overtaken.log");
    Process first = suspended(drivers, root, log);
    TestScenes.striped(folder, "scene-24", 160, 160);
    Ended second = drivers.resume(root);
    assertEquals(0, second.code(), second.err());
    signal("-CONT", first);
    assertTrue(first.waitFor(5, TimeUnit.MINUTES), "still running");
    String said = Files.readString(log);
    assertEquals(5, first.exitValue(), said);
    assertTrue(
        said.contains(": another run published some of its 24 scenes while they were tiled"), said);
    assertEquals(625, spark.read().parquet(root + "/run_id=*/patches").count());
    succeed("verify", "output.root=" + root, "scheme=mbrsc");
  }

  /** A driver that is stopped while it writes buckets. */
  private static Process suspended(DriverKills drivers, Path root, Path log)
      throws IOException, InterruptedException {
    Process process = drivers.start(root, log);
    while (DriverKills.whole(root) < 3) {
      assertFalse(process.waitFor(1, TimeUnit.MILLISECONDS), "ended too early");
    }
    signal("-STOP", process);
    return process;
  }

  private static void signal(String name, Process process)
      throws IOException, InterruptedException {
    String pid = Long.toString(process.pid());
    assertEquals(0, new ProcessBuilder("kill", name, pid).inheritIO().start().waitFor());
  }
}
