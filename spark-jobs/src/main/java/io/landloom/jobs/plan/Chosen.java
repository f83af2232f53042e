package io.landloom.jobs.plan;

import io.landloom.jobs.synthesize.PatchesFile;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * What a plan takes of a file.
 *
 * @param tally the chosen masks, each as often as it is used, in units of pixels
 * @param segments the file's candidates, cut where a bucket may end
 */
public record Chosen(Tally tally, List<Segment> segments) implements Serializable {
  /** Copies the list. */
  public Chosen {
    segments = new ArrayList<>(segments);
  }

  /**
   * Consecutive candidates of a file, chosen or not.
   *
   * @param file the file
   * @param quota pairs of the whole file
   * @param first how many candidates to pass over
   * @param count how many to take
   * @param pairs pairs of the segment
   */
  public record Segment(PatchesFile file, long quota, int first, int count, long pairs)
      implements Serializable {}

  /**
   * Takes a file's quota of pairs.
   *
   * @param most most pairs of a segment, unless one mask alone has more
   */
  static Chosen of(FileCounts file, Mix mix, long quota, long most, int classes, double maskUnits) {
    MaskCounts masks = file.candidates();
    int[] copies = WholeCopies.of(masks, mix, classes, quota, maskUnits);
    Tally tally = Tally.none(classes);
    List<Segment> segments = new ArrayList<>();
    int first = 0;
    long held = 0;
    long pairs = 0;
    for (int i = 0; i < copies.length; i++) {
      if (held > 0 && held + copies[i] > most) {
        segments.add(new Segment(file.file(), quota, first, i - first, held));
        first = i;
        held = 0;
      }
      held += copies[i];
      pairs += copies[i];
      for (int k = 0; k < classes; k++) {
        int count = masks.count(i, k);
        tally.pixels()[k] += (long) copies[i] * count;
        tally.patches()[k] += count == 0 ? 0 : copies[i];
      }
    }
    if (held > 0) {
      segments.add(new Segment(file.file(), quota, first, copies.length - first, held));
    }
    return new Chosen(new Tally(tally.pixels(), tally.patches(), pairs), segments);
  }
}
