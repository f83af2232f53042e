package io.landloom.jobs.synthesize;

import io.landloom.geo.patch.PatchId;
import io.landloom.geo.scene.SceneId;
import io.landloom.jobs.run.Bucket;
import io.landloom.jobs.run.Staging;
import io.landloom.jobs.table.SynthesisPlanTable;
import io.landloom.jobs.table.TableFile;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;

/**
 * Conditions of one bucket of a plan, and so of one bucket of pairs.
 *
 * @param number number of the bucket
 * @param segments runs of usable masks, of files of one published run
 */
public record PlanBucket(int number, List<Segment> segments) implements Serializable {
  /** Copies the list. */
  public PlanBucket {
    segments = new ArrayList<>(segments);
  }

  /**
   * Consecutive usable masks of a file.
   *
   * @param file the file
   * @param first how many usable masks to pass over
   * @param count how many to take
   */
  public record Segment(PatchesFile file, long first, long count) implements Serializable {}

  /**
   * Cuts the usable masks of published files into buckets.
   *
   * @param files the files, ordered by run and bucket
   * @param usable usable masks of each file
   * @param copies pairs to make of each mask
   * @param most most pairs a bucket should hold
   */
  public static List<PlanBucket> plan(
      List<PatchesFile> files, List<Long> usable, int copies, int most) {
    long total = usable.stream().mapToLong(Long::longValue).sum();
    long pairs = Bucket.rows(Math.multiplyExact(total, (long) copies), 32, most);
    long wanted = Math.max(1, pairs / copies);
    List<PlanBucket> buckets = new ArrayList<>();
    List<Segment> segments = new ArrayList<>();
    long held = 0;
    for (int i = 0; i < files.size(); i++) {
      PatchesFile file = files.get(i);
      if (!segments.isEmpty()
          && (held >= wanted || !segments.get(0).file().run().equals(file.run()))) {
        buckets.add(new PlanBucket(buckets.size(), segments));
        segments = new ArrayList<>();
        held = 0;
      }
      for (long first = 0; first < usable.get(i); ) {
        if (held >= wanted) {
          buckets.add(new PlanBucket(buckets.size(), segments));
          segments = new ArrayList<>();
          held = 0;
        }
        long count = Math.min(wanted - held, usable.get(i) - first);
        segments.add(new Segment(file, first, count));
        first += count;
        held += count;
      }
    }
    if (!segments.isEmpty()) {
      buckets.add(new PlanBucket(buckets.size(), segments));
    }
    return buckets;
  }

  /**
   * What is planned.
   *
   * @param copies pairs to make of each mask
   * @param masks from where masks may come
   * @param redraw what differs between the copies
   * @param drawn masks to leave out
   */
  public record Rule(int copies, MaskChoice masks, Redraw redraw, DrawnMasks drawn)
      implements Serializable {
    /** How many masks of a file are planned. */
    public long count(PatchesFile file, Configuration configuration) throws IOException {
      return file.countUsable(masks, redraw, drawn.of(file), configuration);
    }

    private StoredMask.Masks open(PatchesFile file, Configuration configuration)
        throws IOException {
      return StoredMask.open(file.uri(), masks, redraw.position(), drawn.of(file), configuration);
    }
  }

  /** Writes and stages the bucket's file. */
  public void write(
      Staging.Target target,
      String attempt,
      Rule rule,
      Map<String, String> lineage,
      Configuration configuration)
      throws IOException {
    try (TableFile<SynthesisPlanTable.PlannedCondition> file =
        TableFile.create(
            new SynthesisPlanTable(),
            target.attempt(SynthesisPlanTable.NAME, number, attempt),
            number,
            attempt,
            lineage,
            configuration)) {
      for (Segment segment : segments) {
        write(segment, rule, file, configuration);
      }
    }
    target.stage(number, attempt, configuration);
  }

  private static void write(
      Segment segment,
      Rule rule,
      TableFile<SynthesisPlanTable.PlannedCondition> file,
      Configuration configuration)
      throws IOException {
    try (StoredMask.Masks masks = rule.open(segment.file(), configuration)) {
      for (long i = 0; i < segment.first() + segment.count(); i++) {
        StoredMask mask = masks.next();
        if (i < segment.first()) {
          continue;
        }
        PatchId id = new PatchId(new SceneId(mask.sceneId()), mask.row(), mask.column());
        file.append(
            new SynthesisPlanTable.PlannedCondition(
                id.toString(),
                mask.sceneId(),
                mask.row(),
                mask.column(),
                rule.copies(),
                null,
                rule.redraw().index(),
                rule.redraw().reason(),
                segment.file().run(),
                segment.file().bucket()));
      }
    }
  }
}
