package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.jobs.run.JobException;
import io.landloom.jobs.synthesize.Hooked;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The same pairs however often and wherever they are made, and published once. */
class RepeatedSynthesisTest extends SparkTest {
  @BeforeAll
  static void letTasksFail() {
    spark.stop();
    spark = session("local[2,4]");
  }

  @Test
  void keysAndNoiseDependOnNeitherTasksNorBatchesNorAttempts() throws IOException {
    assertTrue(RepeatedSynthesis.stable(spark, folder, 200, System.out));
  }

  /** Counts the models that are loaded. */
  record Counting() implements Hooked.Hook {
    private static final long serialVersionUID = 1L;
    private static final AtomicInteger LOADED = new AtomicInteger();

    @Override
    public void load() {
      LOADED.incrementAndGet();
    }
  }

  @Test
  void aSecondStartOfAPublishedRunLoadsNoModelAndSaysSo() throws IOException {
    SynthesisRuns runs = new SynthesisRuns(spark, folder, 25);
    runs.synthesize(new Hooked(new Counting()));
    assertEquals(1, Counting.LOADED.getAndSet(0));
    Path published = runs.run("synthesize");
    Outcome second = runs.synthesize(new Hooked(new Counting()));
    assertEquals(0, Counting.LOADED.get());
    assertEquals("run_id=" + second.run(), published.getFileName().toString());
    assertTrue(
        second.summary().toString().contains("already published with the same inputs"),
        second.toString());
  }

  /** Lets another driver synthesize when the first batch is to be drawn. */
  record Overtaken() implements Hooked.Hook {
    private static final long serialVersionUID = 1L;
    private static final AtomicReference<Runnable> OTHER = new AtomicReference<>();

    @Override
    public void draw() {
      Runnable other = OTHER.getAndSet(null);
      if (other != null) {
        Thread driver = new Thread(other);
        driver.start();
        try {
          driver.join();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }

  @Test
  void ofTwoRunsOverTheSameMasksAtOnceOneIsPublished() throws IOException {
    SynthesisRuns runs = new SynthesisRuns(spark, folder, 25);
    AtomicReference<Outcome> other = new AtomicReference<>();
    Overtaken.OTHER.set(
        () -> {
          try {
            other.set(
                runs.synthesize(new Hooked(new RepeatedSynthesis.Undisturbed()), "run.seed=2"));
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
    JobException e =
        assertThrows(
            JobException.class,
            () -> runs.synthesize(new Hooked(new Overtaken()), "run.partitions=1"));
    assertEquals(JobException.Kind.USER, e.kind());
    assertTrue(
        e.getMessage().contains(" already holds pairs of condition scene-0000/0/0 by another plan"),
        e.getMessage());
    Path dataset = runs.run("synthesize").getParent();
    assertEquals("run_id=" + other.get().run(), runs.run("synthesize").getFileName().toString());
    assertEquals(25, spark.read().parquet(dataset + "/run_id=*/pairs").count());
    assertFalse(Files.exists(dataset.resolve("_staging")));
    try (Stream<Path> files = Files.list(dataset)) {
      assertEquals(
          List.of("run_id=plan", "run_id=synthesize", "run_id=tile", "run_id=train"),
          files
              .map(file -> file.getFileName().toString().replaceFirst("-[0-9a-f]{16}$", ""))
              .filter(name -> name.startsWith("run_id="))
              .sorted()
              .toList());
    }
  }
}
