package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A dataset in a Hive metastore on Derby, registered by one application and read by another. */
class HiveMetastoreTest {
  @TempDir Path folder;
  private final Map<String, String> before = new HashMap<>();

  @BeforeEach
  void metastore() {
    SparkSession.clearDefaultSession();
    SparkSession.clearActiveSession();
    set("derby.stream.error.file", folder.resolve("derby.log").toString());
    set(
        "spark.hadoop.javax.jdo.option.ConnectionURL",
        "jdbc:derby:;databaseName=" + folder.resolve("metastore") + ";create=true");
    set("spark.sql.warehouse.dir", folder.resolve("warehouse").toString());
  }

  private void set(String name, String value) {
    before.put(name, System.getProperty(name));
    System.setProperty(name, value);
  }

  @AfterEach
  void takeItBack() {
    before.forEach(
        (name, value) -> {
          if (value == null) {
            System.clearProperty(name);
          } else {
            System.setProperty(name, value);
          }
        });
  }

  @Test
  void anotherApplicationReadsWhatAJobRegistered() {
    TestScenes.striped(folder, "a", 64, 32);
    String out =
        SparkTest.succeed(
            "tile",
            "master=local[1]",
            "output.root=" + folder.resolve("out"),
            "input.scenes=" + folder.resolve("images"),
            "input.labels=" + folder.resolve("labels"),
            "splits.shares=[1, 0, 0]",
            "scheme=mbrsc",
            "patch.size=32",
            "tables.metastore=default");
    assertTrue(out.contains("  registered: 2 runs of tables\n"), out);
    try (SparkSession reader =
        SparkSession.builder()
            .master("local[1]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .enableHiveSupport()
            .getOrCreate()) {
      assertEquals(2, reader.sql("SELECT image.bytes FROM patches WHERE row = 0").count());
      assertEquals(
          512, reader.sql("SELECT sum(class_pixels[0]) FROM default.patches").first().getLong(0));
      List<String> described =
          reader.sql("DESCRIBE FORMATTED patch_classes").collectAsList().stream()
              .map(row -> row.getString(0) + " " + row.getString(1))
              .collect(Collectors.toList());
      assertTrue(described.contains("Type EXTERNAL"), described.toString());
      // so that Hive and Trino read it too
      assertTrue(
          described.contains(
              "Serde Library org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"),
          described.toString());
    } finally {
      SparkSession.clearActiveSession();
      SparkSession.clearDefaultSession();
    }
  }
}
