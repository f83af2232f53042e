package io.landloom.jobs;

import io.landloom.jobs.run.DatasetRoot;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.Printable;
import io.landloom.jobs.run.RunRecord;
import io.landloom.jobs.tile.HeaderReading;
import io.landloom.jobs.tile.InputKeys;
import io.landloom.jobs.tile.SceneEntry;
import io.landloom.jobs.tile.SceneFile;
import io.landloom.jobs.tile.ScenesFile;
import io.landloom.jobs.tile.TileBucket;
import io.landloom.jobs.tile.TileRule;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.fs.Path;

/**
 * Says what a job would make and cost, and makes nothing: patches or pairs, bytes, files and hours.
 *
 * <p>Sizes and rates are those of a run that was measured: the newest of the job in the dataset, or
 * the one whose {@code run.json} is given. Without one they are left open, never guessed.
 */
final class DryRun {
  private static final int SAMPLE = 64;

  private final JobContext context;

  DryRun(JobContext context) {
    this.context = context;
  }

  /** Prints the estimate of a job. */
  void print(JobName job) throws IOException {
    line("dry run of " + job.text(), "nothing is made");
    switch (job) {
      case TILE -> tile();
      case SYNTHESIZE -> synthesize();
      case EXPORT -> export();
      default ->
          line("estimate", "none: only tile, synthesize and export cost what is worth planning");
    }
  }

  private void tile() throws IOException {
    List<SceneFile> listed = TileScenes.list(context);
    List<SceneFile> files = notPublished(listed);
    if (files.size() < listed.size()) {
      line(
          "published before",
          count(listed.size() - files.size())
              + " of "
              + count(listed.size())
              + " scenes by their names, left out; whether they have changed is not looked for");
    }
    if (files.isEmpty()) {
      line("scenes", "none is new");
      return;
    }
    TileRule rule = TileScenes.rule(context);
    Sample sample = Sample.of(files, rule, context);
    if (sample.read().isEmpty()) {
      throw JobException.rejected(
          "none of "
              + sample.tried()
              + " sampled scenes can be tiled, the first because "
              + sample.refused().get(0));
    }
    long patches = Math.round(sample.patchesEach(rule) * files.size());
    long pixelBytes = sample.largestPatch(rule.size());
    line(
        "scenes",
        String.format(
            Locale.ROOT,
            "%,d, headers read of %,d, %d of them refused",
            files.size(),
            sample.tried(),
            sample.refused().size()));
    sample.refused().stream().limit(3).forEach(message -> line("refused", message));
    line(
        "patches",
        String.format(
            Locale.ROOT,
            "%s%,d, %,.1f a scene",
            sample.tried() == files.size() ? "" : "about ",
            patches,
            sample.patchesEach(rule)));
    size("patch", patches, pixelBytes, rule.size());
    line("files", files(sample, rule, files.size(), patches) + " a table");
  }

  /** Scenes whose names no published run knows; all of them where changed ones are replaced. */
  private List<SceneFile> notPublished(List<SceneFile> listed) throws IOException {
    DatasetRoot dataset = context.dataset();
    if (context.settings().flag("tile.replace") || !dataset.exists()) {
      return listed;
    }
    Set<String> published = new HashSet<>();
    for (RunRecord tiling : dataset.runs(JobName.TILE.text())) {
      published.addAll(new ScenesFile(dataset.run(tiling.runId()), context.hadoop()).ids());
    }
    return listed.stream().filter(file -> !published.contains(file.id().name())).toList();
  }

  /** Buckets as they are cut, between blocks; of many small scenes as many as the patches fill. */
  private String files(Sample sample, TileRule rule, int scenes, long patches) {
    int rows = context.bucketRows(sample.largestPatch(rule.size()));
    int buckets = TileBucket.plan(sample.read(), rule, rows).size();
    if (sample.tried() == scenes) {
      return count(buckets);
    }
    return "about "
        + count(
            buckets > 1
                ? Math.round((double) buckets * scenes / sample.tried())
                : (patches + rows - 1) / rows);
  }

  private void synthesize() throws IOException {
    RunRecord plan = SynthesizePairs.plan(context.settings(), context.dataset());
    long side = plan.number("patchSize");
    line("plan", plan.runId().text());
    line("pairs", count(plan.number("counts.pairs")));
    if (plan.fields().containsKey(PlannedLayouts.COUNT)) {
      line(
          "layouts",
          count(plan.number(PlannedLayouts.COUNT)) + " masks are drawn first, by layouts.model");
    }
    size("pair", plan.number("counts.pairs"), side * side * 4, side);
    line("files", count(plan.number("counts.buckets")) + " a table");
  }

  private void export() throws IOException {
    ExportDataset.Request request = ExportDataset.request(context);
    if (ExportDataset.isThere(context, request)) {
      line("exported before", request.to().path() + " is this export; nothing to do");
      return;
    }
    ExportDataset.Planned planned = ExportDataset.plan(context, request);
    line("export", request.run() + " as " + request.format().text() + " to " + request.to().path());
    line("pairs", count(planned.pairs()) + " " + planned.bySplit());
    if (planned.unlabelled() > 0) {
      line("left out", count(planned.unlabelled()) + " patches without labels");
    }
    // with names of classes, and run.json
    line("files", count(request.format().files(planned.buckets()) + 2));
    line("bytes", exportedBytes(request, planned));
  }

  private String exportedBytes(ExportDataset.Request request, ExportDataset.Planned planned)
      throws IOException {
    long stored = planned.pairs() * request.format().bytesAround();
    long pixels = 0;
    for (int i = 0; i < request.files().size(); i++) {
      long rows = planned.contents().get(i).total();
      stored += rows == 0 ? 0 : request.files().get(i).storedBytes(rows, context.hadoop());
      pixels += planned.contents().get(i).pixelBytes();
    }
    return "about "
        + bytes(stored)
        + (request.format().copiesImages()
            ? ", images as they are stored"
            : " if Deflate does as well as what is stored; " + bytes(pixels) + " of pixels");
  }

  /** Bytes and hours of so many rows, from a measured run of patches of the same size. */
  private void size(String what, long rows, long pixelBytes, long side) throws IOException {
    String most = "at most " + bytes(rows * pixelBytes) + " of pixels";
    Optional<RunRecord> found =
        measured(what.equals("pair") ? "synthesize" : "tile").filter(DryRun::madeSomething);
    if (found.isEmpty()) {
      line("bytes", most + "; no run was measured");
      line("hours", "open: make a small part first, or give dryRun.measured=RUN.json");
      return;
    }
    RunRecord run = found.get();
    double written = run.number("counts.written");
    double each = run.number("counts.bytes") / written;
    line(
        "bytes",
        String.format(
            Locale.ROOT,
            "about %s, %s a %s as in %s; %s",
            bytes(Math.round(each * rows)),
            bytes(Math.round(each)),
            what,
            run.runId(),
            most));
    if (!run.fields().containsKey("taskSeconds")) {
      line("hours", "open: " + run.runId() + " did not measure its tasks");
      return;
    }
    double seconds = Double.parseDouble(run.text("taskSeconds")) / written;
    String device = String.valueOf(run.fields().getOrDefault("device", "cpu"));
    line(
        device.startsWith("gpu") ? "GPU-hours" : "core-hours",
        String.format(
            Locale.ROOT,
            "about %,.2f, %.2f ms a %s of %d pixels a side on %s as in %s%s",
            seconds * rows / 3600,
            seconds * 1e3,
            what,
            side,
            device,
            run.runId(),
            measuredSide(run) == side ? "" : ", which had " + measuredSide(run) + " a side"));
  }

  /** A run that lost all it had to make has no size and no rate. */
  private static boolean madeSomething(RunRecord run) {
    return run.fields().containsKey("counts.written") && run.number("counts.written") > 0;
  }

  private static long measuredSide(RunRecord run) {
    return run.fields().containsKey("patchSize") ? run.number("patchSize") : -1;
  }

  private Optional<RunRecord> measured(String job) throws IOException {
    Optional<String> file = context.settings().optionalText("dryRun.measured");
    if (file.isEmpty()) {
      DatasetRoot dataset = context.dataset();
      return dataset.exists() ? dataset.newest(job) : Optional.empty();
    }
    RunRecord run = RunRecord.read(new Path(file.get()), context.hadoop());
    if (!run.runId().job().equals(job)) {
      throw JobException.user(
          "dryRun.measured = "
              + file.get()
              + ": is of a "
              + run.runId().job()
              + ", not of a "
              + job);
    }
    return Optional.of(run);
  }

  private void line(String name, String text) {
    context.out().println(name + ": " + Printable.of(text));
  }

  private static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  private static String bytes(long number) {
    String[] units = {"B", "kB", "MB", "GB", "TB", "PB"};
    double value = number;
    int unit = 0;
    while (value >= 1000 && unit < units.length - 1) {
      value /= 1000;
      unit++;
    }
    return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
  }

  /**
   * Headers of some scenes, evenly from the first to the last.
   *
   * @param tried scenes whose headers were asked for
   * @param read those that can be tiled
   * @param refused why the others cannot
   */
  private record Sample(int tried, List<SceneEntry> read, List<String> refused) {
    static Sample of(List<SceneFile> files, TileRule rule, JobContext context) throws IOException {
      int tried = Math.min(SAMPLE, files.size());
      List<SceneEntry> read = new ArrayList<>();
      List<String> refused = new ArrayList<>();
      for (int i = 0; i < tried; i++) {
        SceneFile file = files.get((int) ((long) i * files.size() / tried));
        HeaderReading reading =
            HeaderReading.withoutChecksums(file, rule, InputKeys.OF_JOBS, context.hadoop());
        if (reading.entry() == null) {
          refused.add(reading.refusal().message());
        } else {
          read.add(reading.entry());
        }
      }
      return new Sample(tried, read, refused);
    }

    /** Patches a scene, refused ones included, which have none. */
    double patchesEach(TileRule rule) {
      long sum =
          read.stream().mapToLong(scene -> scene.grid(rule.size(), rule.stride()).patches()).sum();
      return (double) sum / tried;
    }

    long largestPatch(int size) {
      return read.stream().mapToLong(scene -> scene.patchBytes(size)).max().orElseThrow();
    }
  }
}
