package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

/** What a scheduler gives enters the ids of runs, and these enter the logs. */
class RunIdentityTest extends SparkTest {
  private String[] tile(String output, String... more) {
    return Stream.concat(
            Stream.of(
                "output.root=" + folder.resolve(output),
                "input.scenes=" + folder.resolve("images"),
                "input.labels=" + folder.resolve("labels"),
                "splits.shares=[1, 0, 0]",
                "scheme=mbrsc",
                "patch.size=32"),
            Stream.of(more))
        .toArray(String[]::new);
  }

  private Set<String> runs(String output) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(output))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("run_id="))
          .map(name -> name.substring("run_id=".length()))
          .collect(Collectors.toCollection(HashSet::new));
    }
  }

  @Test
  void anIntervalMakesOtherRunsAndItsOwnAreFoundAgain() throws IOException {
    TestScenes.striped(folder, "a", 64, 32);
    for (String interval : List.of("", "run.interval=2026-11-19", "run.interval=2026-11-20")) {
      String output = "out" + interval.replaceFirst(".*=", "");
      succeed("tile", interval.isEmpty() ? tile(output) : tile(output, interval));
    }
    Set<String> ids = runs("out");
    ids.addAll(runs("out2026-11-19"));
    ids.addAll(runs("out2026-11-20"));
    assertEquals(3, ids.size(), ids.toString());
    succeed("plan", "output.root=" + folder.resolve("out"), "scheme=mbrsc", "run.interval=one");
    Set<String> once = runs("out");
    String again =
        succeed("plan", "output.root=" + folder.resolve("out"), "scheme=mbrsc", "run.interval=one");
    assertEquals(once, runs("out"), again);
  }

  @Test
  void tasksLogTheRunTheyAreOf() throws Exception {
    TestScenes.striped(folder, "a", 64, 32);
    Set<String> logged = ConcurrentHashMap.newKeySet();
    SparkListener listener =
        new SparkListener() {
          @Override
          public void onJobStart(SparkListenerJobStart start) {
            // Spark's executors put what begins with mdc. into the context of their loggers
            String run = start.properties().getProperty("mdc.run_id");
            logged.add(run == null ? "none" : run);
          }
        };
    spark.sparkContext().addSparkListener(listener);
    succeed("tile", tile("out"));
    spark.sparkContext().listenerBus().waitUntilEmpty();
    spark.sparkContext().removeSparkListener(listener);
    assertTrue(logged.containsAll(runs("out")), logged + " " + runs("out"));
    assertEquals(null, MDC.get("mdc.run_id"));
    assertEquals(null, spark.sparkContext().getLocalProperty("mdc.run_id"));
  }
}
