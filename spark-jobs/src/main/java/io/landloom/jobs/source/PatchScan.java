package io.landloom.jobs.source;

import io.landloom.jobs.tile.SceneEntry;
import io.landloom.jobs.tile.SceneFile;
import io.landloom.jobs.tile.TileBucket;
import io.landloom.jobs.tile.TileRule;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.apache.spark.sql.connector.metric.CustomMetric;
import org.apache.spark.sql.connector.read.Batch;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.connector.read.Statistics;
import org.apache.spark.sql.connector.read.SupportsReportStatistics;
import org.apache.spark.sql.types.StructType;

/**
 * One reading of a table: some columns of the patches that pass the filters.
 *
 * @param table the scenes
 * @param columns the columns wanted, in the order wanted
 * @param filters which scenes and rows of patches are wanted
 */
record PatchScan(SceneTable table, List<PatchColumn> columns, KeyFilters filters)
    implements SupportsReportStatistics, Batch {
  @Override
  public StructType readSchema() {
    return PatchColumn.schema(columns);
  }

  @Override
  public String description() {
    return table.name()
        + columns.stream().map(PatchColumn::column).collect(Collectors.joining(", ", " [", "] "))
        + filters.filters();
  }

  @Override
  public Batch toBatch() {
    return this;
  }

  @Override
  public ColumnarSupportMode columnarSupportMode() {
    return ColumnarSupportMode.UNSUPPORTED; // or else partitions are planned to find out
  }

  @Override
  public CustomMetric[] supportedCustomMetrics() {
    return new CustomMetric[] {new PatchesLeftOut()};
  }

  private List<SceneFile> wanted() {
    return table.files().stream().filter(file -> filters.wants(file.id().name())).toList();
  }

  /** The partitions; headers of wanted scenes that are not known yet are read in a Spark job. */
  List<PatchPartition> partitions() {
    return PatchPartition.plan(table.entries(wanted()), table.options(), filters);
  }

  @Override
  public InputPartition[] planInputPartitions() {
    return partitions().toArray(InputPartition[]::new);
  }

  @Override
  public PartitionReaderFactory createReaderFactory() {
    return table.readers(columns);
  }

  /** Number of rows and bytes if a reading before this one read the headers; else nothing. */
  @Override
  public Statistics estimateStatistics() {
    List<SceneEntry> scenes = table.known(wanted()).orElse(null);
    if (scenes == null) {
      return new Estimate(OptionalLong.empty(), OptionalLong.empty());
    }
    TileRule rule = table.options().rule();
    long rows = 0;
    long bytes = 0;
    for (PatchPartition partition : PatchPartition.plan(scenes, table.options(), filters)) {
      for (TileBucket.Band band : partition.bands()) {
        int patchesOfARow = band.scene().grid(rule.size(), rule.stride()).columns();
        long patches = (long) band.rows() * patchesOfARow;
        rows += patches;
        bytes += patches * columns.stream().mapToLong(c -> c.bytes(band.scene(), rule)).sum();
      }
    }
    return new Estimate(OptionalLong.of(rows), OptionalLong.of(bytes));
  }

  private record Estimate(OptionalLong numRows, OptionalLong sizeInBytes) implements Statistics {}
}
