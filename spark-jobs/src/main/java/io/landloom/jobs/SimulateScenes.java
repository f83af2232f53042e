package io.landloom.jobs;

import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.geo.scene.Georeference;
import io.landloom.geo.tiff.TiffWriter;
import io.landloom.jobs.progress.LiveCount;
import io.landloom.jobs.progress.Progress;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.RunId;
import io.landloom.jobs.run.RunRecord;
import io.landloom.jobs.run.WholeFile;
import io.landloom.jobs.simulate.SimulatedScene;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;

/** {@code simulate}: writes deterministic scenes with colour-coded labels as GeoTIFFs. */
final class SimulateScenes implements Job {
  private static final int ROWS_AT_ONCE = 64;
  private static final double METRES_A_PIXEL = 4;

  @Override
  public Outcome run(JobContext context) throws IOException {
    Settings settings = context.settings();
    Plan plan = plan(settings, context.scheme());
    RunId run =
        context
            .runId("simulate")
            .with("plan", plan)
            .with("scheme", plan.scheme().definition())
            .build();
    Path root = context.dataset().path();
    Path marker = new Path(new Path(root, "_simulated"), run + ".json");
    FileSystem fileSystem = root.getFileSystem(context.hadoop());
    if (fileSystem.exists(marker)) {
      return Outcome.alreadyPublished(run);
    }
    // an interrupted start left this, and scenes that the next start writes anew
    Path started = marker.suffix(".started");
    if (fileSystem.exists(new Path(root, "images")) && !fileSystem.exists(started)) {
      throw JobException.user(
          root + "/images exists already with other scenes; use another output.root");
    }
    checkDrawable(plan);
    WholeFile.write(started, context.hadoop(), file -> {});
    write(context, plan, root);
    Map<String, Object> counts = new LinkedHashMap<>();
    counts.put("counts.scenes", plan.scenes());
    RunRecord record = Lineage.record(run, context.scheme(), settings, counts);
    WholeFile.write(
        marker,
        context.hadoop(),
        file -> Files.writeString(file, record.json(), StandardCharsets.UTF_8));
    WholeFile.delete(started, context.hadoop());
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("scenes", plan.scenes() + " of " + plan.width() + " x " + plan.height());
    summary.put("images", new Path(root, "images"));
    summary.put("labels", new Path(root, "labels"));
    return new Outcome(null, summary);
  }

  private static void checkDrawable(Plan plan) {
    try {
      new SimulatedScene(plan.seed(), 0, plan.width(), plan.height(), plan.scheme()).width();
    } catch (IllegalArgumentException e) {
      throw new JobException(JobException.Kind.USER, e.getMessage(), e);
    }
  }

  /**
   * What to simulate.
   *
   * @param seed the run's seed
   * @param scenes number of scenes
   * @param width pixels a row
   * @param height rows
   * @param layout tiled or striped
   * @param block side of a tile, or rows of a strip
   * @param compression none, lzw or deflate
   * @param scheme the land-cover scheme
   */
  private record Plan(
      long seed,
      int scenes,
      int width,
      int height,
      String layout,
      int block,
      String compression,
      LandCoverScheme scheme)
      implements Serializable {
    TiffWriter.Options options(int number) {
      TiffWriter.Options options =
          TiffWriter.Options.of(width, height, 3)
              .withGeoreference(place(number))
              .withCompression(
                  TiffWriter.Compression.valueOf(compression.toUpperCase(Locale.ROOT)));
      return options.withLayout(
          layout.equals("tiled")
              ? new TiffWriter.Layout.Tiles(block)
              : new TiffWriter.Layout.Strips(block));
    }

    private Georeference place(int number) {
      double x = 500_000 + number * METRES_A_PIXEL * width;
      return new Georeference(
          "EPSG:32650", new double[] {x, METRES_A_PIXEL, 0, 3_400_000, 0, -METRES_A_PIXEL});
    }
  }

  private static Plan plan(Settings settings, LandCoverScheme scheme) {
    String layout = settings.choice("simulate.layout", "tiled", "striped");
    int block = settings.integer("simulate.block", 1, 1 << 16);
    if (layout.equals("tiled") && block % 16 != 0) {
      throw JobException.user("simulate.block = " + block + ": TIFF tiles need a multiple of 16");
    }
    return new Plan(
        settings.bigint("run.seed"),
        settings.integer("simulate.scenes", 1, 1_000_000),
        settings.integer("simulate.width", 1, 100_000),
        settings.integer("simulate.height", 1, 100_000),
        layout,
        block,
        settings.choice("simulate.compression", "none", "lzw", "deflate"),
        scheme);
  }

  private static void write(JobContext context, Plan plan, Path root) {
    List<Integer> numbers = IntStream.range(0, plan.scenes()).boxed().toList();
    Broadcast<SerializableConfiguration> hadoop = context.sharedHadoop();
    String folder = root.toString();
    long rows = (long) plan.scenes() * plan.height();
    try (LiveCount count = LiveCount.of(context.spark().sparkContext(), "rows simulated");
        Progress progress =
            Progress.start(context.out(), "simulate", "rows of pixels", rows, count::now)) {
      LongAccumulator done = count.accumulator();
      context
          .java()
          .parallelize(numbers, context.partitions(numbers.size()))
          .foreach(number -> writeScene(plan, number, folder, hadoop.value().value(), done));
    }
  }

  private static void writeScene(
      Plan plan, int number, String root, Configuration configuration, LongAccumulator done)
      throws IOException {
    SimulatedScene scene =
        new SimulatedScene(plan.seed(), number, plan.width(), plan.height(), plan.scheme());
    String name = String.format(Locale.ROOT, "scene-%04d.tif", number);
    int[] palette = plan.scheme().palette();
    WholeFile.write(
        new Path(root + "/labels/" + name),
        configuration,
        labelFile ->
            WholeFile.write(
                new Path(root + "/images/" + name),
                configuration,
                imageFile -> {
                  try (TiffWriter image = TiffWriter.create(imageFile, plan.options(number));
                      TiffWriter label = TiffWriter.create(labelFile, plan.options(number))) {
                    for (int y = 0; y < plan.height(); y += ROWS_AT_ONCE) {
                      int rows = Math.min(ROWS_AT_ONCE, plan.height() - y);
                      image.writeRows(scene.image(y, rows));
                      label.writeRows(colors(scene.mask(y, rows), palette));
                      done.add(rows);
                    }
                  }
                }));
  }

  private static Raster colors(ClassMask mask, int[] palette) {
    return Raster.ofBytes(mask.width(), mask.height(), 1, mask.indices()).colored(palette);
  }
}
