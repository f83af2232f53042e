package io.landloom.jobs.tile;

import java.io.Serializable;

/**
 * What the user calls the inputs, for messages that say what to do.
 *
 * @param scenes key of the scenes' folder
 * @param labels key of the labels' folder
 * @param offPalette key of what happens to label values the scheme does not know
 * @param bands key of the bands to keep
 * @param stretch key of how samples become 8 bits
 * @param size key of a patch's side
 */
public record InputKeys(
    String scenes, String labels, String offPalette, String bands, String stretch, String size)
    implements Serializable {
  /** The keys of the configuration. */
  public static final InputKeys OF_JOBS =
      new InputKeys(
          "input.scenes",
          "input.labels",
          "labels.offPalette",
          "input.bands",
          "input.stretch",
          "patch.size");
}
