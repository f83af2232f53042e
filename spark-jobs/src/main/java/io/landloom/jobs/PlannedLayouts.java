package io.landloom.jobs;

import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.plan.LayoutShares;
import io.landloom.jobs.plan.Tally;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.Staging;
import io.landloom.jobs.synthesize.LayoutPlanBucket;
import io.landloom.jobs.synthesize.PatchesFile;
import io.landloom.jobs.table.MaskSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Layouts that a plan asks for.
 *
 * @param shares of the valid classes, of each layout
 * @param copies pairs of each
 * @param spares as a plan's table has it: 0 for one more pair of a layout's mask where gates give
 *     one up, null for none
 */
record PlannedLayouts(LayoutShares shares, int copies, Integer spares) {
  /** Field of a plan's record: how many layouts it asks for. */
  static final String COUNT = "counts.layouts";

  /** Most real masks that shares are taken from; the driver holds no row a patch. */
  private static final int MOST_MASKS = 2048;

  /** Of the training split of published patches, those with people's masks. */
  static Dataset<Row> labelled(JobContext context, List<PatchesFile> files) {
    return context
        .spark()
        .read()
        .parquet(files.stream().map(PatchesFile::uri).toArray(String[]::new))
        .where("split = 'train' AND mask_source = '" + MaskSource.LABELLED.text() + "'");
  }

  /**
   * Shares of real masks, of many a part that is the same in every run.
   *
   * @throws JobException if there is none to be like
   */
  static List<double[]> ofReal(JobContext context, Dataset<Row> patches) throws IOException {
    LandCoverScheme scheme = context.scheme();
    int classes = scheme.validClasses().size();
    Column[] key = {functions.col("scene_id"), functions.col("row"), functions.col("col")};
    List<double[]> masks = new ArrayList<>();
    for (Row row :
        patches
            .orderBy(functions.xxhash64(key), key[0], key[1], key[2])
            .limit(MOST_MASKS)
            .select("class_pixels")
            .collectAsList()) {
      List<Long> pixels = row.getList(0);
      double[] shares = new double[classes];
      double valid = 0;
      for (int k = 0; k < classes; k++) {
        shares[k] = pixels.get(scheme.position(scheme.validClasses().get(k).index()));
        valid += shares[k];
      }
      for (int k = 0; k < classes; k++) {
        shares[k] /= valid;
      }
      if (valid > 0) {
        masks.add(shares);
      }
    }
    if (masks.isEmpty()) {
      throw JobException.user(
          context.dataset().path() + " holds no labelled patches of the training split to be like");
    }
    return masks;
  }

  int count() {
    return shares.size();
  }

  /** What the pairs of all of them will hold, if masks are drawn as asked for. */
  Tally tally(int classes, long maskPixels) {
    return shares.tally(classes, maskPixels, copies);
  }

  /**
   * Cuts them into buckets.
   *
   * @param first number of the first bucket
   * @param most most pairs of a bucket, unless one layout alone has more
   */
  List<LayoutPlanBucket> buckets(int first, int most) {
    int rows = Math.max(1, Math.min(most / copies, (count() + 31) / 32));
    double[][] each = IntStream.range(0, count()).mapToObj(shares::of).toArray(double[][]::new);
    return LayoutPlanBucket.of(each, rows, first);
  }

  /** Writes and stages buckets. */
  void write(JobContext context, Staging staging, List<LayoutPlanBucket> buckets, String target) {
    if (buckets.isEmpty()) {
      return;
    }
    Broadcast<SerializableConfiguration> hadoop = context.sharedHadoop();
    Staging.Target place = staging.target();
    Map<String, String> lineage = Lineage.footer(staging.run(), context.scheme());
    String run = staging.run().text();
    String reason = "a layout for the target " + target;
    LayoutPlanBucket.Rule rule = new LayoutPlanBucket.Rule(copies, spares, reason);
    context
        .java()
        .parallelize(buckets, context.partitions(buckets.size()))
        .foreach(
            bucket ->
                bucket.write(place, Attempt.id(), run, rule, lineage, hadoop.value().value()));
  }
}
