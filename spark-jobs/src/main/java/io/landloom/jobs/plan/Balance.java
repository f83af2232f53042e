package io.landloom.jobs.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Decides how often each of many masks is used, so that the shares of the classes, real patches
 * included, come as near to those wanted as they can.
 *
 * <p>That is a linear program with a variable a mask, solved by column generation (Dantzig and
 * Wolfe 1960): a column is a whole choice of masks, known by its sums alone. A small program over
 * the columns found so far gives prices for pixels, patches and pairs; the choice that is best at
 * these prices, the masks of the highest scores, is the next column. It is done when no choice
 * would gain more than {@link #GAP}, and so every verdict is that of the whole program, however
 * many masks there are: a round passes over all masks two or four times and keeps nothing of them.
 *
 * <p>Scores are sorted into bins, and of the bin in which the choice ends a fraction is taken.
 * Where many masks score nearly alike, that choice can be short of the best one by more than the
 * gap; when the best choice gains nothing any more, the bin is sorted into bins of its own.
 *
 * <p>What is minimized: a large multiple of what the worst class misses beyond the tolerance; then
 * the mean absolute difference of the shares, or, without a budget, the number of pairs.
 */
final class Balance {
  private static final double PENALTY = 100;
  private static final double GAP = 1e-5;
  private static final int MOST_ROUNDS = 300;

  private final MaskPool pool;
  private final Goal goal;
  private final Tally real;
  private final double unit;
  private final int maskUnits;
  private final int maxReuse;
  private final List<MixProgram.Column> columns = new ArrayList<>();

  /**
   * Looks at no mask yet.
   *
   * @param real what is there already, in pixels
   * @param maskPixels pixels of a mask
   * @param maxReuse most pairs of a mask
   */
  Balance(MaskPool pool, Goal goal, Tally real, long maskPixels, int maxReuse) {
    this(
        pool,
        goal,
        real,
        MaskCounts.unit(maskPixels),
        (int) Math.ceil(maskPixels / MaskCounts.unit(maskPixels)),
        maxReuse);
  }

  private Balance(MaskPool pool, Goal goal, Tally real, double unit, int maskUnits, int maxReuse) {
    this.pool = pool;
    this.goal = goal;
    this.real = real;
    this.unit = unit;
    this.maskUnits = maskUnits;
    this.maxReuse = maxReuse;
  }

  /** The same masks for another goal. */
  Balance with(Goal other) {
    return new Balance(pool, other, real, unit, maskUnits, maxReuse);
  }

  /** The best mix of a number of pairs. */
  Mix of(long pairs, double eps) {
    columns.clear();
    double masks = pairs / (double) maxReuse;
    Score even = new Score(new double[real.pixels().length], new double[real.pixels().length], 0);
    MixProgram.Column start = column(highest(even, masks));
    double valid = real.valid() / unit + sum(start.pixels());
    MixProgram program =
        new MixProgram(goal, real, unit, eps, Math.max(1, valid), PENALTY, MixProgram.MEAN_MISS);
    return solve(
        program, start, score -> column(highest(score, masks)), part -> finer(part, masks));
  }

  /** The mix of fewest pairs that misses nothing, or the one that misses least. */
  Mix smallest(double eps) {
    columns.clear();
    double valid = Math.max(maskUnits, real.valid() / unit);
    MixProgram program =
        new MixProgram(
            goal, real, unit, eps, valid, PENALTY, 1 / Math.max(1.0, (double) pool.size()));
    int classes = real.pixels().length;
    Score none = new Score(new double[classes], new double[classes], -1);
    return solve(program, column(positive(none)), score -> column(positive(score)), part -> part);
  }

  private Mix solve(
      MixProgram program,
      MixProgram.Column start,
      Function<Score, MixProgram.Column> best,
      UnaryOperator<Part> finer) {
    columns.add(start);
    double gap = Double.MAX_VALUE;
    int rounds = 1;
    while (gap > GAP && rounds < MOST_ROUNDS) {
      MixProgram.Prices prices = program.prices(columns);
      MixProgram.Column next = best.apply(prices.score());
      if (prices.gain(next) <= MixProgram.NO_GAIN && prices.most(next) > GAP) {
        next = column(finer.apply(next.part()));
      }
      gap = prices.most(next);
      columns.add(next);
      rounds++;
    }
    return program.mix(columns, maxReuse, Math.max(0, gap), rounds);
  }

  /** The masks of the highest scores, as many as asked for. */
  private Part highest(Score score, double wanted) {
    double bound = Math.max(1e-300, score.bound(maskUnits));
    return cut(new Part(score, -bound, 2 * bound / Part.BINS, 0, 0), wanted);
  }

  /** The same masks, but for those of the bin in which the choice ended: of them, the highest. */
  private Part finer(Part part, double wanted) {
    // all that score lower are in the first bin, all that score higher in the last
    double width = part.width() / (Part.BINS - 2);
    double low = part.low() + part.bin() * part.width() - width;
    return cut(new Part(part.score(), low, width, 0, 0), wanted);
  }

  private Part cut(Part bins, double wanted) {
    long[] sizes = pool.bins(bins);
    long above = 0;
    for (int bin = Part.BINS - 1; bin > 0; bin--) {
      if (above + sizes[bin] >= wanted) {
        return bins.at(bin, sizes[bin] == 0 ? 0 : (wanted - above) / sizes[bin]);
      }
      above += sizes[bin];
    }
    return bins.at(0, sizes[0] == 0 ? 0 : Math.min(1, (wanted - above) / sizes[0]));
  }

  /** The masks of a score above zero. */
  private Part positive(Score score) {
    double bound = Math.max(1e-300, 2 * score.bound(maskUnits));
    return new Part(score, -bound, bound, 0, 0);
  }

  private MixProgram.Column column(Part part) {
    Tally[] sums = pool.sums(part);
    int classes = real.pixels().length;
    double[] pixels = new double[classes];
    double[] patches = new double[classes];
    for (int k = 0; k < classes; k++) {
      pixels[k] = maxReuse * (sums[0].pixels()[k] + part.fraction() * sums[1].pixels()[k]);
      patches[k] = maxReuse * (sums[0].patches()[k] + part.fraction() * sums[1].patches()[k]);
    }
    double inBin = maxReuse * part.fraction() * sums[1].count();
    return new MixProgram.Column(
        part, pixels, patches, maxReuse * (double) sums[0].count() + inBin, inBin);
  }

  private static double sum(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum;
  }
}
