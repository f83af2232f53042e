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
import java.util.Locale;
import org.apache.spark.sql.SparkSession;

/**
 * Runs jobs one after the other in one JVM and one Spark session, and says what each cost.
 *
 * <p>Every line of standard input is a job with its arguments, parted by tabs. The answer is one
 * line on standard output: {@code cost}, CPU seconds of the whole process (garbage collection and
 * compilation included), wall seconds, and milliseconds in collections. What the job itself prints
 * goes to standard error. {@code benchmarks/compare} talks to it.
 */
public final class WarmJobs {
  private static final double NANOS = 1e9;

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

  private static String run(String[] job) {
    OperatingSystemMXBean process =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long collected = collectionMillis();
    long cpu = process.getProcessCpuTime();
    long wall = System.nanoTime();
    Main.main(job);
    return String.format(
        Locale.ROOT,
        "cost %.3f %.3f %d",
        (process.getProcessCpuTime() - cpu) / NANOS,
        (System.nanoTime() - wall) / NANOS,
        collectionMillis() - collected);
  }

  private static long collectionMillis() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .mapToLong(GarbageCollectorMXBean::getCollectionTime)
        .sum();
  }
}
