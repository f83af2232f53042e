package io.landloom.jobs.train;

import io.landloom.jobs.run.JobException;
import io.landloom.jobs.synthesize.BundleFiles;
import io.landloom.synthesis.weights.ModelBundle;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/**
 * The bundle that a training builds on, as it travels to the task.
 *
 * @param files the bundle's files; null where there is none
 */
record OtherBundle(BundleFiles files) implements Serializable {
  private static final String NONE = "none";

  /** No bundle. */
  static final OtherBundle NOTHING = new OtherBundle(null);

  /**
   * Finds what a key names.
   *
   * @throws JobException if it names a bundle that is not there
   */
  static OtherBundle find(String key, String value, Configuration configuration)
      throws IOException {
    return value.equals(NONE)
        ? NOTHING
        : new OtherBundle(BundleFiles.find(key, value, configuration));
  }

  /** For a run's identity: the digest in the place of where the bundle lies. */
  String digest() {
    return files == null ? NONE : files.digest();
  }

  /** The bundle. */
  Optional<ModelBundle> open() {
    try {
      return files == null ? Optional.empty() : Optional.of(files.open());
    } catch (IOException e) {
      throw new UncheckedIOException(files.name(), e);
    }
  }
}
