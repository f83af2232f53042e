package io.landloom.jobs.source;

import org.apache.spark.sql.connector.metric.CustomSumMetric;

/** Metric of a scan: patches that could not be cut because a file is damaged there. */
public final class PatchesLeftOut extends CustomSumMetric {
  static final String NAME = "patchesLeftOut";

  /** Made by Spark, by name. */
  public PatchesLeftOut() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String description() {
    return "patches left out";
  }
}
