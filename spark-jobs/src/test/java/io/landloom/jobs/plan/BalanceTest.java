package io.landloom.jobs.plan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.commons.math3.optim.linear.LinearConstraint;
import org.apache.commons.math3.optim.linear.LinearConstraintSet;
import org.apache.commons.math3.optim.linear.LinearObjectiveFunction;
import org.apache.commons.math3.optim.linear.NonNegativeConstraint;
import org.apache.commons.math3.optim.linear.Relationship;
import org.apache.commons.math3.optim.linear.SimplexSolver;
import org.apache.commons.math3.optim.nonlinear.scalar.GoalType;
import org.junit.jupiter.api.Test;

class BalanceTest {
  private static final int PIXELS = 1000;
  private static final List<String> NAMES = List.of("a", "b", "c");

  private static MaskPool pool(List<long[]> masks) {
    MaskCounts.Builder builder = new MaskCounts.Builder(NAMES.size(), PIXELS);
    masks.forEach(builder::add);
    return new MaskPool.Local(List.of(builder.build()));
  }

  private static Tally real(List<long[]> masks) {
    Tally real = Tally.none(NAMES.size());
    for (long[] mask : masks) {
      long[] shown = Arrays.stream(mask).map(pixels -> pixels > 0 ? 1 : 0).toArray();
      real = real.plus(new Tally(mask, shown, 1));
    }
    return real;
  }

  private static Goal goal(double[] shares, long... patches) {
    return new Goal("test", NAMES, shares, patches.length == 0 ? new long[3] : patches);
  }

  private static double[] shares(Mix mix, MaskPool pool, Tally real) {
    MaskCounts file = ((MaskPool.Local) pool).files().get(0);
    double[] pixels = new double[NAMES.size()];
    double sum = 0;
    for (int k = 0; k < pixels.length; k++) {
      pixels[k] = real.pixels()[k];
      for (int i = 0; i < file.size(); i++) {
        pixels[k] += mix.copies(file, i) * file.count(i, k);
      }
      sum += pixels[k];
    }
    for (int k = 0; k < pixels.length; k++) {
      pixels[k] /= sum;
    }
    return pixels;
  }

  @Test
  void threePureMasksGiveEqualSharesWhereTheyAreUsedEquallyOften() {
    List<long[]> masks =
        List.of(new long[] {PIXELS, 0, 0}, new long[] {0, PIXELS, 0}, new long[] {0, 0, PIXELS});
    MaskPool pool = pool(masks);
    Tally real = real(List.of(new long[] {2 * PIXELS, PIXELS, 0}));
    // one of b and two of c make up for what there is of a
    Mix mix =
        new Balance(pool, goal(new double[] {1 / 3d, 1 / 3d, 1 / 3d}), real, PIXELS, 2).of(3, 0);
    assertTrue(mix.isFeasible());
    MaskCounts file = ((MaskPool.Local) pool).files().get(0);
    assertArrayEquals(
        new double[] {0, 1, 2},
        new double[] {mix.copies(file, 0), mix.copies(file, 1), mix.copies(file, 2)},
        1e-6);
  }

  @Test
  void theCapOnReuseMakesATargetUnreachableByAsMuchAsItMust() {
    List<long[]> masks = List.of(new long[] {PIXELS, 0, 0}, new long[] {0, PIXELS, 0});
    Tally real = real(masks);
    Goal goal = goal(new double[] {Double.NaN, 0.9, Double.NaN});
    // at most 1 + 3 of b beside 1 of a: 0.8, and 0.1 is missed, 0.05 of it beyond the tolerance
    Mix mix = new Balance(pool(masks), goal, real, PIXELS, 3).of(3, 0.05);
    assertEquals(0.05, mix.violation(), 1e-6);
    assertArrayEquals(new double[] {0.2, 0.8, 0}, shares(mix, pool(masks), real), 1e-6);
  }

  @Test
  void theFewestPairsThatShowAClassOftenEnough() {
    List<long[]> masks = List.of(new long[] {PIXELS, 0, 0}, new long[] {PIXELS - 1, 1, 0});
    Goal goal = goal(new double[] {Double.NaN, Double.NaN, Double.NaN}, 0, 5, 0);
    Mix mix = new Balance(pool(masks), goal, real(masks), PIXELS, 8).smallest(0.01);
    assertTrue(mix.isFeasible());
    // one patch shows it already
    assertEquals(4, mix.copies(((MaskPool.Local) pool(masks)).files().get(0)), 1e-6);
  }

  /** The whole program, a variable a mask, by the simplex method. */
  private static double least(
      List<long[]> masks, Tally real, double[] shares, long pairs, int reuse, double eps) {
    int n = masks.size();
    double scale = 0;
    for (long[] mask : masks) {
      scale += Arrays.stream(mask).sum() * (double) pairs / n;
    }
    scale += real.valid();
    List<LinearConstraint> rows = new ArrayList<>();
    double[] ones = new double[n + 1];
    Arrays.fill(ones, 0, n, 1);
    rows.add(new LinearConstraint(ones, Relationship.EQ, pairs));
    for (int i = 0; i < n; i++) {
      double[] one = new double[n + 1];
      one[i] = 1;
      rows.add(new LinearConstraint(one, Relationship.LEQ, reuse));
    }
    for (int k = 0; k < shares.length; k++) {
      for (int sign : new int[] {1, -1}) {
        double[] row = new double[n + 1];
        for (int i = 0; i < n; i++) {
          double valid = Arrays.stream(masks.get(i)).sum();
          row[i] = (sign * (masks.get(i)[k] - shares[k] * valid) - eps * valid) / scale;
        }
        row[n] = -1;
        double there = real.pixels()[k] - shares[k] * real.valid();
        rows.add(
            new LinearConstraint(
                row, Relationship.LEQ, (eps * real.valid() - sign * there) / scale));
      }
    }
    double[] objective = new double[n + 1];
    objective[n] = 1;
    return new SimplexSolver()
        .optimize(
            new LinearObjectiveFunction(objective, 0),
            new LinearConstraintSet(rows),
            GoalType.MINIMIZE,
            new NonNegativeConstraint(true))
        .getValue();
  }

  @Test
  void findsWhatTheWholeProgramFinds() {
    long seed = System.nanoTime();
    System.out.println("BalanceTest seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 20; round++) {
      List<long[]> masks = new ArrayList<>();
      int n = 5 + random.nextInt(25);
      for (int i = 0; i < n; i++) {
        long a = random.nextInt(PIXELS + 1);
        long b = random.nextInt(PIXELS + 1 - (int) a);
        // the rest is c, or unknown
        masks.add(new long[] {a, b, random.nextInt(PIXELS + 1 - (int) (a + b))});
      }
      Tally real = real(masks);
      double first = random.nextDouble();
      double[] shares = {first, (1 - first) * random.nextDouble(), 0};
      shares[2] = 1 - shares[0] - shares[1];
      int reuse = 1 + random.nextInt(4);
      long pairs = 1L + random.nextInt(n * reuse);
      Mix mix = new Balance(pool(masks), goal(shares), real, PIXELS, reuse).of(pairs, 0.01);
      assertEquals(
          least(masks, real, shares, pairs, reuse, 0.01),
          mix.violation(),
          2e-5,
          "round " + round + " of seed " + seed);
      MaskCounts file = ((MaskPool.Local) pool(masks)).files().get(0);
      assertEquals(pairs, mix.copies(file), 1e-6);
      int[] copies = WholeCopies.of(file, mix, 3, pairs, PIXELS);
      assertEquals(pairs, Arrays.stream(copies).sum());
      assertTrue(Arrays.stream(copies).allMatch(its -> its >= 0 && its <= reuse));
    }
  }

  @Test
  void masksThatScoreNearlyAlikeAreToldApart() {
    double third = 1 / 3d;
    for (int seed = 1; seed <= 6; seed++) {
      Random random = new Random(seed);
      List<long[]> masks = new ArrayList<>();
      for (int i = 0; i < 3000; i++) {
        // most are of one class alone, so a bin of scores holds many of them
        long b = random.nextInt(3) == 0 ? random.nextInt(PIXELS / 2) : 0;
        long c = random.nextInt(10) == 0 ? random.nextInt(PIXELS / 10) : 0;
        masks.add(new long[] {PIXELS - b - c, b, c});
      }
      Goal goal = goal(new double[] {third, third, third});
      Mix mix = new Balance(pool(masks), goal, real(masks), PIXELS, 4).of(1200, 0.01);
      assertTrue(mix.gap() <= 1e-5, "seed " + seed + ": " + mix.gap());
      assertTrue(mix.rounds() < 100, "seed " + seed + ": " + mix.rounds());
    }
  }

  @Test
  void wholeCopiesComeOffByAMaskOrSoHoweverManyThereAre() {
    long seed = System.nanoTime();
    System.out.println("BalanceTest seed " + seed);
    Random random = new Random(seed);
    MaskCounts.Builder builder = new MaskCounts.Builder(3, PIXELS);
    for (int i = 0; i < 5000; i++) {
      long a = random.nextInt(PIXELS + 1);
      long b = random.nextInt(PIXELS + 1 - (int) a);
      builder.add(new long[] {a, b, PIXELS - a - b});
    }
    MaskCounts file = builder.build();
    // every mask half a time
    Score even = new Score(new double[3], new double[3], 0);
    Mix mix = new Mix(List.of(new Part(even, -1, 2, 0, 0.5)), List.of(1.0), 1, 0, 0, 1);
    int[] copies = WholeCopies.of(file, mix, 3, 2500, PIXELS);
    assertEquals(2500, Arrays.stream(copies).sum());
    for (int k = 0; k < 3; k++) {
      double off = 0;
      for (int i = 0; i < copies.length; i++) {
        off += (copies[i] - 0.5) * file.count(i, k);
      }
      // drawn at random they would come off by some 15 masks
      assertEquals(0, off, 2 * PIXELS, "class " + k + " of seed " + seed);
    }
  }
}
