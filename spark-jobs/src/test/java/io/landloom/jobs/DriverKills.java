package io.landloom.jobs;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Ends drivers of {@code tile} with SIGKILL at drawn points and lets the next one go on; started by
 * {@code benchmarks/reliability/check}, in short by a test.
 */
final class DriverKills {
  /** Exit code of a process that SIGKILL ended. */
  static final int KILLED = 137;

  private static final int SCENES = 24;
  private static final int PATCHES = SCENES * 25;
  private static final int MOST_SECONDS = 300;
  private static final List<String> TABLES = List.of("patches", "patch_classes");

  private final SparkSession spark;
  private final Path folder;
  private final Random random;
  private final List<Row> expected;
  private int starts;

  /**
   * Writes scenes and tiles them once without a kill.
   *
   * @param folder an empty folder
   * @param seed of the points
   */
  DriverKills(SparkSession spark, Path folder, long seed) throws IOException {
    this.spark = spark;
    this.folder = folder;
    this.random = new Random(seed);
    for (int i = 0; i < SCENES; i++) {
      TestScenes.striped(folder, String.format("scene-%02d", i), 160, 160);
    }
    Path undisturbed = folder.resolve("undisturbed");
    require(resume(undisturbed).code() == 0, "the run without a kill failed");
    this.expected = rows(undisturbed);
    require(expected.size() == PATCHES, expected.size() + " patches, expected " + PATCHES);
  }

  /**
   * One killed driver.
   *
   * @param point where it was to be killed
   * @param staged buckets that were staged by then
   * @param published whether its run was visible by then
   */
  record Kill(String point, int staged, boolean published) {}

  /**
   * Kills one driver and checks what it left, and what the next makes of it.
   *
   * @param number of the kill; one in five is around publishing on either side, one at the start
   */
  Kill kill(int number) throws IOException, InterruptedException {
    for (int i = 0; i < 10; i++) {
      Path root = folder.resolve("killed-" + starts++);
      Point point = Point.draw(number, random);
      Process driver = start(root, folder.resolve(root.getFileName() + ".log"));
      if (point.reached(root, driver)) {
        driver.destroyForcibly();
      }
      if (driver.waitFor() == KILLED) {
        return check(root, point);
      }
    }
    throw new IllegalStateException("ten drivers ended before they could be killed");
  }

  /** Where a driver is killed: when so many buckets are staged, or a file or folder is there. */
  private record Point(String name, int buckets, String file) {
    static Point draw(int number, Random random) {
      return switch (number % 5) {
        case 0 -> new Point("before publishing", 0, "_staging/tile-*/run.json");
        case 2 -> new Point("after publishing", 0, "run_id=tile-*");
        case 4 -> new Point("at its start", 0, "_staging/tile-*/_lease/first");
        default -> {
          int buckets = 1 + random.nextInt(38);
          yield new Point("with " + buckets + " buckets", buckets, "");
        }
      };
    }

    boolean reached(Path root, Process driver) throws IOException, InterruptedException {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(MOST_SECONDS);
      while (!isNow(root)) {
        require(System.nanoTime() < end, name + " is not reached in " + MOST_SECONDS + " s");
        if (driver.waitFor(1, TimeUnit.MILLISECONDS)) {
          return false;
        }
      }
      return true;
    }

    private boolean isNow(Path root) throws IOException {
      return buckets > 0
          ? glob(root, "_staging/tile-*/patch_classes/part-*.parquet").size() >= buckets
          : !glob(root, file).isEmpty();
    }
  }

  private Kill check(Path root, Point point) throws IOException {
    boolean published = !glob(root, "run_id=tile-*").isEmpty();
    if (published) {
      require(rows(root).equals(expected), root + ": a part of the run is visible");
    }
    Map<String, byte[]> staged = staged(root);
    if (!glob(root, "_staging/tile-*/_lease/first").isEmpty()) {
      SparkTest.Ended atOnce = resume(root);
      require(
          atOnce.code() == 5 && atOnce.err().contains(" is being made by another driver (host "),
          root + ": a start before the lease is dead ended with " + atOnce);
      require(staged.keySet().equals(staged(root).keySet()), root + ": that start touched buckets");
    }
    letLeaseDie(root);
    SparkTest.Ended resumed = resume(root);
    require(resumed.code() == 0, root + ": the next driver ended with " + resumed);
    require(rows(root).equals(expected), root + ": the resumed run differs");
    Path run = glob(root, "run_id=tile-*").get(0);
    for (Map.Entry<String, byte[]> file : staged.entrySet()) {
      require(
          Arrays.equals(file.getValue(), Files.readAllBytes(run.resolve(file.getKey()))),
          root + ": " + file.getKey() + " was staged, and was made again");
    }
    // a turn to publish that a killed driver took is the next publisher's
    require(glob(root, "_staging/[!_]*").isEmpty(), root + ": a staging is left");
    SparkTest.Ended verified = SparkTest.landloom("verify", "output.root=" + root, "scheme=mbrsc");
    require(verified.code() == 0, root + ": " + verified.err());
    return new Kill(point.name(), staged.size() / TABLES.size(), published);
  }

  /** Files of the buckets that have one in every table, by their path below the run. */
  private static Map<String, byte[]> staged(Path root) throws IOException {
    Map<String, byte[]> files = new HashMap<>();
    for (Path first : glob(root, "_staging/tile-*/patches/part-*.parquet")) {
      Path run = first.getParent().getParent();
      if (Files.exists(run.resolve("patch_classes").resolve(first.getFileName()))) {
        for (String table : TABLES) {
          String name = table + "/" + first.getFileName();
          files.put(name, Files.readAllBytes(run.resolve(name)));
        }
      }
    }
    return files;
  }

  private List<Row> rows(Path root) {
    return spark
        .read()
        .parquet(root + "/run_id=*/patches")
        .orderBy("scene_id", "row", "col")
        .selectExpr(
            "scene_id", "row", "col", "split", "sha2(image.bytes, 256)", "sha2(mask.bytes, 256)")
        .collectAsList();
  }

  /** Starts a driver in this process. */
  SparkTest.Ended resume(Path root) {
    return SparkTest.landloom("tile", keys(root));
  }

  private String[] keys(Path root) {
    return new String[] {
      "output.root=" + root,
      "input.scenes=" + folder.resolve("images"),
      "input.labels=" + folder.resolve("labels"),
      "scheme=mbrsc",
      "patch.size=32",
      "output.bucketRows=15"
    };
  }

  /** Starts a driver in a process of its own. */
  Process start(Path root, Path log) throws IOException {
    return driver(List.of("-Dspark.master=local[1]"), "tile", keys(root))
        .redirectOutput(log.toFile())
        .start();
  }

  /** A driver in a process of its own. */
  static ProcessBuilder driver(List<String> options, String job, String... keys) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--add-opens"))
        .forEach(command::add);
    command.addAll(options);
    command.addAll(
        List.of("-Xmx768m", "-Djava.awt.headless=true", "-XX:TieredStopAtLevel=1", "-cp"));
    command.addAll(List.of(System.getProperty("java.class.path"), Main.class.getName(), job));
    for (String key : keys) {
      command.addAll(List.of("--set", key));
    }
    return new ProcessBuilder(command).redirectErrorStream(true);
  }

  /** How many buckets of a dataset have all their files, published or not. */
  static int whole(Path root) throws IOException {
    int published = glob(root, "run_id=tile-*/patch_classes/part-*.parquet").size();
    return published + glob(root, "_staging/tile-*/patch_classes/part-*.parquet").size();
  }

  /** Whether a dataset holds every patch once, as it was cut without a kill. */
  boolean isAsUndisturbed(Path root) {
    return rows(root).equals(expected);
  }

  /** Makes all signs of life below a dataset older than any lease lasts. */
  static void letLeaseDie(Path root) throws IOException {
    for (Path sign : glob(root, "_staging/*/_lease/*")) {
      Files.setLastModifiedTime(sign, FileTime.from(Instant.now().minus(Duration.ofDays(1))));
    }
  }

  /** What matches a pattern, in order; what goes away while it is looked for does not. */
  private static List<Path> glob(Path root, String pattern) throws IOException {
    List<Path> found = List.of(root);
    for (String part : pattern.split("/")) {
      List<Path> next = new ArrayList<>();
      for (Path parent : found) {
        try (var children = Files.newDirectoryStream(parent, part)) {
          children.forEach(next::add);
        } catch (NoSuchFileException | java.nio.file.NotDirectoryException e) {
          continue;
        }
      }
      found = next;
    }
    return found.stream().sorted().toList();
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }

  /** Kills so many drivers, and says of each where. */
  static void run(SparkSession spark, Path folder, int kills, long seed, PrintStream out)
      throws IOException, InterruptedException {
    int kept = 0;
    int visible = 0;
    DriverKills drivers = new DriverKills(spark, folder, seed);
    for (int i = 1; i <= kills; i++) {
      Kill kill = drivers.kill(i);
      kept += kill.staged();
      visible += kill.published() ? 1 : 0;
      out.printf(
          "kill %2d  %-18s  %2d buckets staged  %s%n",
          i, kill.point(), kill.staged(), kill.published() ? "published" : "resumed");
      out.flush();
    }
    out.printf(
        "%d drivers killed (seed %d): 0 partial tables visible, %d published before the kill, %d"
            + " resumed, %d staged buckets kept, 0 made again%n",
        kills, seed, visible, kills - visible, kept);
  }
}
