package io.landloom.jobs.plan;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.exception.TooManyIterationsException;
import org.apache.commons.math3.optim.MaxIter;
import org.apache.commons.math3.optim.PointValuePair;
import org.apache.commons.math3.optim.linear.LinearConstraint;
import org.apache.commons.math3.optim.linear.LinearConstraintSet;
import org.apache.commons.math3.optim.linear.LinearObjectiveFunction;
import org.apache.commons.math3.optim.linear.NonNegativeConstraint;
import org.apache.commons.math3.optim.linear.PivotSelectionRule;
import org.apache.commons.math3.optim.linear.Relationship;
import org.apache.commons.math3.optim.linear.SimplexSolver;
import org.apache.commons.math3.optim.nonlinear.scalar.GoalType;

/**
 * The linear program over the columns of {@link Balance}, solved by the simplex method of Apache
 * Commons Math.
 *
 * <p>Let w be the weights of the columns, B the real pixels, A those of the columns, T = B + wA the
 * valid ones of both, t the shares wanted, e the tolerance, n the patches wanted and P those that
 * show a class. For each class with a share, |B_k - t_k B + w(A_k - t_k A)| &lt;= e T + z T0; for
 * each with a number of patches, P_k / n_k &gt;= 1 - z; and the weights add up to 1. Minimized is M
 * z plus the mean of |B_k - t_k B + w(A_k - t_k A)| / T0, or plus the pairs. Both sides of the
 * first are linear in w, so that z = 0 says exactly that every class is within the tolerance.
 */
final class MixProgram {
  /** Cost of a pair that asks for the mean miss to be minimized in place of the pairs. */
  static final double MEAN_MISS = 0;

  private static final int FEW_ITERATIONS = 2_000;
  private static final int MOST_ITERATIONS = 50_000;
  private static final double UNTIE = 1e-8;

  /** A gain that is none: columns that are there already can have it, as ties are broken. */
  static final double NO_GAIN = 2 * UNTIE;

  private static final double EPSILON = 1e-9;
  private static final double LEAST_WEIGHT = 1e-9;

  private final List<Row> rows = new ArrayList<>();
  private final double penalty;
  private final double pairCost;
  private final int means;
  private final int classes;

  /**
   * A choice of masks by its sums.
   *
   * @param part the choice
   * @param pixels units of pixels of each class
   * @param patches pairs that show each class
   * @param pairs pairs
   * @param inBin how many of them are of the bin that is taken by a fraction
   */
  record Column(Part part, double[] pixels, double[] patches, double pairs, double inBin) {}

  /**
   * What the program over some columns says of all others.
   *
   * @param score what a column gains, its own cost taken off
   * @param constant what is to be added to that; a column that gains more than nothing helps
   */
  record Prices(Score score, double constant) {
    /** What a column gains. */
    double gain(Column column) {
      return constant + score.of(column.pixels(), column.patches(), column.pairs());
    }

    /** What the best choice gains at most, if this column is the best one that bins can tell. */
    double most(Column best) {
      return gain(best) + best.part().width() * best.inBin();
    }
  }

  /** Something that must not be negative: linear in a column's sums, plus z or a class' slack. */
  private record Row(
      double[] ofPixels, double[] ofPatches, double constant, double ofViolation, int slack) {
    double of(Column column) {
      double sum = 0;
      for (int k = 0; k < ofPixels.length; k++) {
        sum += ofPixels[k] * column.pixels()[k] + ofPatches[k] * column.patches()[k];
      }
      return sum;
    }
  }

  /**
   * The program without columns.
   *
   * @param unit pixels of a unit
   * @param scale T0, in units
   * @param penalty M
   * @param pairCost cost of a pair, or {@link #MEAN_MISS}
   */
  MixProgram(
      Goal goal,
      Tally real,
      double unit,
      double eps,
      double scale,
      double penalty,
      double pairCost) {
    this.penalty = penalty;
    this.pairCost = pairCost;
    this.classes = real.pixels().length;
    int slack = 0;
    double valid = real.valid() / unit;
    for (int k = 0; k < classes; k++) {
      if (goal.wants(k)) {
        double share = goal.shares()[k];
        double there = real.pixels()[k] / unit - share * valid;
        for (int sign : new int[] {1, -1}) {
          rows.add(difference(k, share, eps, there, valid, sign, scale, 1, -1));
          if (pairCost == MEAN_MISS) {
            rows.add(difference(k, share, 0, there, valid, sign, scale, 0, slack));
          }
        }
        slack++;
      }
      if (goal.patches()[k] > 0) {
        double[] shown = new double[classes];
        shown[k] = 1.0 / goal.patches()[k];
        rows.add(new Row(new double[classes], shown, real.patches()[k] * shown[k] - 1, 1, -1));
      }
    }
    this.means = pairCost == MEAN_MISS ? slack : 0;
  }

  private Row difference(
      int position,
      double share,
      double eps,
      double there,
      double valid,
      int sign,
      double scale,
      double ofViolation,
      int slack) {
    double[] ofPixels = new double[classes];
    for (int k = 0; k < classes; k++) {
      ofPixels[k] = (eps - sign * ((k == position ? 1 : 0) - share)) / scale;
    }
    return new Row(
        ofPixels, new double[classes], (eps * valid - sign * there) / scale, ofViolation, slack);
  }

  /** Solves the dual: a price a row, at which no column gains, and what that makes of a column. */
  Prices prices(List<Column> columns) {
    int count = rows.size();
    double[] objective = new double[count + 2];
    for (int i = 0; i < count; i++) {
      objective[i] = -rows.get(i).constant();
    }
    objective[count] = 1;
    objective[count + 1] = -1;
    List<LinearConstraint> constraints = new ArrayList<>();
    for (Column column : columns) {
      double[] gains = new double[count + 2];
      for (int i = 0; i < count; i++) {
        gains[i] = rows.get(i).of(column);
      }
      gains[count] = 1;
      gains[count + 1] = -1;
      constraints.add(
          new LinearConstraint(
              gains,
              Relationship.LEQ,
              // without ties the method does not turn in a circle
              pairCost * column.pairs() + UNTIE * constraints.size() / columns.size()));
    }
    double[] violation = new double[count + 2];
    for (int i = 0; i < count; i++) {
      violation[i] = rows.get(i).ofViolation();
    }
    constraints.add(new LinearConstraint(violation, Relationship.LEQ, penalty));
    for (int slack = 0; slack < means; slack++) {
      double[] its = new double[count + 2];
      for (int i = 0; i < count; i++) {
        its[i] = rows.get(i).slack() == slack ? 1 : 0;
      }
      constraints.add(new LinearConstraint(its, Relationship.LEQ, 1.0 / means));
    }
    double[] prices = solve(objective, constraints, GoalType.MAXIMIZE);
    double[] ofPixels = new double[classes];
    double[] ofPatches = new double[classes];
    for (int i = 0; i < count; i++) {
      for (int k = 0; k < classes; k++) {
        ofPixels[k] += prices[i] * rows.get(i).ofPixels()[k];
        ofPatches[k] += prices[i] * rows.get(i).ofPatches()[k];
      }
    }
    return new Prices(new Score(ofPixels, ofPatches, -pairCost), prices[count] - prices[count + 1]);
  }

  /** Solves the program itself, and keeps the columns that have a weight. */
  Mix mix(List<Column> columns, int maxReuse, double gap, int rounds) {
    int count = columns.size();
    double[] objective = new double[count + 1 + means];
    double[] whole = new double[objective.length];
    for (int j = 0; j < count; j++) {
      objective[j] = pairCost * columns.get(j).pairs();
      whole[j] = 1;
    }
    objective[count] = penalty;
    for (int slack = 0; slack < means; slack++) {
      objective[count + 1 + slack] = 1.0 / means;
    }
    List<LinearConstraint> constraints = new ArrayList<>();
    constraints.add(new LinearConstraint(whole, Relationship.EQ, 1));
    for (Row row : rows) {
      double[] factors = new double[objective.length];
      for (int j = 0; j < count; j++) {
        factors[j] = row.of(columns.get(j));
      }
      factors[count] = row.ofViolation();
      if (row.slack() >= 0) {
        factors[count + 1 + row.slack()] = 1;
      }
      constraints.add(new LinearConstraint(factors, Relationship.GEQ, -row.constant()));
    }
    double[] solved = solve(objective, constraints, GoalType.MINIMIZE);
    List<Part> parts = new ArrayList<>();
    List<Double> weights = new ArrayList<>();
    double sum = 0;
    for (int j = 0; j < count; j++) {
      sum += solved[j] > LEAST_WEIGHT ? solved[j] : 0;
    }
    for (int j = 0; j < count; j++) {
      if (solved[j] > LEAST_WEIGHT) {
        parts.add(columns.get(j).part());
        weights.add(solved[j] / sum);
      }
    }
    return new Mix(parts, weights, maxReuse, solved[count], gap, rounds);
  }

  private static double[] solve(
      double[] objective, List<LinearConstraint> constraints, GoalType sense) {
    try {
      return solve(objective, constraints, sense, PivotSelectionRule.DANTZIG, FEW_ITERATIONS);
    } catch (TooManyIterationsException e) { // it turns in a circle; Bland's rule cannot
      return solve(objective, constraints, sense, PivotSelectionRule.BLAND, MOST_ITERATIONS);
    }
  }

  private static double[] solve(
      double[] objective,
      List<LinearConstraint> constraints,
      GoalType sense,
      PivotSelectionRule rule,
      int iterations) {
    PointValuePair solved =
        new SimplexSolver(EPSILON)
            .optimize(
                new LinearObjectiveFunction(objective, 0),
                new LinearConstraintSet(constraints),
                sense,
                new NonNegativeConstraint(true),
                rule,
                new MaxIter(iterations));
    return solved.getPoint();
  }
}
