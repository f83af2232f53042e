package io.landloom.jobs.plan;

import io.landloom.geo.patch.PatchId;
import io.landloom.geo.scene.SceneId;
import io.landloom.jobs.synthesize.PatchesFile;
import io.landloom.jobs.table.SynthesisPlanTable.PlannedCondition;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/**
 * How often each mask of a file is used, and what a plan says of it.
 *
 * <p>That is computed from what decided it by the task that writes it, so that no list of masks
 * goes through the driver. The last file is remembered: several buckets may be of one file.
 */
public final class PlannedMasks {
  private final ChosenBucket.Rule rule;
  private final Configuration configuration;
  private PatchesFile file;
  private List<Mask> masks;
  private int[] copies;

  /** A mask by its patch and its pixels by position of the scheme. */
  private record Mask(String sceneId, int row, int column, int[] pixels) {
    long[] longs() {
      long[] longs = new long[pixels.length];
      for (int i = 0; i < longs.length; i++) {
        longs[i] = pixels[i];
      }
      return longs;
    }
  }

  /** Takes a planned condition and its mask's pixels by position of the scheme. */
  @FunctionalInterface
  interface Sink {
    void take(PlannedCondition condition, long[] pixels) throws IOException;
  }

  /** No file yet. */
  public PlannedMasks(ChosenBucket.Rule rule, Configuration configuration) {
    this.rule = rule;
    this.configuration = configuration;
  }

  ChosenBucket.Rule rule() {
    return rule;
  }

  /** Gives the chosen masks of a segment, in the order of its file. */
  void of(Chosen.Segment segment, Sink sink) throws IOException {
    if (!segment.file().equals(file)) {
      read(segment);
    }
    for (int i = segment.first(); i < segment.first() + segment.count(); i++) {
      if (copies[i] > 0) {
        long[] pixels = masks.get(i).longs();
        sink.take(condition(masks.get(i), pixels, copies[i]), pixels);
      }
    }
  }

  private void read(Chosen.Segment segment) throws IOException {
    file = null;
    masks = new ArrayList<>();
    CandidateRule candidates = rule.candidates();
    FileCounts counts = candidates.read(segment.file(), configuration, this::keep);
    copies =
        WholeCopies.of(
            counts.candidates(),
            rule.mix(),
            candidates.classes(),
            segment.quota(),
            rule.maskUnits());
    file = segment.file();
  }

  private void keep(MaskRows rows) {
    int[] pixels = new int[rows.pixels().length];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = Math.toIntExact(rows.pixels()[i]);
    }
    masks.add(new Mask(rows.sceneId(), rows.row(), rows.column(), pixels));
  }

  private PlannedCondition condition(Mask mask, long[] pixels, int its) {
    return new PlannedCondition(
        new PatchId(new SceneId(mask.sceneId()), mask.row(), mask.column()).toString(),
        mask.sceneId(),
        mask.row(),
        mask.column(),
        its,
        rule.mix().maxReuse() - its,
        rule.redrawn().of(pixels),
        rule.reason(),
        file.run(),
        file.bucket());
  }
}
