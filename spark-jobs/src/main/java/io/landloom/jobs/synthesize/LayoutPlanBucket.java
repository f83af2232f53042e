package io.landloom.jobs.synthesize;

import io.landloom.jobs.run.Staging;
import io.landloom.jobs.table.SynthesisPlanTable;
import io.landloom.jobs.table.TableFile;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;

/**
 * Layouts to be drawn, of one bucket of a plan.
 *
 * @param number number of the bucket
 * @param first number of the first layout
 * @param shares of the valid classes, of each layout
 */
public record LayoutPlanBucket(int number, int first, double[][] shares) implements Serializable {
  /** What stands in the place of a scene's id. */
  public static final String SCENE = "layout";

  /**
   * Cuts layouts into buckets.
   *
   * @param most most layouts of a bucket
   * @param firstBucket number of the first one
   */
  public static List<LayoutPlanBucket> of(double[][] shares, int most, int firstBucket) {
    List<LayoutPlanBucket> buckets = new ArrayList<>();
    for (int from = 0; from < shares.length; from += most) {
      int to = Math.min(shares.length, from + most);
      int number = firstBucket + buckets.size();
      buckets.add(new LayoutPlanBucket(number, from, Arrays.copyOfRange(shares, from, to)));
    }
    return buckets;
  }

  /**
   * What is planned of every layout.
   *
   * @param copies pairs of its mask
   * @param spares 0 for one more where gates give one up, null for none
   * @param reason why, in words
   */
  public record Rule(int copies, Integer spares, String reason) implements Serializable {}

  /**
   * Writes and stages the bucket's file.
   *
   * @param run the plan's run id, which is in every layout's key
   */
  public void write(
      Staging.Target target,
      String attempt,
      String run,
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
      for (int i = 0; i < shares.length; i++) {
        file.append(
            new SynthesisPlanTable.PlannedCondition(
                String.join("/", SCENE, run, Integer.toString(first + i)),
                SCENE,
                first + i,
                0,
                rule.copies(),
                rule.spares(),
                null,
                rule.reason(),
                run,
                number,
                shares[i]));
      }
    }
    target.stage(number, attempt, configuration);
  }
}
