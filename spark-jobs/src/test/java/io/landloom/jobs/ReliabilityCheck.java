package io.landloom.jobs;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/** One check of {@code benchmarks/reliability/check}, which says what they are. */
final class ReliabilityCheck {
  private final PrintStream out = System.out;
  private final Path folder;
  private final List<String> arguments;

  private ReliabilityCheck(Path folder, List<String> arguments) {
    this.folder = folder;
    this.arguments = arguments;
  }

  /** Takes the name of a check, an empty folder, and what the check takes. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path folder = Path.of(arguments[1]);
    SparkTest.shared = folder; // where a test's session has its warehouse
    List<String> rest = Arrays.asList(arguments).subList(2, arguments.length);
    ReliabilityCheck check = new ReliabilityCheck(folder, rest);
    boolean good = check.run(arguments[0]);
    check.out.println(good ? "OK" : "FAILED"); // System.out may still be that of a job
    System.exit(good ? 0 : 1);
  }

  private int number(int place, int otherwise) {
    return arguments.size() > place ? Integer.parseInt(arguments.get(place)) : otherwise;
  }

  private boolean run(String check) throws IOException, InterruptedException {
    String master =
        switch (check) {
          case "soak" -> "local[1]";
          case "stability" -> "local[2,4]";
          default -> "local[2]";
        };
    SparkSession spark = SparkTest.session(master);
    switch (check) {
      case "drivers" -> DriverKills.run(spark, folder, number(0, 20), number(1, 1), out);
      case "executors" -> executors(spark);
      case "datanode" -> dataNode(spark);
      case "poison" -> PoisonScenes.run(spark, folder, number(0, 2000), out);
      case "load" -> load(spark);
      case "stability" -> {
        return RepeatedSynthesis.stable(spark, folder, number(0, 10_000), out);
      }
      case "memory" -> {
        return RepeatedSynthesis.outOfMemory(spark, folder, number(0, 2000), out);
      }
      case "soak" -> {
        return Soak.run(spark, folder, number(0, 60), out);
      }
      default -> throw new IllegalArgumentException("no check is called " + check);
    }
    return true;
  }

  private void executors(SparkSession spark) throws IOException, InterruptedException {
    int wanted = number(0, 50);
    int killed = 0;
    int inABucket = 0;
    int runs = 0;
    try (HdfsFaults faults = new HdfsFaults(spark, folder, number(1, 1))) {
      while (inABucket < wanted) {
        HdfsFaults.Kills kills = faults.killExecutors(wanted);
        runs++;
        killed += kills.killed();
        inABucket += kills.inABucket();
        out.printf(
            "run %2d: %d executors killed, %d of them while they made a bucket; pairs as without%n",
            runs, kills.killed(), kills.inABucket());
        out.flush();
      }
    }
    out.printf(
        "%d executors killed in %d runs, %d of them while they made a bucket (seed %d): 0 keys lost,"
            + " 0 doubled, 0 changed%n",
        killed, runs, inABucket, number(1, 1));
  }

  private void dataNode(SparkSession spark) throws IOException, InterruptedException {
    int rounds = number(0, 5);
    try (HdfsFaults faults = new HdfsFaults(spark, folder, number(1, 1))) {
      for (int i = 0; i < rounds; i++) {
        faults.loseADataNode(2 + 3 * i);
        out.printf("one of 4 data nodes stopped after %d buckets: pairs as without%n", 2 + 3 * i);
        out.flush();
      }
    }
    out.printf("%d runs: 0 keys lost, 0 doubled, 0 changed%n", rounds);
  }

  private void load(SparkSession spark) throws IOException {
    int most = number(0, 1_000_000);
    Load load = new Load(spark, folder, 5760, out);
    for (int part : new int[] {4, 1}) {
      load.scenes(most / part);
    }
    for (int part : new int[] {4, 1}) {
      load.rows(most / part);
    }
  }
}
