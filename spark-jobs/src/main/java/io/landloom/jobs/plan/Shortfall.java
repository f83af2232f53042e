package io.landloom.jobs.plan;

import java.util.List;
import java.util.function.LongFunction;

/**
 * Parts a plan's pairs between masks that are there and layouts that are to be drawn: layouts stand
 * in where masks run out, and where no choice of masks meets the goal.
 *
 * @param goal what is wanted
 * @param there what is there already
 * @param maskPixels pixels of a mask, and of a layout
 * @param eps what the share of a class may miss
 * @param masks decides for a number of pairs, from 1, which masks they are of
 * @param real shares of real masks, which layouts are to be like
 * @param seed of the order in which layouts take after them
 */
public record Shortfall(
    Goal goal,
    Tally there,
    long maskPixels,
    double eps,
    LongFunction<Decision> masks,
    List<double[]> real,
    long seed) {
  private static final int PARTS = 16;

  /**
   * A plan.
   *
   * @param masks the masks that are there
   * @param layouts shares of the layouts beside them
   * @param miss what the worst class misses
   * @param met whether the goal is met
   */
  public record Split(Decision masks, double[][] layouts, double miss, boolean met) {}

  /**
   * The fewest layouts, in sixteenths of what masks could make, with which the goal is met; where
   * no number of them meets it, all masks or all layouts, whichever comes nearer.
   *
   * @param pairs pairs of the plan
   * @param most pairs that masks can make
   */
  public Split of(long pairs, long most) {
    long least = Math.max(0, pairs - most);
    Split fewest = split(pairs, least);
    if (fewest.met()) {
      return fewest;
    }
    Split best = split(pairs, pairs);
    if (!best.met()) {
      return best.miss() < fewest.miss() ? best : fewest;
    }
    int tooFew = 0;
    int enough = PARTS;
    while (enough - tooFew > 1) {
      int middle = (tooFew + enough) / 2;
      long layouts = least + ((pairs - least) * middle + PARTS - 1) / PARTS;
      Split split = split(pairs, layouts);
      if (split.met()) {
        best = split;
        enough = middle;
      } else {
        tooFew = middle;
      }
    }
    return best;
  }

  private Split split(long pairs, long layouts) {
    int classes = goal.classes().size();
    Decision decision =
        layouts < pairs ? masks.apply(pairs - layouts) : Decision.ofNoMasks(classes);
    Tally withMasks = there.plus(decision.planned());
    double[][] shares =
        layouts == 0
            ? new double[0][]
            : LayoutShares.of(
                real,
                LayoutShares.wanted(goal, withMasks, layouts * maskPixels),
                Math.toIntExact(layouts),
                seed);
    Tally mixed = withMasks.plus(Tally.ofShares(shares, classes, maskPixels, 1));
    return new Split(decision, shares, goal.largestMiss(mixed.shares()), goal.isMet(mixed, eps));
  }
}
