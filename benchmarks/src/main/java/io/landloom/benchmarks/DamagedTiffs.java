package io.landloom.benchmarks;

import io.landloom.geo.format.SceneReaders;
import io.landloom.geo.image.BandSums;
import io.landloom.geo.image.Raster;
import io.landloom.geo.scene.SceneHeader;
import io.landloom.geo.scene.SceneReader;
import io.landloom.geo.source.MemoryByteSource;
import io.landloom.geo.source.SceneFormatException;
import io.landloom.geo.tiff.TiffLimits;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * Reads damaged TIFFs and says what became of them: {@code DamagedTiffs FOLDER} reads every file of
 * a folder, {@code DamagedTiffs FOLDER COUNT SEED} reads that many mutants of its readable files.
 *
 * <p>A file must be read, or refused with a {@link SceneFormatException} that begins with its name,
 * within one second of CPU; a mutant that was only truncated must be refused or give the pixels of
 * the whole file. Run with {@code -Xmx512m}, as benchmarks/README.md says. Mutant {@code n} of a
 * seed is the same in every run; {@code DamagedTiffs FOLDER COUNT SEED FIRST} begins at another.
 */
public final class DamagedTiffs {
  private static final long SECOND = 1_000_000_000L;
  private static final long ROW_BYTES = 1 << 20;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final Map<String, Integer> outcomes = new TreeMap<>();
  private final List<String> failures = new ArrayList<>();
  private long slowest;
  private String slowestName = "";

  private DamagedTiffs() {}

  /** Exits with 1 if anything behaved as it must not. */
  public static void main(String[] arguments) throws IOException {
    System.out.printf(
        "java %s, heap %d MiB, %s%n",
        Runtime.version(), Runtime.getRuntime().maxMemory() >> 20, Arrays.toString(arguments));
    DamagedTiffs check = new DamagedTiffs();
    List<Path> files = files(Path.of(arguments[0]));
    if (arguments.length == 1) {
      for (Path file : files) {
        check.count("file", check.read(file.getFileName().toString(), Files.readAllBytes(file)));
      }
    } else {
      long first = arguments.length > 3 ? Long.parseLong(arguments[3]) : 0;
      check.mutants(files, first, Integer.parseInt(arguments[1]), Long.parseLong(arguments[2]));
    }
    check.outcomes.forEach((outcome, count) -> System.out.printf("%8d %s%n", count, outcome));
    System.out.printf(
        Locale.ROOT, "slowest: %.3f s of CPU, %s%n", check.slowest / 1e9, check.slowestName);
    System.out.println(check.failures.size() + " failures");
    check.failures.forEach(System.out::println);
    if (!check.failures.isEmpty()) {
      System.exit(1);
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().matches(".*\\.tiff?")).sorted().toList();
    }
  }

  /** What reading gave: the checksum of header and pixels, or the message of a refusal. */
  private record Reading(boolean read, long checksum, String message) {}

  private void mutants(List<Path> files, long first, int count, long seed) throws IOException {
    List<byte[]> good = new ArrayList<>();
    List<Reading> whole = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (Path path : files) {
      byte[] file = Files.readAllBytes(path);
      Reading reading = read(path.getFileName().toString(), file);
      if (reading.read()) {
        good.add(file);
        whole.add(reading);
        names.add(path.getFileName().toString());
      }
    }
    System.out.println(good.size() + " readable files, seed " + seed);
    Map<Mutation, Integer> made = new EnumMap<>(Mutation.class);
    for (long number = first; number < first + count; number++) {
      Random random = new Random(seed * 1_000_003 + number);
      int which = pick(good, random);
      Mutation mutation = Mutation.values()[random.nextInt(Mutation.values().length)];
      byte[] other = good.get(pick(good, random));
      byte[] mutant = mutation.apply(good.get(which), other, random);
      String name = "mutant " + number + " " + mutation + " of " + names.get(which);
      Reading reading = read(name, mutant);
      made.merge(mutation, 1, Integer::sum);
      count(mutation.name(), reading);
      boolean truncated = mutation == Mutation.TRUNCATION || mutation == Mutation.SHORT_BLOCK;
      if (truncated && reading.read() && reading.checksum() != whole.get(which).checksum()) {
        failures.add(name + ": other pixels, not a refusal");
      }
      if ((number + 1) % 10_000 == 0) {
        System.out.println(number + 1 + " mutants, " + failures.size() + " failures");
      }
    }
  }

  /** A file; large ones less often, so that the time goes into different damage. */
  private static int pick(List<byte[]> files, Random random) {
    int which = random.nextInt(files.size());
    boolean large = files.get(which).length > 1 << 18;
    return large && random.nextInt(4) > 0 ? random.nextInt(files.size()) : which;
  }

  private void count(String kind, Reading reading) {
    outcomes.merge(kind + (reading.read() ? " read" : " refused"), 1, Integer::sum);
  }

  private Reading read(String name, byte[] file) {
    Thread reading = Thread.currentThread();
    long start = THREADS.getCurrentThreadCpuTime();
    long wall = System.nanoTime();
    Reading result;
    try {
      result = new Reading(true, checksum(name, file), "");
    } catch (SceneFormatException e) {
      result = new Reading(false, 0, e.getMessage());
      if (!e.getMessage().startsWith(name + ": ")) {
        failures.add(name + ": the refusal does not begin with the name: " + e.getMessage());
      }
    } catch (IOException | RuntimeException | Error e) {
      StackTraceElement[] trace = e.getStackTrace();
      failures.add(name + ": " + e + " at " + (trace.length == 0 ? "?" : trace[0]));
      result = new Reading(false, 0, e.toString());
    }
    long cpu = THREADS.getCurrentThreadCpuTime() - start;
    if (cpu > slowest) {
      slowest = cpu;
      slowestName = name + " (" + (System.nanoTime() - wall) / 1_000_000 + " ms of wall)";
    }
    if (cpu > SECOND) {
      failures.add(name + ": " + cpu / 1_000_000 + " ms of CPU in " + reading.getName());
    }
    return result;
  }

  private static long checksum(String name, byte[] file) throws IOException {
    CRC32 checksum = new CRC32();
    try (SceneReader reader =
        SceneReaders.open(new MemoryByteSource(name, file), TiffLimits.defaults())) {
      SceneHeader header = reader.header();
      BandSums sums = new BandSums(header.type(), header.bands());
      long rowBytes = (long) header.width() * header.bands() * header.type().bytes();
      int step = (int) Math.max(1, Math.min(header.height(), ROW_BYTES / rowBytes));
      for (int y = 0; y < header.height(); y += step) {
        Raster rows = reader.rows(y, Math.min(step, header.height() - y));
        sums.add(rows);
        checksum.update(rows.samples());
        reader.validity(y, rows).ifPresent(validity -> checksum.update(validity.data()));
      }
      checksum.update(sums.sums().size());
    }
    return checksum.getValue();
  }
}
