package io.landloom.jobs.plan;

import io.landloom.geo.landcover.LandCoverClass;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.synthesize.Redraw;
import java.io.Serializable;
import java.util.List;

/**
 * Which class of a mask is drawn anew in its copies.
 *
 * @param always index of the class, the same for all masks; null where that differs, or all is
 *     drawn anew
 * @param positions positions of the classes to choose from
 * @param indices their indices
 * @param lacks by how many times each should be more than it is; none is chosen that lacks nothing
 */
public record RedrawnClass(Integer always, int[] positions, int[] indices, double[] lacks)
    implements Serializable {
  private static final double LEAST_SHARE = 0.01;

  /** What {@code plan.redraw} says of all masks. */
  public static RedrawnClass of(Redraw redraw) {
    return new RedrawnClass(redraw.index(), new int[0], new int[0], new double[0]);
  }

  /**
   * The class of the mask that should grow most, as a multiple of what is there.
   *
   * @param goal the shares wanted
   * @param shares the shares that are there
   */
  public static RedrawnClass deficit(LandCoverScheme scheme, Goal goal, double[] shares) {
    List<LandCoverClass> classes = scheme.validClasses();
    double[] lacks = new double[classes.size()];
    for (int k = 0; k < lacks.length; k++) {
      boolean lacking = goal.wants(k) && goal.shares()[k] > shares[k];
      lacks[k] = lacking ? goal.shares()[k] / Math.max(shares[k], 1e-9) : 0;
    }
    return new RedrawnClass(
        null,
        classes.stream().mapToInt(one -> scheme.position(one.index())).toArray(),
        classes.stream().mapToInt(LandCoverClass::index).toArray(),
        lacks);
  }

  /** Index of the class for a mask of so many pixels by position; null to draw all anew. */
  Integer of(long[] pixels) {
    long sum = 0;
    for (long one : pixels) {
      sum += one;
    }
    Integer chosen = always;
    double most = 0;
    for (int k = 0; k < lacks.length; k++) {
      if (lacks[k] > most && pixels[positions[k]] >= LEAST_SHARE * sum) {
        most = lacks[k];
        chosen = indices[k];
      }
    }
    return chosen;
  }
}
