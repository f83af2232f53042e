package io.landloom.jobs.source;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.execution.datasources.v2.DataSourceRDD;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.sources.Filter;
import org.apache.spark.sql.sources.PrunedFilteredScan;
import org.apache.spark.sql.types.StructType;
import scala.collection.JavaConverters;
import scala.collection.Seq;
import scala.collection.immutable.Map$;

/**
 * The same scans for {@code CREATE TEMPORARY VIEW ... USING landloom}, which takes relations of
 * Spark's first data source interface only.
 */
final class PatchRelation extends BaseRelation implements PrunedFilteredScan {
  private final SceneTable table;

  PatchRelation(SceneTable table) {
    this.table = table;
  }

  @Override
  public SQLContext sqlContext() {
    return table.spark().sqlContext();
  }

  @Override
  public StructType schema() {
    return table.schema();
  }

  @Override
  public boolean needConversion() {
    return false; // rows are Spark's own already
  }

  @Override
  public Filter[] unhandledFilters(Filter[] filters) {
    return Arrays.stream(filters).filter(f -> !KeyFilters.knows(f)).toArray(Filter[]::new);
  }

  @Override
  @SuppressWarnings("unchecked") // what needConversion = false asks for
  public RDD<Row> buildScan(String[] required, Filter[] filters) {
    List<PatchColumn> columns = Arrays.stream(required).map(PatchColumn::named).toList();
    KeyFilters known = new KeyFilters(Arrays.stream(filters).filter(KeyFilters::knows).toList());
    List<Seq<InputPartition>> partitions =
        new PatchScan(table, columns, known)
            .partitions().stream().map(PatchRelation::alone).toList();
    RDD<?> rows =
        new DataSourceRDD(
            table.spark().sparkContext(),
            JavaConverters.asScalaBuffer(partitions).toSeq(),
            table.readers(columns),
            false,
            Map$.MODULE$.empty());
    return (RDD<Row>) rows;
  }

  private static Seq<InputPartition> alone(InputPartition partition) {
    return JavaConverters.asScalaBuffer(List.of(partition)).toList();
  }
}
