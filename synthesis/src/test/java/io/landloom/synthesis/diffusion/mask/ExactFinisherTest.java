package io.landloom.synthesis.diffusion.mask;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.synthesis.SeededStream;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExactFinisherTest {
  @Test
  void theMostConfidentPixelsOfARareClassAreKept() {
    double[][] scores = new double[2][6];
    double[] rare = {0.1, 0.9, 0.3, 0.45, 0.2, 0.05};
    for (int i = 0; i < rare.length; i++) {
      scores[0][i] = Math.log(1 - rare[i]);
      scores[1][i] = Math.log(rare[i]);
    }
    // the two and four most probable ones, whatever the boundary at one half says
    assertArrayEquals(new int[] {0, 1, 0, 1, 0, 0}, ExactFinisher.finish(scores, new int[] {4, 2}));
    assertArrayEquals(new int[] {0, 1, 1, 1, 1, 0}, ExactFinisher.finish(scores, new int[] {2, 4}));
  }

  @Test
  void aMaskThatHasItsCountsIsLeftAlone() {
    double[][] scores = {{-0.1, -3, -3}, {-3, -0.1, -3}, {-3, -3, -0.1}};
    assertArrayEquals(new int[] {0, 1, 2}, ExactFinisher.finish(scores, new int[] {1, 1, 1}));
  }

  @Test
  void countsAreMetExactlyEvenOfScoresThatSayNothing() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    SeededStream random = SeededStream.of(List.of("finisher"), seed);
    for (int trial = 0; trial < 100; trial++) {
      int classes = 2 + random.nextInt(6);
      int pixels = 1 + random.nextInt(300);
      double[][] scores = new double[classes][pixels];
      int[] counts = new int[classes];
      for (int i = 0; i < pixels; i++) {
        counts[random.nextInt(1 + random.nextInt(classes))]++;
        for (int k = 0; k < classes; k++) {
          scores[k][i] = trial % 3 == 0 ? 0 : Math.log(random.nextShare() + 1e-9);
        }
      }
      int[] found = new int[classes];
      for (int k : ExactFinisher.finish(scores, counts)) {
        found[k]++;
      }
      assertArrayEquals(counts, found, "seed " + seed + ", trial " + trial);
    }
  }

  /** Against all masks of these counts: none is more probable. */
  @Test
  void noOtherMaskOfTwoClassesIsMoreProbable() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    SeededStream random = SeededStream.of(List.of("most probable"), seed);
    for (int trial = 0; trial < 50; trial++) {
      double[][] scores = new double[2][10];
      for (int i = 0; i < 10; i++) {
        double share = random.nextShare() * 0.98 + 0.01;
        scores[0][i] = Math.log(share);
        scores[1][i] = Math.log(1 - share);
      }
      int second = random.nextInt(11);
      double best = Double.NEGATIVE_INFINITY;
      for (int bits = 0; bits < 1 << 10; bits++) {
        if (Integer.bitCount(bits) == second) {
          double sum = 0;
          for (int i = 0; i < 10; i++) {
            sum += scores[bits >> i & 1][i];
          }
          best = Math.max(best, sum);
        }
      }
      int[] mask = ExactFinisher.finish(scores, new int[] {10 - second, second});
      double sum = 0;
      for (int i = 0; i < 10; i++) {
        sum += scores[mask[i]][i];
      }
      assertTrue(Math.abs(best - sum) < 1e-9, "seed " + seed + ": " + sum + " of " + best);
    }
  }

  @Test
  void refusesCountsThatAreNotOfThePixels() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> ExactFinisher.finish(new double[2][3], new int[] {1, 1}));
    assertEquals(
        "2 pixels of 2 classes are asked for, scores are of 3 pixels and 2 classes",
        e.getMessage());
  }
}
