import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.SparkSession;

/**
 * Has Spark SQL answer the README's queries on a dataset, as JSON lines; see check-queries.
 *
 * <p>The queries are taken as they are, but for the files in their FROM, which become views: Spark
 * has another way to name files.
 */
public final class ReadmeQueries {
  private static final Pattern BLOCK = Pattern.compile("```sql\n(.*?)```", Pattern.DOTALL);
  private static final Pattern FILES =
      Pattern.compile("'landloom-demo/run_id=\\*/(\\w+)/\\*\\.parquet'");

  private ReadmeQueries() {}

  /** Answers; the arguments are the dataset, the README and a folder for the answers. */
  public static void main(String[] arguments) throws IOException {
    String dataset = arguments[0];
    SparkSession spark =
        SparkSession.builder().master("local[2]").config("spark.ui.enabled", "false").getOrCreate();
    System.out.println("Spark " + spark.version());
    Set<String> answered = new TreeSet<>();
    Matcher blocks = BLOCK.matcher(Files.readString(Path.of(arguments[1])));
    while (blocks.find()) {
      String query = blocks.group(1).strip().replaceAll(";$", "");
      Matcher files = FILES.matcher(query);
      String name = null;
      while (files.find()) {
        String table = files.group(1);
        name = name == null ? table : name;
        spark
            .read()
            .option("basePath", dataset)
            .parquet(dataset + "/run_id=*/" + table)
            .createOrReplaceTempView(table);
      }
      if (name != null) {
        while (!answered.add(name)) {
          name += "_again";
        }
        Path folder = Files.createDirectories(Path.of(arguments[2], name));
        Files.write(
            folder.resolve("answer.json"),
            spark.sql(FILES.matcher(query).replaceAll("$1")).toJSON().collectAsList());
      }
    }
    spark.stop();
  }
}
