package io.landloom.jobs.plan;

import io.landloom.jobs.run.JobException;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
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
 * @param seed of which of them layouts are like
 */
public record Shortfall(
    Goal goal,
    Tally there,
    long maskPixels,
    double eps,
    LongFunction<Decision> masks,
    List<double[]> real,
    long seed) {
  /** Most layouts of a plan. */
  public static final int MOST_LAYOUTS = 1_000_000;

  private static final int PARTS = 16;
  private static final int STEP = 4;

  /** What layouts must gain to be asked for where the goal is out of reach, as a share. */
  private static final double LEAST_GAIN = 0.001;

  /**
   * A plan.
   *
   * @param masks the masks that are there
   * @param layouts the layouts beside them
   * @param mixed what will be there in all
   * @param met whether the goal is met
   */
  public record Split(Decision masks, LayoutShares layouts, Tally mixed, boolean met) {
    /** A plan without layouts. */
    public static Split ofMasks(Decision masks, Tally mixed) {
      return new Split(masks, LayoutShares.none(), mixed, false);
    }
  }

  /**
   * The fewest layouts, in sixteenths of what masks could make, with which the goal is met: of
   * quarters first, then of what is less. Where none meets it, those that come nearest: by the
   * patches that are missing, then by the worst class, where more layouts must gain a tenth of a
   * point.
   *
   * @param pairs pairs of the plan
   * @param most pairs that masks can make
   * @throws JobException if masks run out so far that it takes more layouts than a plan may have
   */
  public Split of(long pairs, long most) {
    long least = Math.max(0, pairs - most);
    if (least > MOST_LAYOUTS) {
      throw JobException.user(
          String.format(
              "plan.layouts = auto: masks make %d of %d pairs, and a plan has at most %d layouts;"
                  + " plan for fewer pairs, or with a larger plan.maxReuse",
              most, pairs, MOST_LAYOUTS));
    }
    TreeMap<Long, Split> unmet = new TreeMap<>();
    for (int step : List.of(STEP, 1)) {
      for (int part = 0; part <= PARTS; part += step) {
        long layouts = layouts(pairs, least, part);
        if (unmet.containsKey(layouts)) {
          continue;
        }
        Split split = split(pairs, layouts);
        if (split.met()) {
          return part == 0 ? split : fewest(split, pairs, least, part, step);
        }
        unmet.put(layouts, split);
      }
    }
    Split best = unmet.firstEntry().getValue();
    for (Split split : unmet.values()) {
      if (NEARER.compare(nearness(split, LEAST_GAIN), nearness(best, 0)) < 0) {
        best = split;
      }
    }
    return best;
  }

  private record Nearness(long missing, double miss) {}

  private static final Comparator<Nearness> NEARER =
      Comparator.comparingLong(Nearness::missing).thenComparingDouble(Nearness::miss);

  private Nearness nearness(Split split, double handicap) {
    return new Nearness(
        goal.missingPatches(split.mixed()), goal.largestMiss(split.mixed().shares()) + handicap);
  }

  /** Bisects between parts of which the first is too few and the second enough. */
  private Split fewest(Split found, long pairs, long least, int part, int step) {
    Split best = found;
    int tooFew = part - step;
    int enough = part;
    while (enough - tooFew > 1) {
      int middle = (tooFew + enough) / 2;
      Split split = split(pairs, layouts(pairs, least, middle));
      if (split.met()) {
        best = split;
        enough = middle;
      } else {
        tooFew = middle;
      }
    }
    return best;
  }

  private static long layouts(long pairs, long least, int part) {
    return least + ((Math.min(pairs, MOST_LAYOUTS) - least) * part + PARTS - 1) / PARTS;
  }

  private Split split(long pairs, long layouts) {
    int classes = goal.classes().size();
    Decision decision =
        layouts < pairs ? masks.apply(pairs - layouts) : Decision.ofNoMasks(classes);
    Tally withMasks = there.plus(decision.planned());
    LayoutShares shares =
        layouts == 0
            ? LayoutShares.none()
            : LayoutShares.of(
                real,
                LayoutShares.wanted(goal, withMasks, layouts * maskPixels),
                goal.missing(withMasks),
                (int) layouts,
                seed);
    Tally mixed = withMasks.plus(shares.tally(classes, maskPixels, 1));
    return new Split(decision, shares, mixed, goal.isMet(mixed, eps));
  }
}
