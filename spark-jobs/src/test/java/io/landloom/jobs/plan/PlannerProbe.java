package io.landloom.jobs.plan;

import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.synthesize.DrawnMasks;
import io.landloom.jobs.synthesize.MaskChoice;
import io.landloom.jobs.synthesize.PatchesFile;
import io.landloom.jobs.synthesize.Redraw;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/** What a planner decides, with the counts where a test wants them. */
public final class PlannerProbe {
  private PlannerProbe() {}

  /**
   * Segments and sums of a plan of 150 pairs.
   *
   * @param local most masks whose counts come to the driver
   */
  public static String copies(
      SparkSession spark, List<PatchesFile> files, String target, long local) {
    LandCoverScheme scheme = LandCoverScheme.named("gid15");
    CandidateRule rule =
        new CandidateRule(
            scheme, 32 * 32, MaskChoice.LABELLED, Redraw.ALL, new DrawnMasks(Map.of(), 0));
    JavaSparkContext java = JavaSparkContext.fromSparkContext(spark.sparkContext());
    var hadoop =
        java.broadcast(new SerializableConfiguration(spark.sparkContext().hadoopConfiguration()));
    try (TargetPlanner planner =
        new TargetPlanner(java, files, rule, hadoop, local == 0 ? 3 : 1, local)) {
      Goal goal = Goal.parse(target, scheme, planner.real());
      Decision decision = planner.decide(goal, planner.real(), Optional.of(150L), 0.01, 3, 32);
      return decision.buckets(32)
          + " "
          + Arrays.toString(decision.planned().pixels())
          + " "
          + decision.mix().weights();
    }
  }
}
