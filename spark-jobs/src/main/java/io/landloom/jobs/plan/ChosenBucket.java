package io.landloom.jobs.plan;

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
      PlannedMasks masks,
      Staging.Target target,
      String attempt,
      Map<String, String> lineage,
      Configuration configuration)
      throws IOException {
    int[] positions = masks.rule().candidates().positions();
    long[] pixels = new long[positions.length];
    long[] patches = new long[positions.length];
    long[] pairs = new long[1];
    try (TableFile<PlannedCondition> file =
        TableFile.create(
            new SynthesisPlanTable(),
            target.attempt(SynthesisPlanTable.NAME, number, attempt),
            number,
            attempt,
            lineage,
            configuration)) {
      for (Chosen.Segment segment : segments) {
        masks.of(
            segment,
            (condition, its) -> {
              file.append(condition);
              pairs[0] += condition.copies();
              for (int k = 0; k < positions.length; k++) {
                pixels[k] += condition.copies() * its[positions[k]];
                patches[k] += its[positions[k]] > 0 ? condition.copies() : 0;
              }
            });
      }
      for (int k = 0; k < positions.length; k++) {
        file.note(PIXELS + k, Long.toString(pixels[k]));
        file.note(PATCHES + k, Long.toString(patches[k]));
      }
      file.note(PAIRS, Long.toString(pairs[0]));
    }
    target.stage(number, attempt, configuration);
  }
}
