package io.landloom.jobs.source;

import io.landloom.jobs.tile.SceneEntry;
import io.landloom.jobs.tile.TileBucket;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.apache.spark.sql.connector.read.InputPartition;

/**
 * Rows of patches that one task cuts.
 *
 * @param bands runs of rows, in the order of their keys
 */
record PatchPartition(List<TileBucket.Band> bands) implements InputPartition {
  private static final long serialVersionUID = 1L;

  /** Copies the list. */
  PatchPartition {
    bands = new ArrayList<>(bands);
  }

  /**
   * Cuts scenes into partitions of whole rows of patches, as {@code tile} cuts them into buckets,
   * and leaves out the rows that are not wanted.
   */
  static List<PatchPartition> plan(
      List<SceneEntry> scenes, SourceOptions options, KeyFilters filters) {
    List<PatchPartition> partitions = new ArrayList<>();
    for (TileBucket bucket : TileBucket.plan(scenes, options.rule(), options.partitionPatches())) {
      List<TileBucket.Band> bands = new ArrayList<>();
      bucket.bands().forEach(band -> addWanted(band, filters, bands));
      if (!bands.isEmpty()) {
        partitions.add(new PatchPartition(bands));
      }
    }
    return partitions;
  }

  private static void addWanted(
      TileBucket.Band band, KeyFilters filters, List<TileBucket.Band> bands) {
    SceneEntry scene = band.scene();
    IntPredicate wanted = filters.rows(scene.id().name());
    int end = band.firstRow() + band.rows();
    int start = band.firstRow();
    for (int row = start; row <= end; row++) {
      if (row == end || !wanted.test(row)) {
        if (row > start) {
          bands.add(new TileBucket.Band(scene, start, row - start));
        }
        start = row + 1;
      }
    }
  }
}
