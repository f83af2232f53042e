package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Executors in processes of their own, killed while they write buckets. */
class ExecutorKilledTest extends SparkTest {
  private static final int KILLS = 5;
  private static final int MOST_SECONDS = 300;

  @Test
  void killedExecutorsCostNoPatchAndDoubleNone() throws IOException, InterruptedException {
    long seed = Long.getLong("landloom.seed", System.nanoTime());
    System.out.println("replay with -Dlandloom.seed=" + seed);
    Random random = new Random(seed);
    DriverKills drivers = new DriverKills(spark, folder, seed);
    Path root = folder.resolve("dataset");
    Path log = folder.resolve("driver.log");
    Process driver = cluster(drivers, root).redirectOutput(log.toFile()).start();
    try {
      for (int kill = 0; kill < KILLS; kill++) {
        int buckets = 1 + 7 * kill + random.nextInt(7);
        await(driver, log, () -> DriverKills.whole(root) >= buckets);
        await(driver, log, () -> executors(driver).size() > 0);
        List<ProcessHandle> executors = executors(driver);
        ProcessHandle victim = executors.get(random.nextInt(executors.size()));
        assertTrue(victim.destroyForcibly());
        System.out.println("killed one of " + executors.size() + " with " + buckets + " buckets");
      }
      assertTrue(driver.waitFor(MOST_SECONDS, TimeUnit.SECONDS), "still running");
    } finally {
      driver.descendants().forEach(ProcessHandle::destroyForcibly);
      driver.destroyForcibly();
    }
    String said = Files.readString(log);
    assertEquals(0, driver.waitFor(), said);
    assertTrue(said.contains("patches: 600 kept, 0 dropped"), said);
    assertTrue(drivers.isAsUndisturbed(root), said);
    succeed("verify", "output.root=" + root, "scheme=mbrsc");
  }

  /** A driver with two executors of its own, from the jars of the build. */
  private ProcessBuilder cluster(DriverKills drivers, Path root) throws IOException {
    Path home = folder.resolve("spark");
    Files.createDirectories(home.resolve("jars"));
    ProcessBuilder builder =
        drivers.driver(
            root,
            List.of(
                "-Dspark.master=local-cluster[2,1,512]",
                "-Dspark.executor.memory=512m",
                "-Dspark.executor.extraClassPath=" + System.getProperty("java.class.path"),
                "-Dspark.driver.host=127.0.0.1",
                "-Dspark.driver.bindAddress=127.0.0.1",
                // each kill counts as a failure of the task that ran
                "-Dspark.task.maxFailures=" + (KILLS + 3)));
    builder.environment().put("SPARK_HOME", home.toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.12");
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    return builder;
  }

  /** Executors are the JVMs that the driver has started: a worker of a local cluster is in it. */
  private static List<ProcessHandle> executors(Process driver) {
    return driver
        .descendants()
        .filter(ProcessHandle::isAlive)
        .filter(one -> one.info().command().orElse("").endsWith("/java"))
        .toList();
  }

  /** What is waited for. */
  @FunctionalInterface
  private interface Condition {
    boolean holds() throws IOException;
  }

  private static void await(Process driver, Path log, Condition condition)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(MOST_SECONDS);
    while (!condition.holds()) {
      if (driver.waitFor(1, TimeUnit.MILLISECONDS)) {
        fail("the driver ended with " + driver.exitValue() + ":\n" + Files.readString(log));
      }
      if (System.nanoTime() > end) {
        fail("not reached in " + MOST_SECONDS + " s:\n" + Files.readString(log));
      }
    }
  }
}
