package io.landloom.jobs.progress;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Prints what a step of a job has done: a line at its start, at least every ten seconds, and at its
 * end.
 *
 * <p>The figures are for people; what is recorded is counted from the written files.
 */
public final class Progress implements AutoCloseable {
  private static final long PERIOD_SECONDS = 5;

  private final PrintStream out;
  private final String step;
  private final String unit;
  private final Tracker tracker;
  private final long total;
  private final Map<String, Long> errors = new TreeMap<>();
  private final long start = System.nanoTime();
  private final ScheduledExecutorService timer;
  private double doneAfter = Double.NaN;

  /** What a step has done. */
  @FunctionalInterface
  public interface Tracker {
    /** How many are done by now. */
    long done();

    /** How many of those an earlier start had done. */
    default long before() {
      return 0;
    }

    /** What else is to be said, or nothing. */
    default String detail() {
      return "";
    }
  }

  private Progress(PrintStream out, String step, String unit, long total, Tracker tracker) {
    this.out = out;
    this.step = step;
    this.unit = unit;
    this.total = total;
    this.tracker = tracker;
    this.timer =
        Executors.newSingleThreadScheduledExecutor(
            runnable -> {
              Thread thread = new Thread(runnable, "progress");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Starts a step.
   *
   * @param step what is done, a verb
   * @param unit what is counted, a plural noun
   * @param total how many there are
   * @param tracker how many are done by now
   */
  public static Progress start(
      PrintStream out, String step, String unit, long total, Tracker tracker) {
    Progress progress = new Progress(out, step, unit, total, tracker);
    progress.print();
    progress.timer.scheduleAtFixedRate(
        progress::print, PERIOD_SECONDS, PERIOD_SECONDS, TimeUnit.SECONDS);
    return progress;
  }

  /** Counts errors of a name. */
  public void count(String error, long times) {
    synchronized (errors) {
      errors.merge(error, times, Long::sum);
    }
  }

  private void print() {
    out.println(line(tracker.done(), (System.nanoTime() - start) / 1e9));
    out.flush();
  }

  /** A line; what a step does after the last of what is counted has a time of its own. */
  synchronized String line(long doneNow, double seconds) {
    if (doneNow >= total && Double.isNaN(doneAfter)) {
      doneAfter = seconds;
    }
    double counted = doneNow >= total ? doneAfter : seconds;
    long doneHere = doneNow - tracker.before();
    double rate = counted > 0 ? doneHere / counted : 0;
    StringBuilder line = new StringBuilder();
    line.append(String.format(Locale.ROOT, "[%s] %,d/%,d %s", step, doneNow, total, unit));
    if (doneHere > 0 && counted >= 0.1) {
      line.append(String.format(Locale.ROOT, ", %.1f/s", rate));
    }
    if (doneHere > 0 && doneNow < total) {
      line.append(", ETA ").append(clock(Math.round((total - doneNow) / rate)));
    }
    if (doneNow >= total) {
      line.append(String.format(Locale.ROOT, ", done in %.1f s", counted));
      if (seconds >= counted + 1) {
        line.append(String.format(Locale.ROOT, " and finishing for %.0f s", seconds - counted));
      }
    }
    if (!tracker.detail().isEmpty()) {
      line.append(", ").append(tracker.detail());
    }
    synchronized (errors) {
      if (!errors.isEmpty()) {
        line.append(", errors: ")
            .append(
                errors.entrySet().stream()
                    .map(e -> e.getKey() + " " + e.getValue())
                    .collect(Collectors.joining(", ")));
      }
    }
    return line.toString();
  }

  private static String clock(long seconds) {
    Duration duration = Duration.ofSeconds(seconds);
    return String.format(
        Locale.ROOT,
        "%d:%02d:%02d",
        duration.toHours(),
        duration.toMinutesPart(),
        duration.toSecondsPart());
  }

  /** Prints the last line. */
  @Override
  public void close() {
    timer.shutdownNow();
    print();
  }
}
