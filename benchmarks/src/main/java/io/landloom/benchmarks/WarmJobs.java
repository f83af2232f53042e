package io.landloom.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import io.landloom.jobs.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.apache.spark.sql.SparkSession;

/**
 * Runs jobs one after the other in one JVM and one Spark session, and says what each cost.
 *
 * <p>Every line of standard input is a job with its arguments, parted by tabs. The answer is one
 * line on standard output: {@code cost}, CPU seconds of the whole process (garbage collection and
 * compilation included), wall seconds, milliseconds in collections, CPU seconds of processes that
 * it started and that have ended, and milliseconds in compilations. What the job itself prints goes
 * to standard error. {@code benchmarks/compare} talks to it.
 */
public final class WarmJobs {
  private static final double NANOS = 1e9;
  private static final double TICKS = 100;

  private WarmJobs() {}

  /**
   * Starts Spark and serves standard input.
   *
   * @param arguments Spark's master, {@code local[1]} for one task at a time
   */
  public static void main(String[] arguments) throws IOException {
    PrintStream answers = System.out;
    System.setOut(System.err);
    try (SparkSession spark = session(arguments[0])) {
      BufferedReader requests =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      answers.println("ready " + spark.version());
      for (String line = requests.readLine(); line != null; line = requests.readLine()) {
        answers.println(run(line.split("\t", -1)));
        answers.flush();
      }
    }
  }

  private static SparkSession session(String master) {
    return SparkSession.builder()
        .master(master)
        .appName("landloom benchmarks")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .getOrCreate();
  }

  private static String run(String[] job) throws IOException {
    OperatingSystemMXBean process =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long collected = collectionMillis();
    long cpu = process.getProcessCpuTime();
    long compiled = ManagementFactory.getCompilationMXBean().getTotalCompilationTime();
    long children = childTicks();
    long wall = System.nanoTime();
    Main.main(job);
    return String.format(
        Locale.ROOT,
        "cost %.3f %.3f %d %.3f %d",
        (process.getProcessCpuTime() - cpu) / NANOS,
        (System.nanoTime() - wall) / NANOS,
        collectionMillis() - collected,
        (childTicks() - children) / TICKS,
        ManagementFactory.getCompilationMXBean().getTotalCompilationTime() - compiled);
  }

  /** User and system time of ended children, from Linux's account of this process. */
  private static long childTicks() throws IOException {
    String stat = Files.readString(Path.of("/proc/self/stat"));
    // fields 16 and 17, counted from 1; the second may hold blanks and ends with a parenthesis
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return Long.parseLong(fields[13]) + Long.parseLong(fields[14]);
  }

  private static long collectionMillis() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .mapToLong(GarbageCollectorMXBean::getCollectionTime)
        .sum();
  }
}
