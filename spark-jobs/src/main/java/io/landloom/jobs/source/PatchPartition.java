package io.landloom.jobs.source;

import io.landloom.geo.patch.PatchGrid;
import io.landloom.geo.scene.SceneId;
import io.landloom.jobs.tile.SceneEntry;
import io.landloom.jobs.tile.TileBucket;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.spark.sql.connector.read.InputPartition;

/**
 * Rows of patches that one task cuts.
 *
 * @param bands runs of rows, in the order of their keys
 */
record PatchPartition(List<Band> bands) implements InputPartition {
  private static final long serialVersionUID = 1L;

  /** Copies the list. */
  PatchPartition {
    bands = new ArrayList<>(bands);
  }

  /**
   * Consecutive rows of patches of one scene.
   *
   * @param scene the scene
   * @param firstRow first row of patches
   * @param rows number of rows
   */
  record Band(SceneHead scene, int firstRow, int rows) implements Serializable {}

  /**
   * Cuts scenes into partitions of whole rows of patches, as {@code tile} cuts them into buckets,
   * and leaves out the rows that are not wanted.
   */
  static List<PatchPartition> plan(
      List<SceneHead> scenes, SourceOptions options, KeyFilters filters) {
    Map<SceneId, SceneHead> heads =
        scenes.stream().collect(Collectors.toMap(SceneHead::id, Function.identity()));
    List<SceneEntry> entries = scenes.stream().map(SceneHead::entry).toList();
    List<PatchPartition> partitions = new ArrayList<>();
    for (TileBucket bucket : TileBucket.plan(entries, options.rule(), options.partitionPatches())) {
      List<Band> bands = new ArrayList<>();
      for (TileBucket.Band band : bucket.bands()) {
        addWanted(heads.get(band.scene().id()), band.firstRow(), band.rows(), filters, bands);
      }
      if (!bands.isEmpty()) {
        partitions.add(new PatchPartition(bands));
      }
    }
    return partitions;
  }

  private static void addWanted(
      SceneHead scene, int firstRow, int rows, KeyFilters filters, List<Band> bands) {
    int start = firstRow;
    for (int row = firstRow; row <= firstRow + rows; row++) {
      if (row == firstRow + rows || !filters.wants(scene.id().name(), row)) {
        if (row > start) {
          bands.add(new Band(scene, start, row - start));
        }
        start = row + 1;
      }
    }
  }

  /** Number of patches. */
  long patches(SourceOptions options) {
    long patches = 0;
    for (Band band : bands) {
      PatchGrid grid = band.scene().entry().grid(options.rule().size(), options.rule().stride());
      patches += (long) band.rows() * grid.columns();
    }
    return patches;
  }
}
