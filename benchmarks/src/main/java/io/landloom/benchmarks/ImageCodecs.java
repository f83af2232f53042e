package io.landloom.benchmarks;

import com.github.luben.zstd.Zstd;
import io.landloom.geo.format.SceneReaders;
import io.landloom.geo.image.Raster;
import io.landloom.geo.scene.SceneHeader;
import io.landloom.geo.scene.SceneReader;
import io.landloom.geo.source.LocalByteSource;
import io.landloom.geo.tiff.TiffLimits;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.zip.Deflater;

/**
 * CPU and bytes of every way to store patches: PNG's row filters with Deflate's strategies and
 * levels, Zstandard over the pixels, and Zstandard over the PNGs.
 *
 * <p>{@code java -cp "$(cat benchmarks/target/classpath):benchmarks/target/classes"
 * io.landloom.benchmarks.ImageCodecs SIZE PATCHES FOLDER}, after {@code mvn -pl benchmarks -am
 * compile dependency:build-classpath -Dmdep.outputFile=target/classpath}. Cuts PATCHES patches of
 * SIZE pixels evenly from the images below FOLDER. CPU is that of the thread, the median of three
 * passes after one that warms up.
 */
public final class ImageCodecs {
  private static final int PASSES = 3;
  private static final int FILTERS = 6;
  private static final int ADAPTIVE = 5;
  private static final String[] FILTER_NAMES = {
    "none", "sub", "up", "average", "paeth", "adaptive"
  };
  private static final int[] LEVELS = {1, 2, 3, 6, 9};
  private static final int[] FILTERED_LEVELS = {1, 6};
  private static final int[] ZSTD_LEVELS = {1, 2, 3, 6};

  private ImageCodecs() {}

  /** Runs the measurement. */
  public static void main(String[] args) throws IOException {
    int size = Integer.parseInt(args[0]);
    List<Raster> patches = patches(size, Integer.parseInt(args[1]), Path.of(args[2]));
    long raw = patches.stream().mapToLong(patch -> patch.samples().length).sum();
    System.out.printf(
        "%s: %d patches, %s, %.1f MB; Java %s, %s%n",
        args[2],
        patches.size(),
        patches.get(0),
        raw / 1e6,
        System.getProperty("java.version"),
        System.getProperty("os.arch"));
    System.out.println("storage                        CPU ms/MB   MB/CPU s   bytes/patch   ratio");
    for (int filter = 0; filter < FILTERS; filter++) {
      int chosen = filter;
      print("filter only: " + FILTER_NAMES[filter], patches, patch -> filter(patch, chosen));
      png(patches, filter, Deflater.HUFFMAN_ONLY, "huffman", 1);
      for (int level : LEVELS) {
        png(patches, filter, Deflater.DEFAULT_STRATEGY, "default", level);
      }
      for (int level : FILTERED_LEVELS) {
        png(patches, filter, Deflater.FILTERED, "filtered", level);
      }
    }
    for (int level : ZSTD_LEVELS) {
      print("raw, zstd " + level, patches, patch -> Zstd.compress(patch.samples(), level));
      print("filtered by sub, zstd " + level, patches, p -> Zstd.compress(filter(p, 1), level));
      print("filtered by up, zstd " + level, patches, p -> Zstd.compress(filter(p, 2), level));
    }
    overPng(patches, 2, Deflater.HUFFMAN_ONLY, "up huffman");
    overPng(patches, 2, Deflater.DEFAULT_STRATEGY, "up default 1");
  }

  /** Patches spread evenly over the images, of the first image's number of bands. */
  private static List<Raster> patches(int size, int wanted, Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(folder)) {
      files = walk.filter(file -> file.toString().matches(".*\\.(tif|png|jpg)")).sorted().toList();
    }
    List<Raster> patches = new ArrayList<>();
    int perFile = Math.max(1, wanted / files.size());
    int step = Math.max(1, files.size() / wanted);
    for (int i = 0; i < files.size() && patches.size() < wanted; i += step) {
      try (SceneReader reader =
          SceneReaders.open(LocalByteSource.open(files.get(i)), TiffLimits.defaults())) {
        SceneHeader header = reader.header();
        for (int n = 0; n < perFile && header.height() >= size && header.width() >= size; n++) {
          int y = (header.height() - size) * n / perFile;
          int x = (header.width() - size) * (n * 7 % perFile) / perFile;
          patches.add(reader.rows(y, size).crop(x, 0, size, size));
        }
      }
    }
    int bands = patches.get(0).bands();
    return patches.stream().filter(patch -> patch.bands() == bands).toList();
  }

  private static void png(List<Raster> patches, int filter, int strategy, String name, int level) {
    print(
        String.format("png %s, %s %d", FILTER_NAMES[filter], name, level),
        patches,
        patch -> deflate(filter(patch, filter), strategy, level));
  }

  /** What a Parquet codec makes of pages of PNGs: 25 images a page. */
  private static void overPng(List<Raster> patches, int filter, int strategy, String name) {
    List<byte[]> pages = new ArrayList<>();
    for (int from = 0; from < patches.size(); from += 25) {
      byte[] page = new byte[0];
      for (Raster patch : patches.subList(from, Math.min(patches.size(), from + 25))) {
        byte[] png = deflate(filter(patch, filter), strategy, 1);
        page = Arrays.copyOf(page, page.length + png.length);
        System.arraycopy(png, 0, page, page.length - png.length, png.length);
      }
      pages.add(page);
    }
    for (int level : new int[] {1, 3}) {
      report(
          "zstd " + level + " over png " + name,
          pages,
          page -> page.length,
          page -> Zstd.compress(page, level));
    }
  }

  private static void print(String name, List<Raster> patches, Function<Raster, byte[]> encoder) {
    report(name, patches, patch -> patch.samples().length, encoder);
  }

  private static <T> void report(
      String name, List<T> inputs, Function<T, Integer> size, Function<T, byte[]> encoder) {
    double raw = inputs.stream().mapToLong(size::apply).sum();
    double[] seconds = new double[PASSES];
    long bytes = 0;
    for (int pass = -1; pass < PASSES; pass++) {
      long start = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
      bytes = 0;
      for (T input : inputs) {
        bytes += encoder.apply(input).length;
      }
      long end = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
      if (pass >= 0) {
        seconds[pass] = (end - start) / 1e9;
      }
    }
    Arrays.sort(seconds);
    double median = seconds[PASSES / 2];
    System.out.printf(
        Locale.ROOT,
        "%-30s %10.2f %10.1f %13d %7.3f%n",
        name,
        median / raw * 1e9,
        raw / 1e6 / median,
        bytes / inputs.size(),
        raw / bytes);
  }

  private static byte[] deflate(byte[] filtered, int strategy, int level) {
    Deflater deflater = new Deflater(level);
    try {
      deflater.setStrategy(strategy);
      deflater.setInput(filtered);
      deflater.finish();
      byte[] target = new byte[filtered.length + filtered.length / 8 + 1024];
      int length = 0;
      while (!deflater.finished()) {
        length += deflater.deflate(target, length, target.length - length);
      }
      return Arrays.copyOf(target, length);
    } finally {
      deflater.end();
    }
  }

  private static byte[] filter(Raster patch, int filter) {
    int rowBytes = patch.rowBytes();
    byte[] target = new byte[(rowBytes + 1) * patch.height()];
    byte[] tried = new byte[rowBytes];
    for (int y = 0; y < patch.height(); y++) {
      int to = y * (rowBytes + 1);
      int chosen = filter;
      if (filter == ADAPTIVE) {
        chosen = smallest(patch, y, tried);
      }
      target[to] = (byte) chosen;
      filterRow(patch, y, chosen, target, to + 1);
    }
    return target;
  }

  /** The filter whose row has the smallest sum of absolute differences, as libpng chooses. */
  private static int smallest(Raster patch, int y, byte[] tried) {
    int best = 0;
    long least = Long.MAX_VALUE;
    for (int filter = 0; filter < ADAPTIVE; filter++) {
      filterRow(patch, y, filter, tried, 0);
      long sum = 0;
      for (byte value : tried) {
        sum += Math.abs(value);
      }
      if (sum < least) {
        least = sum;
        best = filter;
      }
    }
    return best;
  }

  private static void filterRow(Raster patch, int y, int filter, byte[] target, int to) {
    byte[] samples = patch.samples();
    int bands = patch.bands();
    int length = patch.rowBytes();
    int from = y * length;
    int above = from - length;
    boolean first = y == 0;
    switch (filter) {
      case 0 -> System.arraycopy(samples, from, target, to, length);
      case 1 -> {
        System.arraycopy(samples, from, target, to, bands);
        for (int i = bands; i < length; i++) {
          target[to + i] = (byte) (samples[from + i] - samples[from + i - bands]);
        }
      }
      case 2 -> {
        for (int i = 0; i < length; i++) {
          target[to + i] = (byte) (samples[from + i] - (first ? 0 : samples[above + i]));
        }
      }
      case 3 -> {
        for (int i = 0; i < length; i++) {
          int left = i < bands ? 0 : samples[from + i - bands] & 0xFF;
          int up = first ? 0 : samples[above + i] & 0xFF;
          target[to + i] = (byte) (samples[from + i] - ((left + up) >> 1));
        }
      }
      default -> {
        for (int i = 0; i < length; i++) {
          int left = i < bands ? 0 : samples[from + i - bands] & 0xFF;
          int up = first ? 0 : samples[above + i] & 0xFF;
          int corner = i < bands || first ? 0 : samples[above + i - bands] & 0xFF;
          target[to + i] = (byte) (samples[from + i] - nearest(left, up, corner));
        }
      }
    }
  }

  private static int nearest(int left, int up, int corner) {
    int byLeft = Math.abs(up - corner);
    int byUp = Math.abs(left - corner);
    int byCorner = Math.abs(left + up - 2 * corner);
    return byLeft <= byUp && byLeft <= byCorner ? left : byUp <= byCorner ? up : corner;
  }
}
