package io.landloom.jobs.train;

import ai.djl.Device;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.geo.source.ByteSource;
import io.landloom.geo.source.HadoopByteSource;
import io.landloom.jobs.progress.LatestStep;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.WholeFile;
import io.landloom.jobs.source.Captions;
import io.landloom.jobs.synthesize.PatchesFile;
import io.landloom.jobs.synthesize.TaskDevice;
import io.landloom.jobs.train.TrainableSystem.Training;
import io.landloom.synthesis.training.TrainingDivergedException;
import io.landloom.synthesis.weights.ModelBundle;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains a system in one task and writes the bundle, the losses and sheets of samples into the
 * run's folder.
 *
 * @param system what is trained
 * @param scheme the land-cover scheme
 * @param files published patches
 * @param captions what was written about them
 * @param folder the run's staging folder
 * @param card what the model card says besides sizes
 * @param device auto, cpu or gpu
 * @param limits how long and how often
 */
public record TrainingTask(
    TrainableSystem system,
    LandCoverScheme scheme,
    List<PatchesFile> files,
    Captions captions,
    String folder,
    Card card,
    String device,
    Limits limits)
    implements Serializable {
  /** Folder of the bundle below the run's. */
  public static final String BUNDLE = "bundle";

  private static final String CHECKPOINT = "_checkpoint.safetensors";
  private static final String LOSSES = "losses.csv";
  private static final String PLOT = "losses.png";
  private static final String SHEET = "sheets/step-%08d.png";
  private static final Logger log = LoggerFactory.getLogger(TrainingTask.class);

  /**
   * Texts of the model card.
   *
   * @param name the model's name
   * @param dataset the training data, in words
   * @param licence the weights' licence
   */
  public record Card(String name, String dataset, String licence) implements Serializable {}

  /**
   * How long and how often.
   *
   * @param minutes most minutes to train, 0 until all steps are taken
   * @param checkpointMinutes minutes between checkpoints
   * @param checkpointSteps steps between checkpoints, 0 to go by minutes alone
   * @param sheetSteps steps between sheets of samples, 0 for none
   * @param maxPatches about how many patches of a split to hold
   */
  public record Limits(
      int minutes, int checkpointMinutes, int checkpointSteps, int sheetSteps, int maxPatches)
      implements Serializable {}

  /** Trains; goes on from a checkpoint where an interrupted start left one. */
  public TrainingReport run(Configuration configuration, Consumer<LatestStep.Step> reached)
      throws IOException {
    StoredPatches patches = patches("train", configuration);
    if (patches.size() == 0) {
      throw JobException.user(
          "there is no "
              + (system.learned() == TrainableSystem.Learned.IMAGES ? "" : "labelled ")
              + "patch of the training split to train on");
    }
    if (!captions.byPatch().isEmpty() && !patches.isCaptioned()) {
      throw JobException.user("captions.file names no patch of the training split");
    }
    StoredPatches validation = patches("val", configuration);
    Device chosen = TaskDevice.choose(device);
    long start = System.nanoTime();
    try (Training training = open(patches, chosen, configuration)) {
      StoredPatches shown = validation.size() > 0 ? validation : patches;
      Showing showing = new Showing(shown.only(system.shown(shown, scheme)), chosen);
      LossTable losses = steps(training, showing, configuration, reached);
      ModelBundle bundle = training.bundle(card);
      TrainableSystem.Sets sets = new TrainableSystem.Sets(patches, validation);
      SortedMap<String, Double> measures = system.measure(bundle, scheme, sets, chosen);
      write(bundle.withMetrics(measures), configuration);
      plot(losses, configuration);
      return new TrainingReport(
          training.steps(),
          patches.size(),
          bundle.digest(),
          TaskDevice.name(chosen),
          (System.nanoTime() - start) / 1e9,
          losses.last(),
          measures);
    } catch (TrainingDivergedException e) {
      throw new JobException(JobException.Kind.DATA, e.getMessage(), e);
    }
  }

  private StoredPatches patches(String split, Configuration configuration) throws IOException {
    StoredPatches.Wanted wanted = new StoredPatches.Wanted(split, system.learned());
    return StoredPatches.read(
        files, captions, wanted, system.sizes(), limits.maxPatches(), configuration);
  }

  /**
   * What a sheet is drawn of.
   *
   * @param items patches of the split val, or of train where there is none
   * @param device where the model draws
   */
  private record Showing(StoredPatches items, Device device) {}

  private Training open(StoredPatches patches, Device chosen, Configuration configuration)
      throws IOException {
    Path checkpoint = new Path(folder, CHECKPOINT);
    FileSystem fileSystem = checkpoint.getFileSystem(configuration);
    if (!fileSystem.exists(checkpoint)) {
      return system.open(new TrainableSystem.Start(scheme, patches, chosen, Optional.empty()));
    }
    try (ByteSource source = HadoopByteSource.open(fileSystem, checkpoint)) {
      return system.open(new TrainableSystem.Start(scheme, patches, chosen, Optional.of(source)));
    }
  }

  private LossTable steps(
      Training training,
      Showing showing,
      Configuration configuration,
      Consumer<LatestStep.Step> reached)
      throws IOException {
    long start = System.nanoTime();
    long end = limits.minutes() == 0 ? Long.MAX_VALUE : TimeUnit.MINUTES.toNanos(limits.minutes());
    long period = TimeUnit.MINUTES.toNanos(limits.checkpointMinutes());
    long nextCheckpoint = period;
    long before = training.steps();
    LossTable losses = LossTable.read(new Path(folder, LOSSES), before, configuration);
    reached.accept(new LatestStep.Step(before, before, losses.last()));
    while (training.steps() < system.sizes().steps() && System.nanoTime() - start < end) {
      losses.add(training.step());
      reached.accept(new LatestStep.Step(before, training.steps(), losses.last()));
      boolean timely = System.nanoTime() - start > nextCheckpoint;
      if (timely || isMultiple(training.steps(), limits.checkpointSteps())) {
        save(training, losses, configuration);
        nextCheckpoint += timely ? period : 0;
      }
      if (isMultiple(training.steps(), limits.sheetSteps())) {
        show(training, showing, configuration);
      }
    }
    save(training, losses, configuration);
    return losses;
  }

  private static boolean isMultiple(long step, int period) {
    return period > 0 && step % period == 0;
  }

  private void save(Training training, LossTable losses, Configuration configuration)
      throws IOException {
    losses.write(new Path(folder, LOSSES), configuration);
    WholeFile.write(
        new Path(folder, CHECKPOINT),
        configuration,
        file -> {
          try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            training.save(out);
          }
        });
  }

  private void show(Training training, Showing showing, Configuration configuration)
      throws IOException {
    ModelBundle bundle = training.bundle(card);
    byte[] png = SampleSheet.png(system.sheet(bundle, scheme, showing.items(), showing.device()));
    Path path = new Path(folder, String.format(Locale.ROOT, SHEET, training.steps()));
    WholeFile.write(path, configuration, file -> Files.write(file, png));
  }

  private void plot(LossTable losses, Configuration configuration) throws IOException {
    byte[] png;
    try {
      png = LossPlot.png(losses);
    } catch (RuntimeException | InternalError | LinkageError e) {
      // a Java without fonts cannot write text; a picture is no reason to lose a training
      log.warn("no {}: {}; {} has the losses", PLOT, e, LOSSES);
      return;
    }
    WholeFile.write(new Path(folder, PLOT), configuration, file -> Files.write(file, png));
  }

  /** Removes from a published run what only a restart before that needed. */
  public static void forgetCheckpoint(Path run, Configuration configuration) throws IOException {
    WholeFile.delete(new Path(run, CHECKPOINT), configuration);
  }

  private void write(ModelBundle bundle, Configuration configuration) throws IOException {
    Path target = new Path(folder, BUNDLE);
    WholeFile.write(
        new Path(target, ModelBundle.WEIGHTS_FILE),
        configuration,
        weights ->
            WholeFile.write(
                new Path(target, ModelBundle.CARD_FILE),
                configuration,
                card -> {
                  try (OutputStream cardOut = Files.newOutputStream(card);
                      OutputStream weightsOut =
                          new BufferedOutputStream(Files.newOutputStream(weights))) {
                    bundle.write(cardOut, weightsOut);
                  }
                }));
  }
}
