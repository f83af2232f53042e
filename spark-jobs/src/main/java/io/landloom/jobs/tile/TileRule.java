package io.landloom.jobs.tile;

import io.landloom.geo.landcover.LandCoverScheme;
import java.io.Serializable;

/**
 * How scenes are cut: everything a task needs besides the scene.
 *
 * @param scheme the land-cover scheme
 * @param coding auto, color, index, or a coding of the scheme
 * @param unknownOffPalette whether label values the scheme does not know become unknown
 * @param size side of a patch, in pixels
 * @param stride distance between patches, in pixels
 * @param maxUnknown a patch with a larger share of unknown pixels is dropped
 * @param split which split a patch belongs to, null where patches have none
 * @param pixels what becomes of the scenes' pixels
 */
public record TileRule(
    LandCoverScheme scheme,
    String coding,
    boolean unknownOffPalette,
    int size,
    int stride,
    double maxUnknown,
    SplitRule split,
    PixelRule pixels)
    implements Serializable {

  /** The rule with another one for pixels. */
  public TileRule with(PixelRule other) {
    return new TileRule(scheme, coding, unknownOffPalette, size, stride, maxUnknown, split, other);
  }
}
