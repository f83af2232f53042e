package io.landloom.jobs.source;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.SupportsPushDownFilters;
import org.apache.spark.sql.connector.read.SupportsPushDownRequiredColumns;
import org.apache.spark.sql.sources.Filter;
import org.apache.spark.sql.types.StructType;

/** Takes from a query the columns and the filters that decide what is read. */
final class PatchScanBuilder implements SupportsPushDownRequiredColumns, SupportsPushDownFilters {
  private final SceneTable table;
  private List<PatchColumn> columns = PatchColumn.all();
  private KeyFilters filters = KeyFilters.none();

  PatchScanBuilder(SceneTable table) {
    this.table = table;
  }

  @Override
  public void pruneColumns(StructType required) {
    columns = Arrays.stream(required.fieldNames()).map(PatchColumn::named).toList();
  }

  @Override
  public Filter[] pushFilters(Filter[] wanted) {
    filters = new KeyFilters(Arrays.stream(wanted).filter(KeyFilters::knows).toList());
    return Arrays.stream(wanted).filter(f -> !KeyFilters.knows(f)).toArray(Filter[]::new);
  }

  @Override
  public Filter[] pushedFilters() {
    return filters.filters().toArray(Filter[]::new);
  }

  @Override
  public Scan build() {
    return new PatchScan(table, columns, filters);
  }
}
