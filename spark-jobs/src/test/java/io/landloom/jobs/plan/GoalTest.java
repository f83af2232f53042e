package io.landloom.jobs.plan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.run.JobException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GoalTest {
  // water, land, road, building, vegetation
  private static final LandCoverScheme SCHEME = LandCoverScheme.named("mbrsc");
  private static final double FREE = Double.NaN;
  private static final Tally REAL =
      new Tally(new long[] {100, 400, 0, 200, 300}, new long[] {1, 4, 0, 2, 3}, 4);

  private static void assertShares(String text, double... shares) {
    assertArrayEquals(shares, Goal.parse(text, SCHEME, REAL).shares(), 1e-12);
  }

  @Test
  void wordsSpeakOfTheClassesThatRealPatchesShow() {
    assertShares("uniform", 0.25, 0.25, FREE, 0.25, 0.25);
    assertShares("real", 0.1, 0.4, FREE, 0.2, 0.3);
    // 1/100, 1/400, 1/200, 1/300 are 12, 3, 6 and 4 of 25
    assertShares("inverse-frequency", 0.48, 0.12, FREE, 0.24, 0.16);
  }

  @Test
  void classesThatAreNotNamedAreFree() {
    Goal goal = Goal.parse("building=0.25, road = 0.1,land>=7", SCHEME, REAL);
    assertArrayEquals(new double[] {FREE, FREE, 0.1, 0.25, FREE}, goal.shares());
    assertArrayEquals(new long[] {0, 7, 0, 0, 0}, goal.patches());
  }

  @Test
  void missesAreOfTheClassesWithAShareAndPatchesAreCounted() {
    Goal goal = Goal.parse("building=0.25,land=0.38,vegetation>=5,water>=3", SCHEME, REAL);
    assertEquals(0.05, goal.largestMiss(REAL.shares()), 1e-12);
    assertEquals(0.035, goal.meanMiss(REAL.shares()), 1e-12);
    assertEquals(4, goal.missingPatches(REAL));
    assertFalse(goal.isMet(REAL, 0.06));
    Goal shares = Goal.parse("building=0.25,land=0.38", SCHEME, REAL);
    assertTrue(shares.isMet(REAL, 0.0500001));
    assertFalse(shares.isMet(REAL, 0.0499999));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "even | 'even' is none of uniform, inverse-frequency, real, class=share and class>=patches",
        "sea=0.1 | mbrsc has no class 'sea'; it has water, land, road, building, vegetation",
        "land=0.1,land=0.2 | land is there twice",
        "land=1.5 | land=1.5: shares are from 0 to 1, numbers of patches are whole",
        "land>=1.5 | land>=1.5: shares are from 0 to 1, numbers of patches are whole",
        "land=-1 | '-1' is not a number of 0 or more",
        "land=1e | '1e' is not a number of 0 or more",
        "land=0.7,road=0.4 | the shares add up to 1.100000; of all classes they are 1, of some at"
            + " most 1",
        "land=0.2,road=0.2,water=0.2,building=0.2,vegetation=0.1 | the shares add up to 0.900000;"
            + " of all classes they are 1, of some at most 1"
      })
  void refusesWhatItCannotMean(String text, String why) {
    JobException e = assertThrows(JobException.class, () -> Goal.parse(text, SCHEME, REAL));
    assertEquals("plan.target = " + text + ": " + why, e.getMessage());
  }
}
