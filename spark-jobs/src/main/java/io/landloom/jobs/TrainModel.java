package io.landloom.jobs;

import com.typesafe.config.ConfigUtil;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.progress.LatestStep;
import io.landloom.jobs.progress.Progress;
import io.landloom.jobs.run.DatasetRoot;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.RunId;
import io.landloom.jobs.run.RunRecord;
import io.landloom.jobs.run.Staging;
import io.landloom.jobs.source.Captions;
import io.landloom.jobs.synthesize.ExecutorGuard;
import io.landloom.jobs.synthesize.PatchesFile;
import io.landloom.jobs.train.TrainableSystem;
import io.landloom.jobs.train.TrainingReport;
import io.landloom.jobs.train.TrainingTask;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/** {@code train}: trains a model on the published training patches, in one task. */
final class TrainModel implements Job {
  @Override
  public Outcome run(JobContext context) throws IOException {
    DatasetRoot dataset = context.dataset();
    Settings settings = context.settings();
    LandCoverScheme scheme = context.scheme();
    StageGpus gpus = context.gpus("train.device");
    TrainableSystem system =
        TrainableSystem.of(settings.text("model"), settings::section, context.hadoop());
    List<PatchesFile> files = PatchesFile.published(dataset, scheme);
    if (files.isEmpty()) {
      throw JobException.user(
          dataset.path() + " holds no patches of scheme " + scheme.name() + "; run tile first");
    }
    Captions captions = context.captions(system.readsCaptions());
    RunId run =
        context
            .runId("train")
            .with("patches", files.stream().map(PatchesFile::run).distinct().toList())
            .with("model", system.name())
            .with("settings", system.identity() + captions.identity())
            .with("minutes", settings.integer("train.minutes", 0, 1 << 20))
            .with("name", settings.text("train.name"))
            .with("data", settings.text("train.data"))
            .with("licence", settings.text("train.licence"))
            .with("scheme", scheme.definition())
            .with("maxPatches", settings.integer("train.maxPatches", 1, 1 << 20))
            .build();
    if (dataset.holds(run)) {
      TrainingTask.forgetCheckpoint(dataset.run(run), context.hadoop());
      return Outcome.alreadyPublished(run);
    }
    Staging staging = new Staging(dataset, run, List.of());
    TrainingTask task = task(system, scheme, files, captions, staging, settings);
    return StagedRun.make(
        context,
        staging,
        () -> {
          staging.open();
          TrainingReport report = train(context, gpus, task);
          Outcome outcome = publish(context, dataset, staging, report);
          TrainingTask.forgetCheckpoint(dataset.run(run), context.hadoop());
          return outcome;
        });
  }

  private static TrainingTask task(
      TrainableSystem system,
      LandCoverScheme scheme,
      List<PatchesFile> files,
      Captions captions,
      Staging staging,
      Settings settings) {
    return new TrainingTask(
        system,
        scheme,
        files,
        captions,
        staging.folder().toString(),
        new TrainingTask.Card(
            settings.text("train.name"),
            settings.text("train.data"),
            settings.text("train.licence")),
        settings.choice("train.device", "auto", "cpu", "gpu"),
        new TrainingTask.Limits(
            settings.integer("train.minutes", 0, 1 << 20),
            settings.integer("train.checkpointMinutes", 1, 1 << 20),
            settings.integer("train.checkpointSteps", 0, Integer.MAX_VALUE),
            settings.integer("train.sheetSteps", 0, Integer.MAX_VALUE),
            settings.integer("train.maxPatches", 1, 1 << 20)));
  }

  private static TrainingReport train(JobContext context, StageGpus gpus, TrainingTask task) {
    Broadcast<SerializableConfiguration> hadoop = context.sharedHadoop();
    int steps = task.system().sizes().steps();
    try (LatestStep latest = LatestStep.of(context.spark().sparkContext(), "steps");
        Progress progress = Progress.start(context.out(), "train", "steps", steps, latest)) {
      LatestStep.Reached reached = latest.reached();
      return gpus.askedFor(context.java().parallelize(List.of(task), 1))
          .map(one -> ExecutorGuard.watch(() -> one.run(hadoop.value().value(), reached::add)))
          .collect()
          .get(0);
    }
  }

  private static Outcome publish(
      JobContext context, DatasetRoot dataset, Staging staging, TrainingReport report)
      throws IOException {
    Map<String, Object> counts = new LinkedHashMap<>();
    counts.put("counts.planned", 1);
    counts.put("counts.written", 1);
    counts.put("counts.buckets", 0);
    counts.put("counts.patches", report.patches());
    counts.put("counts.steps", report.steps());
    counts.put("modelDigest", report.digest());
    counts.put("device", report.device());
    counts.put("seconds", report.seconds());
    report.measures().forEach((name, value) -> counts.put(ConfigUtil.joinPath("val", name), value));
    RunRecord record = Lineage.record(staging.run(), context.scheme(), context.settings(), counts);
    staging.publish(0, record);
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("run", staging.run());
    summary.put("steps", report.steps() + " on " + report.patches() + " patches");
    summary.put("losses", report.last());
    if (report.measures().containsKey("mIoU")) {
      summary.put(
          "validation",
          String.format(
              Locale.ROOT,
              "mIoU %.3f of %.0f classes on %.0f patches",
              report.measures().get("mIoU"),
              report.measures().get("classes"),
              report.measures().get("patches")));
    }
    summary.put("bundle", new Path(dataset.run(staging.run()), TrainingTask.BUNDLE));
    return new Outcome(staging.run(), summary);
  }
}
