package io.landloom.jobs.plan;

import io.landloom.geo.landcover.LandCoverClass;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.synthesize.DrawnMasks;
import io.landloom.jobs.synthesize.MaskChoice;
import io.landloom.jobs.synthesize.PatchesFile;
import io.landloom.jobs.synthesize.Redraw;
import io.landloom.jobs.table.MaskSource;
import java.io.IOException;
import java.io.Serializable;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;

/**
 * Which masks a plan may choose from: ones of the training split that were not drawn for.
 *
 * @param scheme the scheme of the masks
 * @param maskPixels pixels of a mask
 * @param masks from where they may come
 * @param redraw what differs between the copies of a mask; one class must show in it
 * @param drawn masks that were drawn for
 */
public record CandidateRule(
    LandCoverScheme scheme, long maskPixels, MaskChoice masks, Redraw redraw, DrawnMasks drawn)
    implements Serializable {
  /** Number of valid classes. */
  public int classes() {
    return scheme.validClasses().size();
  }

  /** Positions of the valid classes. */
  int[] positions() {
    return scheme.validClasses().stream()
        .map(LandCoverClass::index)
        .mapToInt(scheme::position)
        .toArray();
  }

  /** Reads the counts of a file: of all labelled masks in sum, and of each that may be chosen. */
  public FileCounts read(PatchesFile file, Configuration configuration) throws IOException {
    try (MaskRows rows = MaskRows.counts(file.uri(), scheme.size(), configuration)) {
      return read(file, rows, mask -> {});
    }
  }

  /**
   * Reads the counts of a file.
   *
   * @param chosen sees each mask that may be chosen, with its key, while it is the current one
   */
  FileCounts read(PatchesFile file, Configuration configuration, Consumer<MaskRows> chosen)
      throws IOException {
    try (MaskRows rows = MaskRows.keyed(file.uri(), scheme.size(), configuration)) {
      return read(file, rows, chosen);
    }
  }

  private FileCounts read(PatchesFile file, MaskRows rows, Consumer<MaskRows> chosen)
      throws IOException {
    int[] positions = positions();
    Tally sums = Tally.none(positions.length);
    long labelled = 0;
    long[] valid = new long[positions.length];
    MaskCounts.Builder candidates = new MaskCounts.Builder(positions.length, maskPixels);
    Admission admission = new Admission(file);
    while (rows.next()) {
      boolean real = rows.source() == MaskSource.LABELLED;
      labelled += real ? 1 : 0;
      for (int k = 0; k < positions.length; k++) {
        valid[k] = rows.pixels()[positions[k]];
        sums.pixels()[k] += real ? valid[k] : 0;
        sums.patches()[k] += real && valid[k] > 0 ? 1 : 0;
      }
      if (masks.takes(rows.source()) && admission.admits(rows.pixels())) {
        candidates.add(valid);
        chosen.accept(rows);
      }
    }
    return new FileCounts(
        file, new Tally(sums.pixels(), sums.patches(), labelled), candidates.build());
  }

  /** Decides on the masks of one file. */
  final class Admission {
    private final boolean none;
    private final Set<Integer> drawnClasses;

    Admission(PatchesFile file) {
      this.none = drawn.holdsAllOf(file);
      this.drawnClasses = drawn.of(file);
    }

    boolean admits(long[] pixels) {
      return !none
          && (redraw.index() == null || pixels[redraw.position()] > 0)
          && drawnClasses.stream().noneMatch(position -> pixels[position] > 0);
    }
  }
}
