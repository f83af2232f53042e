package io.landloom.synthesis.diffusion.mask;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.synthesis.SeededStream;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TargetSharesTest {
  private static final double NAN = Double.NaN;

  @Test
  void countsValidPixelsAlone() {
    byte[] positions = {0, 1, 1, 3, 3, 3, 1, 0};
    assertArrayEquals(new double[] {0.4, 0.6, 0}, TargetShares.counted(positions, 3));
    assertTrue(TargetShares.of(positions, 3).isFull());
    TargetShares none = TargetShares.of(new byte[] {3, 3}, 3);
    assertEquals(TargetShares.free(3), none);
    assertArrayEquals(
        new float[] {0.5f, 0, 0, 1, 0, 0}, TargetShares.of(new double[] {0.5, NAN, NAN}).numbers());
  }

  @Test
  void aPartShowsPresentClassesAndAtMostOneAbsent() {
    TargetShares full = TargetShares.of(new double[] {0.5, 0, 0.3, 0, 0.2});
    for (int seed = 0; seed < 200; seed++) {
      TargetShares part = full.revealed(SeededStream.of(List.of("revealed"), seed));
      int present = 0;
      int absent = 0;
      for (int k = 0; k < 5; k++) {
        if (part.isKnown(k)) {
          assertEquals(full.shares().get(k), part.shares().get(k));
          present += part.shares().get(k) > 0 ? 1 : 0;
          absent += part.shares().get(k) == 0 ? 1 : 0;
        }
      }
      assertTrue(present >= 1, "seed " + seed + ": " + part);
      assertEquals(1, absent, "seed " + seed + ": " + part);
      assertFalse(part.isFull());
    }
  }

  @Test
  void aFinisherKeepsWhatIsFreeInProportion() {
    TargetShares sparse = TargetShares.of(new double[] {0.5, NAN, NAN});
    assertArrayEquals(new int[] {50, 10, 40}, sparse.counts(new double[] {0, 0.2, 0.8}, 100));
    TargetShares thirds = TargetShares.of(new double[] {1 / 3.0, 1 / 3.0, 1 / 3.0});
    assertArrayEquals(new int[] {34, 33, 33}, thirds.counts(new double[] {1, 0, 0}, 100));
  }

  /** Of 0.4 asked, a quarter is tolerated: 0.1; of 0.05, the least of 0.03. */
  @Test
  void missesAreMeasuredByWhatIsTolerated() {
    TargetShares target = TargetShares.of(new double[] {0.4, 0.05, NAN});
    assertEquals(0.5, target.miss(new double[] {0.45, 0.05, 0.5}, 0.03, 0.25), 1e-12);
    assertEquals(2, target.miss(new double[] {0.4, 0.11, 0.49}, 0.03, 0.25), 1e-12);
    assertEquals(0, TargetShares.free(3).miss(new double[] {1, 0, 0}, 0.03, 0.25));
  }

  @Test
  void refusesWhatIsNoShare() {
    assertEquals("class 1: share 1.5 is outside 0..1", refusal(new double[] {0, 1.5}));
    assertEquals("shares [0.5, 0.2] sum to 0.7, not 1", refusal(new double[] {0.5, 0.2}));
    assertEquals("shares [0.9, 0.2, NaN] sum to 1.1, not 1", refusal(new double[] {0.9, 0.2, NAN}));
  }

  private static String refusal(double[] shares) {
    return assertThrows(IllegalArgumentException.class, () -> TargetShares.of(shares)).getMessage();
  }

  @Test
  void promptsOfSharesBecomeTokensOfWholeWords() {
    PromptTokens tokens = new PromptTokens(List.of("water", "forest", "road"), 6);
    // 2 + per cent, then 103 + class; 1 before an absent one
    assertArrayEquals(
        new int[] {2 + 60, 103, 2 + 40, 104, 0, 0},
        tokens.of(TargetShares.of(new double[] {0.6, 0.4, 0})));
    assertArrayEquals(
        new int[] {2 + 40, 104, 1, 105, 0, 0},
        tokens.of(TargetShares.of(new double[] {NAN, 0.4, 0})));
    assertArrayEquals(tokens.empty(), tokens.of(TargetShares.free(3)));
    LayoutPrompt prompt =
        LayoutPrompt.parse("A remote sensing label map of fields: 60% water, 40% forest; no road.");
    int[] words = tokens.of(prompt);
    assertTrue(words[0] >= 106 && words[0] < tokens.vocabulary(), "a word of the scene");
    assertArrayEquals(new int[] {62, 103, 42, 104, 1}, Arrays.copyOfRange(words, 1, 6));
    assertEquals(
        "prompt of class 'lake', known are [water, forest, road]",
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    tokens.of(
                        LayoutPrompt.parse("A remote sensing label map of fields: 100% lake.")))
            .getMessage());
  }
}
