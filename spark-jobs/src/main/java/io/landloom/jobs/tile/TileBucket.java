package io.landloom.jobs.tile;

import io.landloom.jobs.run.Bucket;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Rows of patches that one task cuts.
 *
 * @param number number of the bucket
 * @param bands runs of rows, in the order of their keys
 */
public record TileBucket(int number, List<Band> bands) implements Serializable {
  /** Copies the list. */
  public TileBucket {
    bands = new ArrayList<>(bands);
  }

  /**
   * Consecutive rows of patches of one scene.
   *
   * @param scene the scene
   * @param firstRow first row of patches
   * @param rows number of rows
   */
  public record Band(SceneEntry scene, int firstRow, int rows) implements Serializable {}

  /**
   * Cuts scenes into buckets of whole rows of patches, where possible between the blocks of the
   * files, since a block that lies in two buckets is decoded twice.
   *
   * @param scenes the scenes, ordered by id
   * @param rule size and stride of the patches
   * @param most most patches a bucket should hold; a single row may exceed it
   */
  public static List<TileBucket> plan(List<SceneEntry> scenes, TileRule rule, int most) {
    long total = scenes.stream().mapToLong(s -> s.grid(rule.size(), rule.stride()).patches()).sum();
    long wanted = Bucket.rows(total, 1, most);
    List<TileBucket> buckets = new ArrayList<>();
    List<Band> bands = new ArrayList<>();
    long held = 0;
    for (SceneEntry scene : scenes) {
      int rows = scene.grid(rule.size(), rule.stride()).rows();
      int columns = scene.grid(rule.size(), rule.stride()).columns();
      int row = 0;
      int together = columns == 0 ? 1 : together(scene, rule, most / columns);
      while (columns > 0 && row < rows) {
        long fitting = (wanted - held) / columns;
        if (row + fitting < rows) {
          fitting -= fitting % together;
        }
        int taken = (int) Math.min(rows - row, Math.max(held == 0 ? together : 0, fitting));
        if (taken > 0) {
          bands.add(new Band(scene, row, taken));
          held += (long) taken * columns;
          row += taken;
        }
        if (row < rows || held >= wanted) {
          buckets.add(new TileBucket(buckets.size(), bands));
          bands = new ArrayList<>();
          held = 0;
        }
      }
    }
    if (!bands.isEmpty()) {
      buckets.add(new TileBucket(buckets.size(), bands));
    }
    return buckets;
  }

  private static int together(SceneEntry scene, TileRule rule, int most) {
    return Math.max(1, Math.min(most, scene.rowsTogether(rule.stride())));
  }

  /** The bucket without some scenes. */
  public TileBucket without(Set<String> sceneIds) {
    return new TileBucket(
        number, bands.stream().filter(b -> !sceneIds.contains(b.scene().id().name())).toList());
  }

  /** Whether one of some scenes has rows here. */
  public boolean holdsAny(Set<String> sceneIds) {
    return bands.stream().anyMatch(band -> sceneIds.contains(band.scene().id().name()));
  }

  /** Number of patches. */
  public long patches(TileRule rule) {
    return bands.stream()
        .mapToLong(b -> (long) b.rows() * b.scene().grid(rule.size(), rule.stride()).columns())
        .sum();
  }
}
