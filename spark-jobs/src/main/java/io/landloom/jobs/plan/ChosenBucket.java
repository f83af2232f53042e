package io.landloom.jobs.plan;

import io.landloom.geo.patch.PatchId;
import io.landloom.geo.scene.SceneId;
import io.landloom.jobs.run.Staging;
import io.landloom.jobs.table.SynthesisPlanTable;
import io.landloom.jobs.table.SynthesisPlanTable.PlannedCondition;
import io.landloom.jobs.table.TableFile;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;

/**
 * One bucket of a plan for a target.
 *
 * <p>How often a mask is used is computed anew by the task that writes it, from what decided it, so
 * that no list of masks goes through the driver.
 *
 * @param number number of the bucket
 * @param segments candidates of files of one published run
 */
public record ChosenBucket(int number, List<Chosen.Segment> segments) implements Serializable {
  /** Footer entries of the planned pixels of each valid class, by its place. */
  public static final String PIXELS = "landloom.planned_pixels.";

  /** Footer entries of the planned pairs that show each valid class, by its place. */
  public static final String PATCHES = "landloom.planned_patches.";

  /** Footer entry of the planned pairs. */
  public static final String PAIRS = "landloom.planned_pairs";

  /** Copies the list. */
  public ChosenBucket {
    segments = new ArrayList<>(segments);
  }

  /**
   * Puts segments into buckets.
   *
   * @param most most pairs of a bucket, unless one segment alone has more
   */
  static List<ChosenBucket> of(List<Chosen.Segment> segments, long most) {
    List<ChosenBucket> buckets = new ArrayList<>();
    List<Chosen.Segment> open = new ArrayList<>();
    long held = 0;
    for (Chosen.Segment segment : segments) {
      if (!open.isEmpty()
          && (held + segment.pairs() > most
              || !open.get(0).file().run().equals(segment.file().run()))) {
        buckets.add(new ChosenBucket(buckets.size(), open));
        open = new ArrayList<>();
        held = 0;
      }
      open.add(segment);
      held += segment.pairs();
    }
    if (!open.isEmpty()) {
      buckets.add(new ChosenBucket(buckets.size(), open));
    }
    return buckets;
  }

  /**
   * What decides the rows of a bucket.
   *
   * @param candidates which masks may be chosen
   * @param mix how often they are to be used
   * @param redrawn what differs between the copies of a mask
   * @param reason why they are chosen, in words
   */
  public record Rule(CandidateRule candidates, Mix mix, RedrawnClass redrawn, String reason)
      implements Serializable {
    double maskUnits() {
      return candidates.maskPixels() / MaskCounts.unit(candidates.maskPixels());
    }
  }

  /** Writes and stages the bucket's file. */
  public void write(
      Rule rule,
      Staging.Target target,
      String attempt,
      Map<String, String> lineage,
      Configuration configuration)
      throws IOException {
    int classes = rule.candidates().classes();
    Tally tally = Tally.none(classes);
    long pairs = 0;
    try (TableFile<PlannedCondition> file =
        TableFile.create(
            new SynthesisPlanTable(),
            target.attempt(SynthesisPlanTable.NAME, number, attempt),
            number,
            attempt,
            lineage,
            configuration)) {
      for (Chosen.Segment segment : segments) {
        pairs += write(segment, rule, tally, file, configuration);
      }
      for (int k = 0; k < classes; k++) {
        file.note(PIXELS + k, Long.toString(tally.pixels()[k]));
        file.note(PATCHES + k, Long.toString(tally.patches()[k]));
      }
      file.note(PAIRS, Long.toString(pairs));
    }
    target.stage(number, attempt, configuration);
  }

  private static long write(
      Chosen.Segment segment,
      Rule rule,
      Tally tally,
      TableFile<PlannedCondition> file,
      Configuration configuration)
      throws IOException {
    CandidateRule candidates = rule.candidates();
    int classes = candidates.classes();
    int[] positions = candidates.positions();
    int[] copies =
        WholeCopies.of(
            candidates.read(segment.file(), configuration).candidates(),
            rule.mix(),
            classes,
            segment.quota(),
            rule.maskUnits());
    CandidateRule.Admission admission = candidates.new Admission(segment.file());
    long pairs = 0;
    try (MaskRows rows =
        new MaskRows(segment.file().uri(), candidates.scheme().size(), configuration)) {
      int candidate = 0;
      while (candidate < segment.first() + segment.count() && rows.next()) {
        if (!admission.admits(rows.pixels())) {
          continue;
        }
        int its = candidate < segment.first() ? 0 : copies[candidate];
        candidate++;
        if (its > 0) {
          file.append(row(rows, its, rule, segment));
          pairs += its;
          for (int k = 0; k < classes; k++) {
            long pixels = rows.pixels()[positions[k]];
            tally.pixels()[k] += its * pixels;
            tally.patches()[k] += pixels > 0 ? its : 0;
          }
        }
      }
    }
    return pairs;
  }

  private static PlannedCondition row(
      MaskRows rows, int copies, Rule rule, Chosen.Segment segment) {
    PatchId id = new PatchId(new SceneId(rows.sceneId()), rows.row(), rows.column());
    return new PlannedCondition(
        id.toString(),
        rows.sceneId(),
        rows.row(),
        rows.column(),
        copies,
        rule.mix().maxReuse() - copies,
        rule.redrawn().of(rows.pixels()),
        rule.reason(),
        segment.file().run(),
        segment.file().bucket());
  }
}
