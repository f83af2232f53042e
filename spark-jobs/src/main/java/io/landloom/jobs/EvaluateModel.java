package io.landloom.jobs;

import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.evaluate.Evaluation;
import io.landloom.jobs.evaluate.EvaluationResults;
import io.landloom.jobs.evaluate.EvaluationRule;
import io.landloom.jobs.evaluate.ImageEvaluation;
import io.landloom.jobs.evaluate.MaskEvaluation;
import io.landloom.jobs.evaluate.Patches;
import io.landloom.jobs.progress.LiveCount;
import io.landloom.jobs.progress.Progress;
import io.landloom.jobs.run.DatasetRoot;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.RunId;
import io.landloom.jobs.run.Staging;
import io.landloom.jobs.run.WholeFile;
import io.landloom.jobs.source.Captions;
import io.landloom.jobs.synthesize.BundleFiles;
import io.landloom.jobs.synthesize.ExecutorGuard;
import io.landloom.jobs.synthesize.PatchesFile;
import io.landloom.synthesis.diffusion.model.DenoiserSizes;
import io.landloom.synthesis.diffusion.model.LayoutSynthesizer;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;

/**
 * {@code evaluate}: measures a trained model, of images or of masks, beside real patches and
 * references, in one task.
 */
final class EvaluateModel implements Job {
  private static final String JSON = "results.json";
  private static final String PAGE = "results.md";

  @Override
  public Outcome run(JobContext context) throws IOException {
    DatasetRoot dataset = context.dataset();
    LandCoverScheme scheme = context.scheme();
    StageGpus gpus = context.gpus("evaluate.device");
    List<PatchesFile> files = PatchesFile.published(dataset, scheme);
    if (files.isEmpty()) {
      throw JobException.user(
          dataset.path() + " holds no patches of scheme " + scheme.name() + "; run tile first");
    }
    BundleFiles model = bundle(context, "model");
    Captions captions = context.captions(DenoiserSizes.readsCaptions(model.open().card()));
    Evaluation task = evaluation(context, new Patches(scheme, files, captions), model);
    RunId run = runId(context, task);
    if (dataset.holds(run)) {
      return Outcome.alreadyPublished(run);
    }
    Staging staging = new Staging(dataset, run, List.of());
    return StagedRun.make(
        context,
        staging,
        () -> {
          staging.open();
          return publish(context, dataset, staging, task, measure(context, gpus, task));
        });
  }

  private static Evaluation evaluation(JobContext context, Patches patches, BundleFiles model)
      throws IOException {
    Settings settings = context.settings();
    EvaluationRule rule = rule(settings);
    String device = settings.choice("evaluate.device", "auto", "cpu", "gpu");
    return LayoutSynthesizer.drawsMasks(model.open().card())
        ? new MaskEvaluation(patches, model, rule, device)
        : new ImageEvaluation(
            patches,
            model,
            bundle(context, "evaluate.segmenter"),
            bundle(context, "evaluate.features"),
            rule,
            device);
  }

  private static BundleFiles bundle(JobContext context, String key) throws IOException {
    BundleFiles files = BundleFiles.find(key, context.settings().text(key), context.hadoop());
    try {
      files.open().card().requireScheme(context.scheme());
    } catch (ModelException e) {
      throw new JobException(JobException.Kind.USER, key + ": " + e.getMessage(), e);
    }
    return files;
  }

  private static EvaluationRule rule(Settings settings) {
    return new EvaluationRule(
        settings.integer("evaluate.images", 16, 4096),
        settings.integer("evaluate.trainImages", 16, 4096),
        settings.integer("evaluate.components", 1, 4096),
        settings.integer("evaluate.neighbours", 1, 100),
        settings.integer("evaluate.subsets", 2, 10_000),
        settings.integer("evaluate.classifierSteps", 1, 100_000),
        settings.integer("evaluate.regressionSteps", 0, 1_000_000),
        settings.integer("evaluate.regressionWidth", 1, 256),
        settings.integer("evaluate.diversityMasks", 1, 4096),
        settings.integer("evaluate.redrawMasks", 1, 4096),
        settings.integer("evaluate.copies", 2, 1000),
        settings.integer("evaluate.pairs", 1, 100_000),
        settings.integer("evaluate.leastPixels", 1, 1 << 20),
        settings.integer("evaluate.batch", 1, 4096),
        settings.bigint("run.seed"));
  }

  private static RunId runId(JobContext context, Evaluation task) throws IOException {
    Patches patches = task.patches();
    RunId.Builder run = context.runId("evaluate").with("patches", patches.runs());
    task.identity().forEach(run::with);
    return run.with("rule", task.rule() + patches.captions().identity())
        .with("scheme", patches.scheme().definition())
        .build();
  }

  private static EvaluationResults measure(JobContext context, StageGpus gpus, Evaluation task) {
    Broadcast<SerializableConfiguration> hadoop = context.sharedHadoop();
    try (LiveCount count = LiveCount.of(context.spark().sparkContext(), "parts measured");
        Progress progress =
            Progress.start(context.out(), "evaluate", "parts", task.parts(), count::now)) {
      LongAccumulator done = count.accumulator();
      return gpus.askedFor(context.java().parallelize(List.of(task), 1))
          .map(one -> ExecutorGuard.watch(() -> one.run(hadoop.value().value(), () -> done.add(1))))
          .collect()
          .get(0);
    }
  }

  private static Outcome publish(
      JobContext context,
      DatasetRoot dataset,
      Staging staging,
      Evaluation task,
      EvaluationResults results)
      throws IOException {
    ModelBundle model = task.model().open();
    write(context, new Path(staging.folder(), JSON), results.json());
    write(
        context,
        new Path(staging.folder(), PAGE),
        results.markdown("Evaluation of " + model.card().name()));
    Map<String, Object> counts = new LinkedHashMap<>();
    counts.put("counts.planned", 1);
    counts.put("counts.written", 1);
    counts.put("counts.buckets", 0);
    counts.put("modelName", model.card().name());
    task.identity().forEach((what, digest) -> counts.put(what + "Digest", digest));
    staging.publish(0, Lineage.record(staging.run(), context.scheme(), context.settings(), counts));
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("run", staging.run());
    results.headlines().forEach(summary::put);
    summary.put("results", new Path(dataset.run(staging.run()), PAGE));
    return new Outcome(staging.run(), summary);
  }

  private static void write(JobContext context, Path target, String text) throws IOException {
    WholeFile.write(
        target, context.hadoop(), file -> Files.writeString(file, text, StandardCharsets.UTF_8));
  }
}
