package io.landloom.jobs.segment;

import io.landloom.jobs.run.StagedFiles;
import io.landloom.jobs.tile.SceneEntry;
import io.landloom.synthesis.segment.Windows;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Rows of pixels of a scene that one task segments.
 *
 * @param number its number, from 0
 * @param scene the scene
 * @param top first row
 * @param rows number of rows
 */
public record SegmentBucket(int number, SceneEntry scene, int top, int rows)
    implements Serializable {
  private static final int ROWS_OF_WINDOWS = 8;
  private static final long MOST_SCORES = 1L << 26;

  /**
   * Cuts scenes into buckets of a few rows of windows, of fewer where a scene is so wide that their
   * scores would fill the memory. A row of windows at a cut is looked at by both tasks.
   *
   * @param classes valid classes
   */
  public static List<SegmentBucket> plan(List<SceneEntry> scenes, Windows windows, int classes) {
    List<SegmentBucket> buckets = new ArrayList<>();
    for (SceneEntry scene : scenes) {
      long scoresARow = (long) scene.width() * classes * windows.stride();
      int together = (int) Math.max(1, Math.min(ROWS_OF_WINDOWS, MOST_SCORES / scoresARow));
      int count = windows.count(scene.height());
      for (int row = 0; row < count; row += together) {
        int top = row == 0 ? 0 : windows.start(row, scene.height());
        int next = row + together;
        int end = next >= count ? scene.height() : windows.start(next, scene.height());
        buckets.add(new SegmentBucket(buckets.size(), scene, top, end - top));
      }
    }
    return buckets;
  }

  /** The file of its classes, a byte a pixel, which does not leave the staging. */
  String classes() {
    return String.format(Locale.ROOT, "%s/%08d-classes", StagedFiles.PARTS, number);
  }

  /** The file of how uncertain these are, a byte a pixel, which does not leave the staging. */
  String uncertainty() {
    return String.format(Locale.ROOT, "%s/%08d-uncertainty", StagedFiles.PARTS, number);
  }
}
