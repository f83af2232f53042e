package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Datasets in the session's catalog, as nights change them. */
class RegisteredTablesTest extends SparkTest {
  private static int databases;

  private String database;
  private Path root;

  @BeforeEach
  void database() {
    databases++;
    database = "night" + databases;
    root = folder.resolve("it's a dataset");
    spark.sql("CREATE DATABASE " + database);
  }

  private String[] settings(String... more) {
    return Stream.concat(
            Stream.of(
                "output.root=" + root,
                "input.scenes=" + folder.resolve("images"),
                "input.labels=" + folder.resolve("labels"),
                "splits.shares=[1, 0, 0]",
                "scheme=mbrsc",
                "patch.size=32",
                "tables.metastore=" + database),
            Stream.of(more))
        .toArray(String[]::new);
  }

  private static long number(String query) {
    return spark.sql(query).first().getLong(0);
  }

  private List<String> partitions(String table) {
    return spark.sql("SHOW PARTITIONS " + database + "." + table).collectAsList().stream()
        .map(row -> row.getString(0))
        .toList();
  }

  private List<String> runs(Path folder, String job) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("run_id=" + job))
          .sorted()
          .toList();
    }
  }

  @Test
  void everyPublishedRunIsAPartitionAndARetiredOneIsNone() throws IOException {
    TestScenes.striped(folder, "a", 64, 32);
    String out = succeed("tile", settings());
    assertTrue(out.contains("  registered: 2 runs of tables\n"), out);
    assertEquals(2, number("SELECT count(*) FROM " + database + ".patches"));
    assertEquals(runs(root, "tile"), partitions("patches"));
    succeed("summarize", settings());
    List<String> first = runs(root, "summarize");
    assertEquals(first, partitions("class_proportions"));

    TestScenes.striped(folder, "b", 64, 64);
    succeed("tile", settings());
    out = succeed("summarize", settings());
    assertTrue(out.contains("  registered: 7 runs of tables\n"), out);
    assertEquals(2, partitions("patches").size());
    assertEquals(6, number("SELECT count(*) FROM " + database + ".patches"));
    // half of every other patch of a striped scene is water
    assertEquals(
        3 * 512,
        number(
            "SELECT pixels FROM "
                + database
                + ".class_proportions WHERE scope = 'real' AND split = 'all' AND scene_id IS NULL"
                + " AND class_name = 'water'"));
    List<String> second = runs(root, "summarize");
    assertEquals(1, second.size());
    assertFalse(second.equals(first));
    assertEquals(second, partitions("class_proportions"));
    assertEquals(second, partitions("run_proportions"));
    // what left the catalog is still where it was moved to
    assertTrue(Files.exists(root.resolve("_retired/" + first.get(0) + "/class_proportions")));
  }

  @Test
  void aPublishedDatasetIsRegisteredByStartingAJobAgain() {
    TestScenes.striped(folder, "a", 64, 32);
    succeed(
        "tile",
        Stream.of(settings())
            .filter(key -> !key.startsWith("tables.metastore"))
            .toArray(String[]::new));
    assertFalse(spark.catalog().tableExists(database, "patches"));
    String out = succeed("tile", settings());
    assertTrue(out.contains("nothing to do"), out);
    assertEquals(2, number("SELECT count(*) FROM " + database + ".patches"));
    succeed("tile", settings());
    assertEquals(1, partitions("patches").size());
  }

  @Test
  void columnsOfANewerVersionAreAdded() {
    TestScenes.striped(folder, "a", 64, 32);
    spark.sql(
        "CREATE TABLE "
            + database
            + ".patch_classes (scene_id STRING, pixels BIGINT, run_id STRING) USING parquet"
            + " PARTITIONED BY (run_id) LOCATION '"
            + root.toString().replace("'", "\\'")
            + "' TBLPROPERTIES ('landloom.dataset' = 'file:"
            + root.toString().replace("'", "\\'")
            + "')");
    succeed("tile", settings());
    assertEquals(
        512,
        number(
            "SELECT sum(pixels) FROM "
                + database
                + ".patch_classes WHERE class_name = 'water' AND kept"));
  }

  @Test
  void aTableOfAnotherDatasetIsLeftAlone() {
    TestScenes.striped(folder, "a", 64, 32);
    succeed("tile", settings());
    Path other = folder.resolve("other");
    Ended ended = landloom("tile", settings("output.root=" + other));
    assertEquals(2, ended.code(), ended.err());
    assertTrue(
        ended
            .err()
            .contains(
                "tables.metastore = "
                    + database
                    + ": the table "
                    + database
                    + ".patches is of the dataset file:"
                    + root
                    + ", not of file:"
                    + other
                    + "; name another database, or drop the table"),
        ended.err());
    assertEquals(1, partitions("patches").size());
    spark.sql("CREATE TABLE " + database + ".pairs (id INT) USING parquet");
    ended = landloom("tile", settings());
    assertTrue(
        ended.err().contains(database + ".pairs is not one of Landloom's, not of file:" + root),
        ended.err());
  }

  @Test
  void aDatabaseThatIsNotThereIsRefusedBeforeAnythingIsMade() {
    TestScenes.striped(folder, "a", 64, 32);
    Ended ended = landloom("tile", settings("tables.metastore=nowhere"));
    assertEquals(2, ended.code(), ended.err());
    assertTrue(
        ended
            .err()
            .contains(
                "tables.metastore = nowhere: the catalog has no such database; CREATE DATABASE"
                    + " nowhere, or name another"),
        ended.err());
    assertFalse(Files.exists(root.resolve("_staging")));
    ended = landloom("tile", settings("tables.metastore=a.b"));
    assertTrue(
        ended
            .err()
            .contains(
                "tables.metastore = a.b: expected a database's name, of letters, digits and _"),
        ended.err());
  }
}
