package io.landloom.jobs;

import java.util.function.Supplier;

/** The jobs by the names they have on the command line. */
enum JobName {
  DEMO(Demo::new),
  SIMULATE(SimulateScenes::new),
  TILE(TileScenes::new),
  TRAIN(TrainModel::new),
  PLAN(PlanSynthesis::new),
  SYNTHESIZE(SynthesizePairs::new),
  EVALUATE(EvaluateModel::new),
  SUMMARIZE(SummarizeClasses::new),
  REPORT(ReportRun::new),
  EXPORT(ExportDataset::new),
  SEGMENT(SegmentScenes::new),
  FEATURES(ExtractFeatures::new),
  VERIFY(VerifyRun::new);

  private final Supplier<Job> job;

  JobName(Supplier<Job> job) {
    this.job = job;
  }

  /** The name as typed. */
  String text() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  /** Whether the job may be the first to write into a dataset. */
  boolean startsDatasets() {
    return this == DEMO || this == SIMULATE || this == TILE;
  }

  /** Whether the job itself publishes tables. */
  boolean publishesTables() {
    return this == TILE
        || this == PLAN
        || this == SYNTHESIZE
        || this == SUMMARIZE
        || this == FEATURES;
  }

  /** A new instance of the job. */
  Job create() {
    return job.get();
  }
}
