package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.nio.file.Path;
import java.util.List;
import org.apache.spark.SparkEnv;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The data source {@code landloom} in a session that sets Kryo, as sessions of others do. */
class ScenesUnderKryoTest {
  @TempDir static Path shared;
  @TempDir Path folder;

  private static SparkSession spark;

  @BeforeAll
  static void startSpark() {
    spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.serializer", KryoSerializer.class.getName())
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", "4")
            .config("spark.sql.warehouse.dir", shared.resolve("warehouse").toString())
            .getOrCreate();
  }

  @AfterAll
  static void stopSpark() {
    spark.stop();
  }

  @Test
  void readsHeadersAndPatches() {
    assertInstanceOf(KryoSerializer.class, SparkEnv.get().serializer());
    TestScenes.striped(folder, "a", 64, 32);
    TestScenes.striped(folder, "b", 32, 32);
    Dataset<Row> frame =
        spark
            .read()
            .format("landloom")
            .option("scheme", "mbrsc")
            .option("patchSize", 32)
            .option("labels", folder.resolve("labels").toString())
            .load(folder.resolve("images").toString());
    assertEquals(3, frame.count());
    List<Row> rows =
        frame
            .selectExpr("scene_id", "row", "col", "octet_length(image)", "class_pixels")
            .orderBy("scene_id", "row", "col")
            .collectAsList();
    assertEquals(
        "[[a,0,0,3072], [a,0,1,3072], [b,0,0,3072]]",
        rows.stream()
            .map(row -> List.of(row.get(0), row.get(1), row.get(2), row.get(3)))
            .map(row -> row.toString().replace(" ", ""))
            .toList()
            .toString());
    assertEquals(List.of(512L, 512L, 0L, 0L, 0L, 0L), rows.get(0).getList(4));
    frame.createOrReplaceTempView("under_kryo");
    assertEquals(
        3,
        spark
            .sql(
                "SELECT /*+ BROADCAST(k) */ 1 FROM under_kryo k JOIN under_kryo l "
                    + "USING (scene_id, row, col)")
            .count());
    spark.sql(
        "CREATE OR REPLACE TEMPORARY VIEW view_under_kryo USING landloom OPTIONS (path '"
            + folder.resolve("images")
            + "', labels '"
            + folder.resolve("labels")
            + "', scheme 'mbrsc', patchSize '32')");
    assertEquals(
        2,
        spark.sql("SELECT image FROM view_under_kryo WHERE scene_id = 'a'").collectAsList().size());
  }
}
