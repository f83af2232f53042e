package io.landloom.jobs;

import com.holdenkarau.spark.testing.JavaDatasetSuiteBase;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Summaries against counts by hand, on spark-testing-base's session and comparison. */
public class SummarizeClassesTest extends JavaDatasetSuiteBase {
  private static final StructType SHARES =
      new StructType()
          .add("split", DataTypes.StringType)
          .add("scene_id", DataTypes.StringType)
          .add("shares", DataTypes.StringType);

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  @Test
  public void sharesByScopeSplitAndScene() {
    Path folder = temporary.getRoot().toPath();
    TestScenes.striped(folder, "a", 32, 32); // half water, half land
    TestScenes.write(folder.resolve("images/b.png"), 32, 32, TestScenes::texture);
    TestScenes.write(
        folder.resolve("labels/b.png"), 32, 32, (x, y) -> y < 16 ? 0x9B9B9B : 0x8429F6);
    String table = "a\ttrain\nb\tval\n";
    Path splits = folder.resolve("splits.tsv");
    write(splits, table);
    SparkTest.succeed(
        "tile",
        "output.root=" + folder.resolve("out"),
        "input.scenes=" + folder.resolve("images"),
        "input.labels=" + folder.resolve("labels"),
        "scheme=mbrsc",
        "split=table:" + splits,
        "patch.size=32");
    SparkTest.succeed("summarize", "output.root=" + folder.resolve("out"), "scheme=mbrsc");
    Dataset<Row> actual =
        spark()
            .read()
            .parquet(folder + "/out/run_id=*/class_proportions")
            .where("scope = 'real'")
            .selectExpr(
                "split",
                "scene_id",
                "concat(class_name, ' ', pixels, ' ', nvl(proportion, '-')) AS share")
            .groupBy("split", "scene_id")
            .agg(
                org.apache
                    .spark
                    .sql
                    .functions
                    .sort_array(org.apache.spark.sql.functions.collect_list("share"))
                    .as("sorted"))
            .selectExpr("split", "scene_id", "concat_ws(', ', sorted) AS shares")
            .orderBy("split", "scene_id");
    String a =
        "building 0 0.0, land 512 0.5, road 0 0.0, unlabelled 0 -, vegetation 0 0.0, water 512 0.5";
    String b =
        "building 0 0.0, land 512 1.0, road 0 0.0, unlabelled 512 -, vegetation 0 0.0, water 0 0.0";
    String all =
        "building 0 0.0, land 1024 0.6666666666666666, road 0 0.0, unlabelled 512 -, vegetation 0 0.0, water 512 0.3333333333333333";
    Dataset<Row> expected =
        spark()
            .createDataFrame(
                List.of(
                    RowFactory.create("all", null, all),
                    RowFactory.create("train", null, a),
                    RowFactory.create("train", "a", a),
                    RowFactory.create("val", null, b),
                    RowFactory.create("val", "b", b)),
                SHARES);
    assertDataFrameDataEquals(
        expected.sort("split", "scene_id"), actual.select("split", "scene_id", "shares"));
  }

  private static void write(Path file, String text) {
    try {
      java.nio.file.Files.writeString(file, text);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
