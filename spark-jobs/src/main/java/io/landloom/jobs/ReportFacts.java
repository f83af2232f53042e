package io.landloom.jobs;

import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.report.ReportContents.Box;
import io.landloom.jobs.report.ReportContents.FootprintMap;
import io.landloom.jobs.report.ReportContents.GateCount;
import io.landloom.jobs.report.ReportPage;
import io.landloom.jobs.run.DatasetRoot;
import io.landloom.jobs.run.RunRecord;
import io.landloom.jobs.table.GateDecisionsTable;
import io.landloom.jobs.table.PatchesTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** What a report says of gates and places, counted by Spark from narrow columns. */
final class ReportFacts {
  /** Beyond that, a page of boxes would be larger than its pictures, and they could not be seen. */
  private static final int MOST_BOXES = 4000;

  private ReportFacts() {}

  /** What every measure of every gate said in a synthesis. */
  static List<GateCount> gates(JobContext context, DatasetRoot dataset, RunRecord synthesis) {
    List<GateCount> gates = new ArrayList<>();
    for (Row row :
        context
            .spark()
            .read()
            .parquet(dataset.table(synthesis.runId(), GateDecisionsTable.NAME).toString())
            .groupBy("gate", "measure")
            .agg(
                org.apache.spark.sql.functions.expr("count(*)"),
                org.apache.spark.sql.functions.expr("count_if(NOT accepted)"),
                org.apache.spark.sql.functions.expr("min(value)"),
                org.apache.spark.sql.functions.expr("max(value)"),
                org.apache.spark.sql.functions.expr("min(threshold)"),
                org.apache.spark.sql.functions.expr("max(threshold)"))
            .orderBy("gate", "measure")
            .collectAsList()) {
      gates.add(
          new GateCount(
              row.getString(0),
              row.getString(1),
              row.getLong(2),
              row.getLong(3),
              row.getDouble(4),
              row.getDouble(5),
              ReportPage.range(row.getDouble(6), row.getDouble(7))));
    }
    return gates;
  }

  /** Outlines of all patches, or of their scenes where there are too many; never more than fit. */
  static FootprintMap map(JobContext context, DatasetRoot dataset, LandCoverScheme scheme)
      throws IOException {
    String[] folders =
        dataset.runs("tile", scheme).stream()
            .map(run -> dataset.table(run.runId(), PatchesTable.NAME).toString())
            .toArray(String[]::new);
    if (folders.length == 0) {
      return FootprintMap.empty();
    }
    Dataset<Row> patches =
        context.spark().read().parquet(folders).select("scene_id", "split", "bbox");
    long unplaced = patches.where("bbox IS NULL").select("scene_id").distinct().count();
    Dataset<Row> placed =
        patches
            .where("bbox IS NOT NULL")
            .selectExpr("bbox.xmin", "bbox.ymin", "bbox.xmax", "bbox.ymax", "split", "scene_id");
    List<Box> each = boxes(placed);
    if (each.size() <= MOST_BOXES) {
      return new FootprintMap(each, true, unplaced);
    }
    List<Box> scenes =
        boxes(
            placed
                .groupBy("scene_id")
                .agg(
                    org.apache.spark.sql.functions.min("xmin").as("xmin"),
                    org.apache.spark.sql.functions.min("ymin").as("ymin"),
                    org.apache.spark.sql.functions.max("xmax").as("xmax"),
                    org.apache.spark.sql.functions.max("ymax").as("ymax"))
                .selectExpr("xmin", "ymin", "xmax", "ymax", "'' AS split"));
    return new FootprintMap(
        scenes.subList(0, Math.min(MOST_BOXES, scenes.size())), false, unplaced);
  }

  private static List<Box> boxes(Dataset<Row> bounds) {
    return bounds.limit(MOST_BOXES + 1).collectAsList().stream()
        .map(
            row ->
                new Box(
                    row.getDouble(0),
                    row.getDouble(1),
                    row.getDouble(2),
                    row.getDouble(3),
                    row.getString(4)))
        .toList();
  }
}
