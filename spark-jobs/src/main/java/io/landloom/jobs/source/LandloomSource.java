package io.landloom.jobs.source;

import java.util.Map;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableProvider;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.sources.DataSourceRegister;
import org.apache.spark.sql.sources.RelationProvider;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import scala.collection.JavaConverters;

/**
 * The data source {@code landloom}: the patches of a folder of scenes.
 *
 * <p>{@code spark.read().format("landloom").option("scheme", "gid15").load("scenes")}, or in SQL
 * {@code CREATE TEMPORARY VIEW patches USING landloom OPTIONS (path 'scenes', scheme 'gid15')}. The
 * columns are those of {@link PatchColumn}, whatever the files hold.
 */
public final class LandloomSource implements TableProvider, RelationProvider, DataSourceRegister {
  @Override
  public String shortName() {
    return "landloom";
  }

  @Override
  public StructType inferSchema(CaseInsensitiveStringMap options) {
    return PatchColumn.schema(PatchColumn.all());
  }

  @Override
  public Table getTable(
      StructType schema, Transform[] partitioning, Map<String, String> properties) {
    return table(SparkSession.active(), properties);
  }

  /** The same as a relation of Spark's older kind, the only one that SQL's views take. */
  @Override
  public BaseRelation createRelation(
      SQLContext sqlContext, scala.collection.immutable.Map<String, String> parameters) {
    return new PatchRelation(
        table(sqlContext.sparkSession(), JavaConverters.mapAsJavaMap(parameters)));
  }

  private static SceneTable table(SparkSession spark, Map<String, String> options) {
    return SceneTable.list(spark, SourceOptions.of(new CaseInsensitiveStringMap(options)));
  }
}
