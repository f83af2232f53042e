package io.landloom.jobs.synthesize;

import io.landloom.geo.source.MemoryByteSource;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.Paths;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The files of a model bundle in memory, as they travel to executors.
 *
 * @param name where they came from
 * @param card the card
 * @param weights the safetensors
 */
public record BundleFiles(String name, byte[] card, byte[] weights) implements Serializable {
  private static final String SHIPPED = "landloom/models/";
  private static final long MOST_BYTES = 512L << 20;

  /**
   * Finds a bundle: a folder of any file system, or the name of one that ships.
   *
   * @throws JobException if there is none
   */
  public static BundleFiles find(String model, Configuration configuration) throws IOException {
    return find("model", model, configuration);
  }

  /**
   * Finds the bundle that a key of the configuration names.
   *
   * @throws JobException if there is none
   */
  public static BundleFiles find(String key, String model, Configuration configuration)
      throws IOException {
    Path folder = Paths.of(key, model);
    FileSystem fileSystem = folder.getFileSystem(configuration);
    Path card = new Path(folder, ModelBundle.CARD_FILE);
    Path weights = new Path(folder, ModelBundle.WEIGHTS_FILE);
    if (fileSystem.exists(card) && fileSystem.exists(weights)) {
      return new BundleFiles(model, read(fileSystem, card), read(fileSystem, weights));
    }
    if (model.matches("[A-Za-z0-9_-]+")) {
      byte[] shippedCard = resource(SHIPPED + model + "/" + ModelBundle.CARD_FILE);
      byte[] shippedWeights = resource(SHIPPED + model + "/" + ModelBundle.WEIGHTS_FILE);
      if (shippedCard != null && shippedWeights != null) {
        return new BundleFiles(model, shippedCard, shippedWeights);
      }
    }
    throw JobException.user(
        key
            + " = "
            + model
            + ": neither a folder with "
            + ModelBundle.CARD_FILE
            + " and "
            + ModelBundle.WEIGHTS_FILE
            + " nor the name of a bundle that ships");
  }

  private static byte[] read(FileSystem fileSystem, Path path) throws IOException {
    long length = fileSystem.getFileStatus(path).getLen();
    if (length > MOST_BYTES) {
      throw JobException.user(path + ": " + length + " bytes; at most " + MOST_BYTES);
    }
    try (FSDataInputStream in = fileSystem.open(path)) {
      return in.readNBytes((int) length);
    }
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = BundleFiles.class.getClassLoader().getResourceAsStream(name)) {
      return in == null ? null : in.readAllBytes();
    }
  }

  /** Digest of everything that decides what the model does. */
  public String digest() {
    try {
      return open().digest();
    } catch (IOException e) {
      throw new UncheckedIOException(name, e);
    }
  }

  /**
   * The bundle.
   *
   * @throws JobException if the files are damaged or do not belong together
   */
  public ModelBundle open() throws IOException {
    try {
      return ModelBundle.read(
          new MemoryByteSource(name + "/" + ModelBundle.CARD_FILE, card),
          new MemoryByteSource(name + "/" + ModelBundle.WEIGHTS_FILE, weights));
    } catch (ModelException e) {
      throw new JobException(JobException.Kind.USER, e.getMessage(), e);
    }
  }
}
