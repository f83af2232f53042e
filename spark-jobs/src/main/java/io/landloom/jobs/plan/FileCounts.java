package io.landloom.jobs.plan;

import io.landloom.jobs.synthesize.PatchesFile;
import java.io.Serializable;

/**
 * What a plan knows of a file of patches.
 *
 * @param file the file
 * @param real its labelled patches of the training split
 * @param candidates those of their masks that may be chosen
 */
public record FileCounts(PatchesFile file, Tally real, MaskCounts candidates)
    implements Serializable {
  /** How many masks may be chosen. */
  public int size() {
    return candidates.size();
  }
}
