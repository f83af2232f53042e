package io.landloom.jobs;

import io.landloom.jobs.synthesize.FakeGpus;
import io.landloom.jobs.synthesize.Hooked;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.SparkSession;

/**
 * Makes the pairs of a plan again and again, otherwise each time, and compares them; started by
 * {@code benchmarks/reliability/check}, in short by a test.
 */
final class RepeatedSynthesis {
  private static final int BATCH = 8;
  private static final int OUT_OF_MEMORY = 10;

  private RepeatedSynthesis() {}

  /** A task that fails in its first attempt, when it draws its second batch. */
  record FailsFirst() implements Hooked.Hook {
    private static final long serialVersionUID = 1L;
    private static final ThreadLocal<long[]> BATCHES = ThreadLocal.withInitial(() -> new long[2]);

    @Override
    public void draw() {
      TaskContext task = TaskContext.get();
      long[] batches = BATCHES.get();
      if (batches[0] != task.taskAttemptId()) {
        batches[0] = task.taskAttemptId();
        batches[1] = 0;
      }
      if (++batches[1] == 2 && task.attemptNumber() == 0) {
        throw new IllegalStateException("the first attempt at a task fails in this test");
      }
    }
  }

  /** Nothing is done. */
  record Undisturbed() implements Hooked.Hook {
    private static final long serialVersionUID = 1L;
  }

  /**
   * Compares keys and noise over partitions, batch sizes, attempts and split batches; the last line
   * is of another seed, which must differ.
   *
   * @param spark a session whose tasks may fail
   */
  static boolean stable(SparkSession spark, Path folder, int patches, PrintStream out)
      throws IOException {
    SynthesisRuns runs = new SynthesisRuns(spark, folder, patches);
    Hooked plain = new Hooked(new Undisturbed());
    SynthesisRuns.Made first =
        runs.make("first", plain, "synthesize.batch=" + BATCH, "run.partitions=1");
    out.printf(Locale.ROOT, "%,d pairs, one task after the other, batch 8%n", first.rows().size());
    boolean same = true;
    same &=
        compare(
            out, "another batch size, 3", first, runs.make("batch", plain, "synthesize.batch=3"));
    same &=
        compare(
            out,
            "each task fails once, two tasks at a time",
            first,
            runs.make("attempts", new Hooked(new FailsFirst()), "synthesize.batch=" + BATCH));
    SynthesisRuns.Made split =
        runs.make("split", new FakeGpus(OUT_OF_MEMORY, ""), "synthesize.batch=" + BATCH);
    same &= split.record().getLong("counts.batchSplits") > 0;
    same &= compare(out, "one batch in ten is split", first, split);
    SynthesisRuns.Made other = runs.make("seed", plain, "synthesize.batch=" + BATCH, "run.seed=2");
    SynthesisRuns.Comparison control = first.with(other);
    out.printf(
        Locale.ROOT,
        "%-44s %d of %,d images within a grey level: they must not be%n",
        "another seed",
        control.close(),
        control.pairs());
    return same && control.close() == 0;
  }

  private static boolean compare(
      PrintStream out, String what, SynthesisRuns.Made first, SynthesisRuns.Made made)
      throws IOException {
    SynthesisRuns.Comparison found = first.with(made);
    out.printf(
        Locale.ROOT,
        "%-44s %d other keys; %,d of %,d images the same, %,d within a grey level%n",
        what,
        found.otherKeys().size(),
        found.equal(),
        found.pairs(),
        found.close());
    return found.isSame();
  }

  /** Compares the time with and without a batch in ten that finds no memory at its end. */
  static boolean outOfMemory(SparkSession spark, Path folder, int patches, PrintStream out)
      throws IOException {
    SynthesisRuns runs = new SynthesisRuns(spark, folder, patches);
    String batch = "synthesize.batch=" + BATCH;
    runs.make("warm", new FakeGpus(0, ""), batch, "run.seed=9");
    double[] seconds = new double[2];
    boolean whole = true;
    for (int round = 0; round < 3; round++) {
      for (int fault = 0; fault < 2; fault++) {
        SynthesisRuns.Made made =
            runs.make(
                "round-" + round + "-" + fault,
                new FakeGpus(fault * OUT_OF_MEMORY, ""),
                batch,
                "run.seed=" + (10 + round));
        seconds[fault] += made.record().getDouble("taskSeconds");
        long written = made.record().getLong("counts.written");
        whole &= written == made.record().getLong("counts.planned");
        out.printf(
            Locale.ROOT,
            "round %d: %,d of %,d pairs, %d batches split, %.1f s of tasks, %.1f s in all%n",
            round + 1,
            written,
            made.record().getLong("counts.planned"),
            made.record().getLong("counts.batchSplits"),
            made.record().getDouble("taskSeconds"),
            made.seconds());
      }
    }
    out.printf(
        Locale.ROOT,
        "slowdown: %.1f %% of the tasks' seconds, over three rounds in turns%n",
        100 * (seconds[1] / seconds[0] - 1));
    return whole;
  }
}
