import com.sun.management.OperatingSystemMXBean;
import io.landloom.geo.image.PngDecoder;
import io.landloom.geo.image.PngEncoder;
import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.ClassCounts;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.landcover.LandCoverScheme;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * How many rows a second of CPU each SQL function computes, beside plain Java on the same values;
 * started by {@code measure}.
 *
 * <p>CPU is that of the whole process, so compiling and collecting count; the best of three rounds
 * after a first one.
 */
public final class SqlFunctions {
  private static final int ROUNDS = 3;
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final SparkSession spark;
  private final LandCoverScheme scheme;
  private final PrintStream out;

  private SqlFunctions(SparkSession spark, LandCoverScheme scheme, PrintStream out) {
    this.spark = spark;
    this.scheme = scheme;
    this.out = out;
  }

  /**
   * Measures; the arguments are the dataset, a folder for the tables that are measured on, the
   * number of masks to decode, the number of counts, and the file of results.
   */
  public static void main(String[] arguments) throws Exception {
    SparkSession spark =
        SparkSession.builder()
            .master("local[1]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", "1")
            .config("spark.sql.extensions", "io.landloom.udf.LandloomExtensions")
            .getOrCreate();
    try (PrintStream out = new PrintStream(arguments[4])) {
      Dataset<Row> patches =
          spark
              .read()
              .parquet(arguments[0] + "/run_id=*/patches")
              .where("mask IS NOT NULL AND image_format = 'png' AND mask_format = 'png'");
      String name = patches.select("scheme").first().getString(0);
      long there = patches.count();
      write(spark, patches, there, Long.parseLong(arguments[2]), arguments[1] + "/masks");
      write(
          spark,
          patches.drop("image", "mask"),
          there,
          Long.parseLong(arguments[3]),
          arguments[1] + "/counts");
      new SqlFunctions(spark, LandCoverScheme.named(name), out).all();
    }
    spark.stop();
  }

  /** The patches again and again, as one file, so that all read the same. */
  private static void write(
      SparkSession spark, Dataset<Row> patches, long there, long rows, String to) {
    patches
        .crossJoin(spark.range((rows + there - 1) / there).toDF("again"))
        .limit((int) rows)
        .coalesce(1)
        .write()
        .option("compression", "zstd")
        .parquet(to);
    spark.read().parquet(to).createOrReplaceTempView(to.substring(to.lastIndexOf('/') + 1));
  }

  private void all() throws Exception {
    List<Row> masks =
        spark.sql("SELECT mask.bytes, image.bytes FROM masks LIMIT 500").collectAsList();
    List<long[]> counts = new ArrayList<>();
    for (Row row : spark.sql("SELECT class_pixels FROM counts LIMIT 20000").collectAsList()) {
      counts.add(row.<Long>getList(0).stream().mapToLong(Long::longValue).toArray());
    }
    PngDecoder decoder = new PngDecoder();
    PngEncoder encoder = new PngEncoder();
    String name = "'" + scheme.name() + "'";
    spark("scan of masks", "masks", "SELECT mask FROM masks");
    spark("class_pixels", "masks", "SELECT class_pixels(mask, scheme) FROM masks");
    java("class_pixels", masks, row -> decoder.decodeMask((byte[]) row.get(0)).counts(scheme));
    spark(
        "class_histogram of masks",
        "masks",
        "SELECT class_histogram(mask, scheme) FROM masks GROUP BY scheme");
    java(
        "class_histogram of masks",
        masks,
        row -> decoder.decodeMask((byte[]) row.get(0)).counts(scheme).total());
    spark("mask_color", "masks", "SELECT mask_color(mask, scheme) FROM masks");
    java(
        "mask_color",
        masks,
        row -> {
          ClassMask mask = decoder.decodeMask((byte[]) row.get(0));
          return encoder.encode(
              Raster.ofBytes(mask.width(), mask.height(), 1, mask.indices())
                  .colored(scheme.palette()));
        });
    spark("scan of images", "masks", "SELECT image FROM masks");
    spark("image_png as stored", "masks", "SELECT image_png(struct(*)) FROM masks");
    spark("image_png of bands", "masks", "SELECT image_png(struct(*), array(3, 2, 1)) FROM masks");
    java(
        "image_png of bands",
        masks,
        row -> encoder.encode(decoder.decode((byte[]) row.get(1)).bands(2, 1, 0)));

    double[] target = new double[scheme.size()];
    java.util.Arrays.fill(target, 1.0 / (scheme.size() - 1));
    int unknown = scheme.position(scheme.unknownIndex());
    List<String> wanted = new ArrayList<>();
    for (int k = 0; k < target.length; k++) {
      wanted.add(k == unknown ? "NULL" : target[k] + "D");
    }
    String array = "array(" + String.join(", ", wanted) + ")";
    String shares = "class_proportions(class_pixels, scheme)";
    spark("scan of counts", "counts", "SELECT class_pixels FROM counts");
    spark("class_proportions", "counts", "SELECT " + shares + " FROM counts");
    java("class_proportions", counts, row -> new ClassCounts(scheme, row).proportions());
    spark(
        "class_histogram of counts",
        "counts",
        "SELECT class_histogram(class_pixels, scheme) FROM counts GROUP BY scheme");
    long[] sums = new long[scheme.size()];
    java(
        "class_histogram of counts",
        counts,
        row -> {
          for (int k = 0; k < sums.length; k++) {
            sums[k] += row[k];
          }
          return sums;
        });
    // shares that are a column already
    spark
        .sql("SELECT " + shares + " AS p FROM counts")
        .coalesce(1)
        .createOrReplaceTempView("computed");
    spark.sql("CACHE TABLE shares AS SELECT p FROM computed");
    spark("scan of cached shares", "shares", "SELECT p FROM shares");
    spark("proportion_error", "shares", "SELECT proportion_error(p, " + array + ") FROM shares");
    List<double[]> ofJava = new ArrayList<>();
    for (long[] row : counts) {
      double valid = 0;
      for (int k = 0; k < row.length; k++) {
        valid += k == unknown ? 0 : row[k];
      }
      double[] p = new double[row.length];
      for (int k = 0; k < row.length; k++) {
        p[k] = row[k] / valid;
      }
      ofJava.add(p);
    }
    java("proportion_error", ofJava, p -> error(p, target, unknown));
    spark("mcpe", "shares", "SELECT mcpe(p, " + array + ") FROM shares");
    java("mcpe", ofJava, p -> error(p, target, unknown));
    spark(
        "class_name",
        "counts",
        "SELECT class_name(CAST(row % "
            + (scheme.size() - 1)
            + " AS INT), "
            + name
            + ") FROM counts");
    java("class_name", counts, row -> scheme.classes().get(scheme.position(1)).name());
  }

  private static double error(double[] p, double[] target, int unknown) {
    double sum = 0;
    for (int k = 0; k < p.length; k++) {
      sum += k == unknown ? 0 : Math.abs(p[k] - target[k]);
    }
    return 100 * sum / (p.length - 1);
  }

  private void spark(String what, String table, String query) throws Exception {
    long rows = spark.table(table).count();
    double seconds =
        best(
            () -> {
              spark.sql(query).write().format("noop").mode("overwrite").save();
              return null;
            });
    line("spark", what, rows / seconds);
  }

  /** What a row is computed to. */
  private interface Body<T> {
    Object of(T row) throws Exception;
  }

  private <T> void java(String what, List<T> rows, Body<T> body) throws Exception {
    int again = rows.get(0) instanceof Row ? 2 : 50;
    Object[] kept = new Object[1];
    double seconds =
        best(
            () -> {
              for (int i = 0; i < again; i++) {
                for (T row : rows) {
                  kept[0] = body.of(row);
                }
              }
              return kept[0];
            });
    line("java", what, (double) again * rows.size() / seconds);
  }

  private static double best(Callable<Object> work) throws Exception {
    work.call();
    double best = Double.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      long start = SYSTEM.getProcessCpuTime();
      work.call();
      best = Math.min(best, (SYSTEM.getProcessCpuTime() - start) / 1e9);
    }
    return best;
  }

  private void line(String who, String what, double rate) {
    out.printf(Locale.ROOT, "%s\t%s\t%.0f%n", who, what, rate);
  }
}
