package io.landloom.synthesis.diffusion.mask;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.synthesis.SeededStream;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SurroundingScoresTest {
  private static final int WIDTH = 128;
  private static final int PIXELS = WIDTH * WIDTH;

  @Test
  void aBorderMovesAsALine() {
    byte[] halves = halves();
    byte[] finished = finished(halves, new float[2 * PIXELS], 2, PIXELS * 5 / 8, PIXELS * 3 / 8);
    byte[] expected = new byte[PIXELS];
    for (int i = 0; i < PIXELS; i++) {
      expected[i] = (byte) (i % WIDTH < WIDTH * 5 / 8 ? 0 : 1);
    }
    assertArrayEquals(expected, finished);
  }

  @Test
  void aMaskThatHasItsSharesKeepsThem() {
    byte[] halves = halves();
    assertArrayEquals(halves, finished(halves, new float[2 * PIXELS], 2, PIXELS / 2, PIXELS / 2));
  }

  /** Scores of single pixels would strew it over the mask. */
  @Test
  void aClassThatIsMissingComesInFewPieces() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    SeededStream random = SeededStream.of(List.of("surrounding"), seed);
    float[] soft = new float[3 * PIXELS];
    for (int i = 0; i < PIXELS; i++) {
      int row = i / WIDTH;
      double fromMiddle = Math.hypot(row - 40, i % WIDTH - 96);
      soft[2 * PIXELS + i] = (float) (random.nextShare() * 1e-3 * Math.exp(-fromMiddle / 16));
    }
    byte[] finished = finished(halves(), soft, 3, PIXELS * 3 / 8, PIXELS * 3 / 8, PIXELS / 4);
    long pieces =
        Regions.of(finished, WIDTH).stream().filter(region -> region.position() == 2).count();
    assertTrue(pieces <= 3, "seed " + seed + ": " + pieces + " pieces");
    assertEquals(2, finished[40 * WIDTH + 96]);
  }

  private static byte[] halves() {
    byte[] mask = new byte[PIXELS];
    for (int i = 0; i < PIXELS; i++) {
      mask[i] = (byte) (i % WIDTH < WIDTH / 2 ? 0 : 1);
    }
    return mask;
  }

  private static byte[] finished(byte[] mask, float[] soft, int classes, int... counts) {
    double[][] scores = SurroundingScores.of(mask, soft, WIDTH, classes, 2);
    int[] finished = ExactFinisher.finish(scores, counts);
    byte[] positions = new byte[finished.length];
    int[] found = new int[classes];
    for (int i = 0; i < finished.length; i++) {
      positions[i] = (byte) finished[i];
      found[finished[i]]++;
    }
    assertArrayEquals(counts, found, Arrays.toString(found));
    return positions;
  }
}
