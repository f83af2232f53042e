package io.landloom.jobs;

import io.landloom.geo.image.PngEncoder;
import io.landloom.geo.image.SampleType;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.progress.LiveCount;
import io.landloom.jobs.progress.Progress;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.RunId;
import io.landloom.jobs.run.StagedFiles;
import io.landloom.jobs.run.Staging;
import io.landloom.jobs.segment.SceneLabels;
import io.landloom.jobs.segment.SegmentBucket;
import io.landloom.jobs.synthesize.BundleFiles;
import io.landloom.jobs.synthesize.ExecutorGuard;
import io.landloom.jobs.table.PixelFormat;
import io.landloom.jobs.tile.PixelRule;
import io.landloom.jobs.tile.SceneEntry;
import io.landloom.jobs.tile.SceneFile;
import io.landloom.jobs.tile.SceneListing;
import io.landloom.jobs.tile.TileRule;
import io.landloom.synthesis.segment.Windows;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.ModelException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;

/** {@code segment}: gives every pixel of scenes a class, as GeoTIFFs that {@code tile} reads. */
final class SegmentScenes implements Job {
  private static final String NOUN = "segmentation";

  /**
   * What is to be done.
   *
   * @param scenes the scenes
   * @param buckets their rows
   * @param labels what tasks do
   */
  private record Plan(List<SceneEntry> scenes, List<SegmentBucket> buckets, SceneLabels labels) {
    /** Buckets and scenes: each leaves a note. */
    int notes() {
      return buckets.size() + scenes.size();
    }

    List<SegmentBucket> of(SceneEntry scene) {
      return buckets.stream().filter(bucket -> bucket.scene().equals(scene)).toList();
    }
  }

  @Override
  public Outcome run(JobContext context) throws IOException {
    Settings settings = context.settings();
    DestinationFolder to = DestinationFolder.of("segment.to", context);
    StageGpus gpus = context.gpus("segment.device");
    String device = settings.choice("segment.device", "auto", "cpu", "gpu");
    LandCoverScheme scheme = context.scheme();
    BundleFiles model = BundleFiles.find(settings.text("model"), context.hadoop());
    ModelCard card = card(model, scheme);
    Windows windows = windows(settings, card);
    PixelRule pixels = pixels(settings);
    List<SceneEntry> scenes = scenes(context, card, scheme, pixels);
    RunId.Builder id =
        context
            .runId("segment")
            .with("model", model.digest())
            .with("windows", windows)
            .with("scheme", scheme.definition())
            .with("pixels", pixels.definition());
    scenes.forEach(scene -> id.with(scene.id().name(), scene.imageChecksum()));
    RunId run = id.build();
    Staging staging = Staging.beside(to.path(), run, context.hadoop());
    if (to.holds(NOUN, run, context.hadoop())) {
      return Outcome.alreadyPublished(run);
    }
    Plan plan =
        new Plan(
            scenes,
            SegmentBucket.plan(scenes, windows, scheme.validClasses().size()),
            new SceneLabels(model, scheme, pixels, windows, device, staging.files()));
    return StagedRun.make(
        context,
        staging,
        () -> {
          segment(context, gpus, plan);
          assemble(context, plan);
          return publish(context, staging, plan, to, model);
        });
  }

  /** The pixels as {@code tile} would take them; nothing of how it stores them. */
  private static PixelRule pixels(Settings settings) {
    return new PixelRule(
        settings.integers("input.bands", 1, 64),
        PixelRule.stretch("input.stretch", settings.text("input.stretch")),
        null,
        PixelFormat.PNG,
        PngEncoder.Options.forImages());
  }

  private static ModelCard card(BundleFiles model, LandCoverScheme scheme) throws IOException {
    ModelCard card = model.open().card();
    try {
      SceneLabels.requireSegments(card);
      card.requireScheme(scheme);
      return card;
    } catch (ModelException e) {
      throw new JobException(JobException.Kind.USER, e.getMessage(), e);
    }
  }

  private static Windows windows(Settings settings, ModelCard card) {
    try {
      return new Windows(card.patchSize(), settings.integer("segment.overlap", 0, 1 << 14));
    } catch (IllegalArgumentException e) {
      throw new JobException(JobException.Kind.USER, "segment: " + e.getMessage(), e);
    }
  }

  private static List<SceneEntry> scenes(
      JobContext context, ModelCard card, LandCoverScheme scheme, PixelRule pixels)
      throws IOException {
    Settings settings = context.settings();
    int size = card.patchSize();
    TileRule rule = new TileRule(scheme, "auto", false, size, size, 1, null, pixels);
    List<SceneFile> files =
        new SceneListing(context.hadoop(), settings.texts("input.labelSuffixes"))
            .unlabelled(settings.text("input.scenes"));
    List<SceneEntry> scenes = TileScenes.readScenes(context, files, rule);
    for (SceneEntry scene : scenes) {
      if (scene.pixels().bands() != card.bands() || scene.pixels().type() != SampleType.UINT8) {
        throw JobException.user(
            String.format(
                "%s: %s, but model '%s' reads %d bands of uint8; choose with input.bands and"
                    + " input.stretch",
                scene.file().image(), scene.pixels(), card.name(), card.bands()));
      }
    }
    return scenes;
  }

  private static void segment(JobContext context, StageGpus gpus, Plan plan) throws IOException {
    StagedFiles files = plan.labels().files();
    files.open(context.hadoop());
    Map<Integer, String> staged = files.notes(context.hadoop());
    List<SegmentBucket> open =
        plan.buckets().stream().filter(bucket -> !staged.containsKey(bucket.number())).toList();
    if (open.isEmpty()) {
      return;
    }
    Broadcast<SerializableConfiguration> hadoop = context.sharedHadoop();
    Broadcast<SceneLabels> labels = context.java().broadcast(plan.labels());
    long rows = open.stream().mapToLong(SegmentBucket::rows).sum();
    try (LiveCount count = LiveCount.of(context.spark().sparkContext(), "rows segmented");
        Progress progress =
            Progress.start(context.out(), "segment", "rows of pixels", rows, count::now)) {
      LongAccumulator done = count.accumulator();
      gpus.askedFor(context.java().parallelize(open, context.partitions(open.size())))
          .foreachPartition(
              buckets ->
                  ExecutorGuard.watch(
                      () -> {
                        labels
                            .value()
                            .segment(buckets, Attempt.id(), hadoop.value().value(), done::add);
                        return null;
                      }));
    }
  }

  private static void assemble(JobContext context, Plan plan) throws IOException {
    Map<Integer, String> staged = plan.labels().files().notes(context.hadoop());
    int first = plan.buckets().size();
    List<Integer> open =
        IntStream.range(0, plan.scenes().size())
            .filter(scene -> !staged.containsKey(first + scene))
            .boxed()
            .toList();
    Broadcast<SerializableConfiguration> hadoop = context.sharedHadoop();
    SceneLabels labels = plan.labels();
    List<Scene> scenes = new ArrayList<>();
    open.forEach(
        scene ->
            scenes.add(
                new Scene(first + scene, new ArrayList<>(plan.of(plan.scenes().get(scene))))));
    context
        .java()
        .parallelize(scenes, context.partitions(scenes.size()))
        .foreach(
            scene ->
                labels.assemble(
                    scene.number(), scene.rows(), Attempt.id(), hadoop.value().value()));
  }

  /**
   * A scene to be put together.
   *
   * @param number of its file among buckets
   * @param rows its buckets
   */
  private record Scene(int number, List<SegmentBucket> rows) implements java.io.Serializable {}

  private static Outcome publish(
      JobContext context, Staging staging, Plan plan, DestinationFolder to, BundleFiles model)
      throws IOException {
    Map<Integer, String> notes = plan.labels().files().notes(context.hadoop());
    if (notes.size() != plan.notes()) {
      throw new JobException(
          JobException.Kind.INFRA,
          staging.run() + ": " + notes.size() + " of " + plan.notes() + " files are staged");
    }
    long pixels =
        plan.scenes().stream().mapToLong(scene -> (long) scene.width() * scene.height()).sum();
    Map<String, Object> counts = new LinkedHashMap<>();
    counts.put("counts.planned", plan.scenes().size());
    counts.put("counts.written", plan.scenes().size());
    counts.put("counts.buckets", plan.buckets().size());
    counts.put("counts.pixels", pixels);
    counts.put("modelDigest", model.digest());
    counts.put("maskSource", "predicted");
    boolean published =
        staging.publish(
            0, Lineage.record(staging.run(), context.scheme(), context.settings(), counts));
    if (!published && to.holds(NOUN, staging.run(), context.hadoop())) {
      return Outcome.alreadyPublished(staging.run());
    }
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("run", staging.run());
    summary.put("labels", to.path());
    summary.put("scenes", plan.scenes().size() + " with " + pixels + " pixels");
    return new Outcome(staging.run(), summary);
  }
}
