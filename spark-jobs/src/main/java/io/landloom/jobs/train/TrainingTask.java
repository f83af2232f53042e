package io.landloom.jobs.train;

import ai.djl.Device;
import com.typesafe.config.ConfigFactory;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.geo.source.HadoopByteSource;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.WholeFile;
import io.landloom.jobs.synthesize.PatchesFile;
import io.landloom.jobs.synthesize.TaskDevice;
import io.landloom.synthesis.gan.CsebganSettings;
import io.landloom.synthesis.gan.CsebganTrainer;
import io.landloom.synthesis.training.TrainingDivergedException;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.Precision;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Trains CSEBGAN in one task and writes the bundle into the run's folder.
 *
 * @param system keys of the system, as HOCON
 * @param scheme the land-cover scheme
 * @param files published patches
 * @param folder the run's staging folder
 * @param card what the model card says besides sizes
 * @param device auto, cpu or gpu
 * @param minutes most minutes to train, 0 until all steps are taken
 * @param checkpointMinutes minutes between checkpoints
 * @param maxPatches most patches to hold
 */
public record TrainingTask(
    String system,
    LandCoverScheme scheme,
    List<PatchesFile> files,
    String folder,
    Card card,
    String device,
    int minutes,
    int checkpointMinutes,
    int maxPatches)
    implements Serializable {
  /** Folder of the bundle below the run's. */
  public static final String BUNDLE = "bundle";

  private static final String CHECKPOINT = "_checkpoint.safetensors";
  private static final String LOSSES = "losses.csv";

  /**
   * Texts of the model card.
   *
   * @param name the model's name
   * @param dataset the training data, in words
   * @param licence the weights' licence
   */
  public record Card(String name, String dataset, String licence) implements Serializable {}

  /** Trains; goes on from a checkpoint where an interrupted start left one. */
  public TrainingReport run(Configuration configuration, LongConsumer taken) throws IOException {
    CsebganSettings settings = CsebganSettings.of(ConfigFactory.parseString(system));
    StoredPatches patches =
        StoredPatches.read(files, settings.patchSize(), maxPatches, configuration);
    Device chosen = TaskDevice.choose(device);
    long start = System.nanoTime();
    try (CsebganTrainer trainer = trainer(settings, patches, chosen, configuration)) {
      taken.accept(trainer.steps());
      LossTable losses = steps(trainer, settings, configuration, taken);
      ModelBundle bundle =
          trainer.bundle(card.name(), card.dataset(), card.licence(), Precision.F16);
      write(bundle, configuration);
      return new TrainingReport(
          trainer.steps(),
          patches.size(),
          bundle.digest(),
          TaskDevice.name(chosen),
          (System.nanoTime() - start) / 1e9,
          losses.last());
    } catch (TrainingDivergedException e) {
      throw new JobException(JobException.Kind.DATA, e.getMessage(), e);
    }
  }

  private CsebganTrainer trainer(
      CsebganSettings settings, StoredPatches patches, Device chosen, Configuration configuration)
      throws IOException {
    Path checkpoint = new Path(folder, CHECKPOINT);
    FileSystem fileSystem = checkpoint.getFileSystem(configuration);
    if (!fileSystem.exists(checkpoint)) {
      return new CsebganTrainer(settings, scheme, patches, chosen);
    }
    try (HadoopByteSource source = HadoopByteSource.open(fileSystem, checkpoint)) {
      return CsebganTrainer.resume(settings, scheme, patches, chosen, source);
    }
  }

  private LossTable steps(
      CsebganTrainer trainer,
      CsebganSettings settings,
      Configuration configuration,
      LongConsumer taken)
      throws IOException {
    long start = System.nanoTime();
    long end = minutes == 0 ? Long.MAX_VALUE : TimeUnit.MINUTES.toNanos(minutes);
    long period = TimeUnit.MINUTES.toNanos(checkpointMinutes);
    long nextCheckpoint = period;
    LossTable losses = LossTable.read(new Path(folder, LOSSES), trainer.steps(), configuration);
    while (trainer.steps() < settings.steps() && System.nanoTime() - start < end) {
      losses.add(trainer.step());
      taken.accept(1);
      if (System.nanoTime() - start > nextCheckpoint) {
        save(trainer, losses, configuration);
        nextCheckpoint += period;
      }
    }
    save(trainer, losses, configuration);
    return losses;
  }

  private void save(CsebganTrainer trainer, LossTable losses, Configuration configuration)
      throws IOException {
    losses.write(new Path(folder, LOSSES), configuration);
    WholeFile.write(
        new Path(folder, CHECKPOINT),
        configuration,
        file -> {
          try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            trainer.save(out);
          }
        });
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
