package io.landloom.jobs.evaluate;

import io.landloom.jobs.synthesize.BundleFiles;
import io.landloom.synthesis.weights.ModelBundle;
import io.landloom.synthesis.weights.ModelCard;
import java.io.IOException;
import java.io.Serializable;
import java.util.SortedMap;
import org.apache.hadoop.conf.Configuration;

/** How a model is measured, in one task. */
public interface Evaluation extends Serializable {
  /** Published patches that are measured with. */
  Patches patches();

  /** Bundle of the model that is measured. */
  BundleFiles model();

  /** How much is measured. */
  EvaluationRule rule();

  /** Digests of the model and of what it is measured with, by what they are. */
  SortedMap<String, String> identity() throws IOException;

  /** Number of parts {@link #run} reports. */
  int parts();

  /**
   * Measures.
   *
   * @param part runs when a part is done
   */
  EvaluationResults run(Configuration configuration, Runnable part) throws IOException;

  /** A model in words. */
  static String described(ModelBundle bundle) {
    ModelCard.Training training = bundle.card().training();
    return String.format(
        "%s, %d steps, seed %d, digest %s",
        bundle.card().name(), training.steps(), training.seed(), bundle.digest());
  }
}
