package io.landloom.jobs;

import com.sun.management.GarbageCollectionNotificationInfo;
import io.landloom.geo.image.Raster;
import io.landloom.geo.scene.SceneId;
import io.landloom.geo.tiff.TiffWriter;
import io.landloom.jobs.synthesize.Striped;
import io.landloom.jobs.tile.HeaderReading;
import io.landloom.jobs.tile.InputKeys;
import io.landloom.jobs.tile.SceneEntry;
import io.landloom.jobs.tile.SceneFile;
import io.landloom.jobs.tile.SceneListing;
import io.landloom.jobs.tile.TileBucket;
import io.landloom.jobs.tile.TileRule;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;

/**
 * What very many scenes and rows cost the driver: seconds, and the heap that is left after
 * collections; started by {@code benchmarks/reliability/check}.
 *
 * <p>The driver is this JVM, tasks included, so its heap is an upper bound. A {@link Striped}
 * draws.
 */
final class Load {
  private static final int PATCH = 32;
  // ext4 allows 65,000 links to a file
  private static final int LINKS = 60_000;

  private final SparkSession spark;
  private final Path folder;
  private final int side;
  private final PrintStream out;
  private final Heap heap = new Heap();

  /**
   * A check.
   *
   * @param side pixels along an edge of the scenes that rows are made of
   */
  Load(SparkSession spark, Path folder, int side, PrintStream out) {
    this.spark = spark;
    this.folder = folder;
    this.side = side;
    this.out = out;
  }

  /** The largest heap after a collection since it was asked for. */
  private static final class Heap {
    private final AtomicLong most = new AtomicLong();

    Heap() {
      List<String> pools =
          ManagementFactory.getMemoryPoolMXBeans().stream()
              .filter(pool -> pool.getType() == MemoryType.HEAP)
              .map(pool -> pool.getName())
              .toList();
      for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
        ((NotificationEmitter) collector)
            .addNotificationListener(
                (notification, handback) -> {
                  GarbageCollectionNotificationInfo info =
                      GarbageCollectionNotificationInfo.from(
                          (CompositeData) notification.getUserData());
                  Map<String, MemoryUsage> after = info.getGcInfo().getMemoryUsageAfterGc();
                  long used = pools.stream().mapToLong(name -> after.get(name).getUsed()).sum();
                  most.accumulateAndGet(used, Math::max);
                },
                null,
                null);
      }
    }

    void reset() {
      System.gc();
      most.set(0);
    }

    long mostMebibytes() {
      System.gc();
      return most.get() >> 20;
    }
  }

  private void line(String what, long number, double seconds) {
    out.printf(
        Locale.ROOT,
        "%-34s %,10d  %7.1f s  %6.2f s a 100,000  %5d MiB of heap after collections at most%n",
        what,
        number,
        seconds,
        seconds * 1e5 / number,
        heap.mostMebibytes());
    out.flush();
  }

  /** Lists so many labelled scenes, and cuts the work of tiling them into buckets. */
  void scenes(int number) throws IOException {
    Path scenes = folder.resolve("scenes-" + number);
    Path first = folder.resolve("first");
    TestScenes.striped(first, "scene", 64, 64);
    for (String part : List.of("images", "labels")) {
      Path to = Files.createDirectories(scenes.resolve(part));
      Path from = first.resolve(part + "/scene.png");
      for (int i = 0; i < number; i++) {
        Path file = to.resolve(String.format(Locale.ROOT, "%03d/scene-%07d.png", i / 5000, i));
        if (i % 5000 == 0) {
          Files.createDirectories(file.getParent());
        }
        if (i % LINKS == 0) {
          Files.copy(from, file);
          from = file;
        } else {
          Files.createLink(file, from);
        }
      }
    }
    heap.reset();
    long start = System.nanoTime();
    List<SceneFile> files =
        new SceneListing(new Configuration(), List.of(""))
            .labelled(scenes.resolve("images").toString(), scenes.resolve("labels").toString());
    double seconds = (System.nanoTime() - start) / 1e9;
    require(files.size() == number, files.size() + " scenes");
    line("scenes listed with their labels", number, seconds);
    plan(files);
  }

  /** Their headers are all that of the first: reading them is the executors' work. */
  private void plan(List<SceneFile> files) throws IOException {
    Settings settings =
        Settings.of(List.of(), List.of("scheme=mbrsc", "patch.size=32", "input.labels=given"));
    TileRule rule = TileScenes.rule(new JobContext(spark, settings, System.out));
    SceneEntry header =
        HeaderReading.withoutChecksums(files.get(0), rule, InputKeys.OF_JOBS, new Configuration())
            .entry();
    heap.reset();
    long start = System.nanoTime();
    List<SceneEntry> entries =
        files.stream()
            .map(
                file ->
                    new SceneEntry(
                        file,
                        "crc32c:" + file.id(),
                        "crc32c:" + file.id(),
                        header.width(),
                        header.height(),
                        header.blockRows(),
                        header.pixels(),
                        header.complete(),
                        header.georeference()))
            .collect(Collectors.toList());
    List<TileBucket> buckets = TileBucket.plan(entries, rule, 1000);
    double seconds = (System.nanoTime() - start) / 1e9;
    long patches = buckets.stream().mapToLong(bucket -> bucket.patches(rule)).sum();
    require(patches == 4L * files.size(), patches + " patches");
    line("scenes planned, " + buckets.size() + " buckets", files.size(), seconds);
    require(entries.get(0).id().equals(new SceneId("000/scene-0000000")), "another order");
  }

  /** Tiles, plans and synthesizes so many patches, and counts them. */
  void rows(int number) throws IOException {
    int patchesAScene = (side / PATCH) * (side / PATCH);
    int scenes = (number + patchesAScene - 1) / patchesAScene;
    Path large = folder.resolve("large");
    if (!Files.exists(large)) {
      write(large.resolve("images.tif"), 3);
      write(large.resolve("labels.tif"), 1);
    }
    Path work = folder.resolve("rows-" + number);
    for (String part : List.of("images", "labels")) {
      Files.createDirectories(work.resolve(part));
      for (int i = 0; i < scenes; i++) {
        Files.createLink(
            work.resolve(String.format(Locale.ROOT, "%s/scene-%03d.tif", part, i)),
            large.resolve(part + ".tif"));
      }
    }
    String root = work.resolve("dataset").toString();
    String output = "output.root=" + root;
    long patches = (long) scenes * patchesAScene;
    timed(
        "rows of patches tiled",
        patches,
        "tile",
        output,
        "input.scenes=" + work.resolve("images"),
        "input.labels=" + work.resolve("labels"),
        "labels.coding=index",
        "scheme=mbrsc",
        "splits.shares=[1,0,0]",
        "output.bucketRows=10000",
        "patch.size=32");
    SparkTest.succeed("train", TinyNetworks.with(output, "scheme=mbrsc", "csebgan.steps=1"));
    timed("rows planned", patches, "plan", output, "scheme=mbrsc", "output.bucketRows=10000");
    heap.reset();
    long start = System.nanoTime();
    Settings settings =
        Settings.of(
            List.of(),
            List.of(output, "scheme=mbrsc", "model=" + published(root, "train") + "/bundle"));
    new SynthesizePairs(new Striped())
        .run(new JobContext(spark, settings, new PrintStream(OutputStream.nullOutputStream())));
    line("rows synthesized", patches, (System.nanoTime() - start) / 1e9);
    long pairs = spark.read().parquet(root + "/run_id=*/pairs").count();
    require(pairs == patches, pairs + " pairs of " + patches);
    timed("rows of patches and pairs summed", patches, "summarize", output, "scheme=mbrsc");
  }

  private void timed(String what, long rows, String job, String... keys) {
    heap.reset();
    long start = System.nanoTime();
    SparkTest.succeed(job, keys);
    line(what, rows, (System.nanoTime() - start) / 1e9);
  }

  private static Path published(String root, String job) throws IOException {
    try (Stream<Path> files = Files.list(Path.of(root))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("run_id=" + job + "-"))
          .findFirst()
          .orElseThrow();
    }
  }

  private void write(Path file, int bands) throws IOException {
    Files.createDirectories(file.getParent());
    TiffWriter.Options options =
        TiffWriter.Options.of(side, side, bands)
            .withLayout(new TiffWriter.Layout.Tiles(256))
            .withCompression(TiffWriter.Compression.LZW);
    try (TiffWriter writer = TiffWriter.create(file, options)) {
      for (int y = 0; y < side; y++) {
        byte[] row = new byte[side * bands];
        for (int i = 0; i < row.length; i++) {
          row[i] = (byte) (bands == 1 ? (i / 16 + y / 16) % 5 : i / 48 * 16 + y / 16 * 8);
        }
        writer.writeRows(Raster.ofBytes(side, 1, bands, row));
      }
    }
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }
}
