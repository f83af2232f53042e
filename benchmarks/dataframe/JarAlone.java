import org.apache.spark.sql.SparkSession;

/** Reads scenes in a Spark application that has nothing of Landloom but what {@code --jars} adds. */
public final class JarAlone {
  private JarAlone() {}

  /** Prints patches and bytes, then the pixels of each class. */
  public static void main(String[] arguments) {
    String images = arguments[0];
    String labels = arguments[1];
    SparkSession spark = SparkSession.builder().getOrCreate();
    spark
        .read()
        .format("landloom")
        .option("labels", labels)
        .load(images)
        .selectExpr(
            "count(*) AS patches",
            "sum(octet_length(image)) AS image_bytes",
            "sum(octet_length(mask)) AS mask_bytes")
        .toJSON()
        .collectAsList()
        .forEach(System.out::println);
    spark.sql(
        "CREATE TEMPORARY VIEW scene_patches USING landloom OPTIONS (path '%s', labels '%s')"
            .formatted(images, labels));
    spark
        .sql(
            "SELECT position AS class, sum(pixels) AS pixels"
                + " FROM (SELECT posexplode(class_pixels) AS (position, pixels)"
                + " FROM scene_patches) GROUP BY position ORDER BY position")
        .toJSON()
        .collectAsList()
        .forEach(System.out::println);
  }
}
