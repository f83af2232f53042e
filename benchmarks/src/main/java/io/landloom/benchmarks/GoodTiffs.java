package io.landloom.benchmarks;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import io.landloom.geo.format.SceneReaders;
import io.landloom.geo.image.BandSums;
import io.landloom.geo.scene.SceneHeader;
import io.landloom.geo.scene.SceneReader;
import io.landloom.geo.source.LocalByteSource;
import io.landloom.geo.tiff.TiffLimits;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/**
 * Reads every file of a folder and compares each band's sum with that of another reader: {@code
 * GoodTiffs FOLDER}, where {@code expected.json} holds {@code {file: {dtype, compression, sums}}}.
 * JPEG may differ by 1 %. Run as benchmarks/README.md says.
 */
public final class GoodTiffs {
  private static final long ROW_BYTES = 4 << 20;
  private static final double LOSSY = 0.01;
  private static final double ROUNDED = 1e-9;

  private GoodTiffs() {}

  /** Exits with 1 if a sum differs. */
  public static void main(String[] arguments) {
    Path folder = Path.of(arguments[0]);
    ConfigObject expected =
        ConfigFactory.parseFile(new File(folder.toFile(), "expected.json")).root();
    int[] counts = new int[4];
    for (String file : new TreeSet<>(expected.keySet())) {
      Config entry =
          expected.toConfig().getConfig(com.typesafe.config.ConfigUtil.quoteString(file));
      Result result = check(folder.resolve(file), entry);
      counts[result.outcome().ordinal()]++;
      System.out.printf("%-12s %-70s %s%n", result.outcome(), file, result.words());
    }
    int files = expected.size();
    System.out.printf(
        Locale.ROOT,
        "%d files: %d equal (%.1f %%), %d without an expectation, %d refused, %d different%n",
        files,
        counts[0],
        100.0 * counts[0] / files,
        counts[1],
        counts[2],
        counts[3]);
    if (counts[Outcome.DIFFERENT.ordinal()] > 0) {
      System.exit(1);
    }
  }

  private enum Outcome {
    EQUAL,
    UNCOMPARED,
    REFUSED,
    DIFFERENT
  }

  private record Result(Outcome outcome, String words) {}

  private static Result check(Path file, Config expected) {
    try (SceneReader reader =
        SceneReaders.open(LocalByteSource.open(file), TiffLimits.defaults())) {
      SceneHeader header = reader.header();
      BandSums sums = sums(reader);
      String words =
          String.format(
              "%dx%dx%d %s %s, %s, %s %s",
              header.width(),
              header.height(),
              header.bands(),
              header.type().dtype(),
              header.storage().compression(),
              header.storage().layout(),
              header.storage().placement(),
              header.storage().crs());
      if (!expected.hasPath("sums")) {
        return new Result(Outcome.UNCOMPARED, words);
      }
      boolean lossy = header.storage().compression().equals("JPEG");
      boolean same =
          expected.getString("dtype").equals(header.type().dtype())
              && same(
                  sums.sums(),
                  expected.getNumberList("sums"),
                  lossy ? LOSSY : header.type().floating() ? ROUNDED : 0);
      String off = lossy ? ", off by at most " + difference(sums, expected) + " of a sum" : "";
      return same
          ? new Result(Outcome.EQUAL, words + off)
          : new Result(
              Outcome.DIFFERENT, words + " " + sums.sums() + " not " + expected.root().unwrapped());
    } catch (IOException e) {
      return new Result(Outcome.REFUSED, e.getMessage());
    }
  }

  private static BandSums sums(SceneReader reader) throws IOException {
    SceneHeader header = reader.header();
    BandSums sums = new BandSums(header.type(), header.bands());
    long rowBytes = (long) header.width() * header.bands() * header.type().bytes();
    int step = (int) Math.max(1, Math.min(header.height(), ROW_BYTES / rowBytes));
    for (int y = 0; y < header.height(); y += step) {
      sums.add(reader.rows(y, Math.min(step, header.height() - y)));
    }
    return sums;
  }

  private static double difference(BandSums sums, Config expected) {
    List<Number> others = expected.getNumberList("sums");
    double most = 0;
    for (int band = 0; band < others.size(); band++) {
      double other = others.get(band).doubleValue();
      double off = Math.abs(sums.sums().get(band).doubleValue() - other);
      most = Math.max(most, off / Math.max(1, Math.abs(other)));
    }
    return most;
  }

  private static boolean same(List<Number> sums, List<Number> expected, double tolerance) {
    boolean same = sums.size() == expected.size();
    for (int band = 0; same && band < sums.size(); band++) {
      double sum = sums.get(band).doubleValue();
      double other = expected.get(band).doubleValue();
      same = sum == other || Math.abs(sum - other) <= tolerance * Math.abs(other);
    }
    return same;
  }
}
