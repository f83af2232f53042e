package io.landloom.jobs.synthesize;

import io.landloom.geo.landcover.LandCoverClass;
import io.landloom.geo.landcover.LandCoverScheme;
import java.io.Serializable;

/**
 * What differs between the copies that a plan asks for.
 *
 * @param position position in the scheme of the one class that is drawn anew, and that a mask must
 *     show; {@link StoredMask#ANY_CLASS} where all is
 * @param index index of that class, null where all is drawn anew
 */
public record Redraw(int position, Integer index) implements Serializable {
  /** All of the image. */
  public static final Redraw ALL = new Redraw(StoredMask.ANY_CLASS, null);

  /** One class; copies of a mask differ in it, and keep the noise of all others. */
  public static Redraw of(LandCoverScheme scheme, LandCoverClass only) {
    return new Redraw(scheme.position(only.index()), only.index());
  }

  /** Why a mask is planned, in words. */
  String reason() {
    return index == null ? "every training mask" : "every training mask with the redrawn class";
  }
}
