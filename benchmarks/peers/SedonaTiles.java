import static org.apache.spark.sql.functions.udf;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.sedona.spark.SedonaContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF3;
import org.apache.spark.sql.types.DataTypes;
import scala.collection.Seq;

/**
 * Tiles scenes with Apache Sedona and prints the cost.
 *
 * <p>Image and label are exploded into tiles, each read from its file once, and joined; classes are
 * counted by a function in Java; patches with more than 80 % of class 0 are dropped; image and mask
 * are stored as GeoTIFF, counts as rows. One raster of six bands, which would need no join, took
 * two to five times as long. Arguments: folder of images, folder of labels, scheme file of
 * Landloom, folder to write, Spark master, rounds in one JVM. The last round's CPU seconds are what
 * a warm JVM needs.
 *
 * <p>Compiled and started by {@code benchmarks/compare --sedona}, against Sedona's jars.
 */
public final class SedonaTiles {
  private static final int SIDE = 256;

  public static void main(String[] arguments) throws IOException {
    String out = arguments[3];
    SparkSession spark =
        SparkSession.builder()
            .master(arguments[4])
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.serializer", "org.apache.spark.serializer.KryoSerializer")
            .config("spark.kryo.registrator", "org.apache.sedona.core.serde.SedonaKryoRegistrator")
            .config("spark.sql.parquet.compression.codec", "zstd")
            .config("spark.sql.shuffle.partitions", "8")
            .config("spark.sql.autoBroadcastJoinThreshold", "-1")
            .config("spark.sql.files.maxPartitionBytes", "64m")
            .config("spark.sql.files.openCostInBytes", "64m")
            .getOrCreate();
    SedonaContext.create(spark);
    int[] colors = colors(Path.of(arguments[2]));
    UDF3<Seq<Double>, Seq<Double>, Seq<Double>, int[]> counting =
        (red, green, blue) -> counts(red, green, blue, colors);
    spark.udf().register("classes", udf(counting, DataTypes.createArrayType(DataTypes.IntegerType)));
    for (int round = 0; round < Integer.parseInt(arguments[5]); round++) {
      double start = cpu();
      tile(spark, arguments[0], arguments[1], out);
      System.out.printf(Locale.ROOT, "cost %.3f%n", cpu() - start);
    }
    Dataset<Row> counted = spark.read().parquet(out + "/patch_classes");
    System.out.println(
        "kept " + spark.read().parquet(out + "/patches").count() + ", pixels " + counted.selectExpr("sum(pixels)").first().get(0));
    spark.stop();
  }

  private static void tile(SparkSession spark, String images, String labels, String out) {
    Dataset<Row> counted =
        tiles(spark, labels, "label")
            .selectExpr("*", "classes(RS_BandAsArray(label, 1), RS_BandAsArray(label, 2), RS_BandAsArray(label, 3)) as counts")
            .selectExpr("scene", "x", "y", "counts", "RS_AsGeoTiff(label) as mask");
    tiles(spark, images, "image")
        .selectExpr("scene", "x", "y", "RS_AsGeoTiff(image) as image")
        .join(counted, new String[] {"scene", "x", "y"})
        .where("counts[0] <= 0.8 * " + SIDE * SIDE)
        .write()
        .mode("overwrite")
        .parquet(out + "/patches");
    spark
        .read()
        .parquet(out + "/patches")
        .selectExpr("scene", "x", "y", "posexplode(counts) as (class_index, pixels)")
        .write()
        .mode("overwrite")
        .parquet(out + "/patch_classes");
  }

  private static Dataset<Row> tiles(SparkSession spark, String folder, String name) {
    return scenes(spark, folder, name)
        .selectExpr("scene", "RS_TileExplode(" + name + ", " + SIDE + ", " + SIDE + ") as (x, y, " + name + ")")
        .where("RS_Width(" + name + ") = " + SIDE + " and RS_Height(" + name + ") = " + SIDE);
  }

  private static Dataset<Row> scenes(SparkSession spark, String folder, String name) {
    List<String> files = new ArrayList<>();
    try (Stream<Path> found = Files.list(Path.of(folder))) {
      found.map(Path::toString).sorted().forEach(files::add);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return spark
        .read()
        .format("binaryFile")
        .load(files.toArray(String[]::new))
        .selectExpr("regexp_extract(path, '([^/]+)$', 1) as scene", "RS_FromGeoTiff(content) as " + name);
  }

  private static int[] counts(Seq<Double> red, Seq<Double> green, Seq<Double> blue, int[] colors) {
    int[] counts = new int[colors.length];
    int previous = -1;
    int index = -1;
    for (int i = 0; i < red.length(); i++) {
      int color = (int) (double) red.apply(i) << 16 | (int) (double) green.apply(i) << 8 | (int) (double) blue.apply(i);
      if (color != previous) {
        previous = color;
        index = 0;
        while (colors[index] != color) {
          index++;
        }
      }
      counts[index]++;
    }
    return counts;
  }

  private static int[] colors(Path scheme) throws IOException {
    Matcher entry = Pattern.compile("color\\s*=\\s*\"?#([0-9A-Fa-f]{6})").matcher(Files.readString(scheme));
    return entry.results().mapToInt(found -> Integer.parseInt(found.group(1), 16)).toArray();
  }

  private static double cpu() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime() / 1e9;
  }
}
