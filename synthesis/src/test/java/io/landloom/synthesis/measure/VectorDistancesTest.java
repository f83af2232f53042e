package io.landloom.synthesis.measure;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Compares with SciPy and scikit-learn, whose numbers measures.py saved. */
class VectorDistancesTest {
  private static final double CLOSE = 1e-9; // of the value

  private Oracle oracle;
  private float[][] a; // (60, 10)
  private float[][] b; // (50, 10)

  @BeforeEach
  void open() throws IOException {
    oracle = Oracle.open();
    a = oracle.rows("vectors.a");
    b = oracle.rows("vectors.b");
  }

  private void assertClose(String path, double actual) {
    double expected = oracle.number(path);
    assertEquals(expected, actual, CLOSE * Math.abs(expected), path);
  }

  @Test
  void frechetDistanceOfManyVectorsIsThatOfTheMatrixRoot() {
    assertClose("vectors.frechetMany", FrechetDistance.between(a, b));
    assertEquals(FrechetDistance.between(a, b), FrechetDistance.between(b, a), 1e-9);
    assertEquals(0, FrechetDistance.between(a, a), 1e-9);
  }

  @Test
  void frechetDistanceOfFewerVectorsThanDimensionsIsThatOfTheMatrixRoot() {
    float[][] few = oracle.rows("vectors.few"); // (12, 30)
    float[][] others = oracle.rows("vectors.others"); // (9, 30)
    // SciPy takes roots of eigenvalues that are zero up to rounding
    assertEquals(oracle.number("vectors.frechetFew"), FrechetDistance.between(few, others), 1e-4);
    assertEquals(0, FrechetDistance.between(few, few), 1e-9);
  }

  @Test
  void bothFormsOfTheFrechetDistanceAgreeWhereBothApply() {
    float[][] few = oracle.rows("vectors.few");
    float[][] others = oracle.rows("vectors.others");
    // constant further vectors turn "few" into "many" dimensions without a change of the distance
    float[][] wideFew = widened(few);
    float[][] wideOthers = widened(others);
    assertEquals(
        FrechetDistance.between(few, others), FrechetDistance.between(wideFew, wideOthers), 1e-9);
    float[][] wideA = widened(a);
    float[][] wideB = widened(b);
    assertTrue(wideA[0].length > a.length);
    assertEquals(FrechetDistance.between(a, b), FrechetDistance.between(wideA, wideB), 1e-9);
  }

  private static float[][] widened(float[][] rows) {
    return Arrays.stream(rows)
        .map(row -> Arrays.copyOf(row, row.length + 60))
        .toArray(float[][]::new);
  }

  @Test
  void distancePerDimensionIsThatOfMeansAndDeviations() {
    assertClose("vectors.perDimension", FrechetDistance.perDimension(a, b));
  }

  @Test
  void principalComponentsAreThoseOfScikitLearnUpToTheirSigns() {
    PrincipalComponents components = PrincipalComponents.of(a, 4);
    float[][] projected = components.project(b);
    double[] expected = oracle.numbers("vectors.principal"); // (3, 4)
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], Math.abs(projected[i / 4][i % 4]), 1e-5);
    }
    assertClose("vectors.share", components.share());
  }

  @Test
  void standardizationUsesTheFittedSpreadAndKeepsConstantsAtZero() {
    float[][] scaled = Standardization.of(a).apply(b);
    double[] expected = oracle.numbers("vectors.scaled"); // (3, 10)
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], scaled[i / 10][i % 10], 1e-5);
    }
    float[][] constant = {{7, 1}, {7, 3}};
    assertArrayEquals(
        new float[] {0, 0}, Standardization.of(constant).apply(new float[][] {{9, 2}})[0]);
  }

  @Test
  void kernelDistanceIsUnbiasedAndItsSpreadIsThatOfRandomHalves() {
    KernelDistance distance = KernelDistance.between(a, b, 100, 1);
    assertClose("vectors.kernel", distance.value());
    assertEquals(25, distance.subset());
    assertTrue(distance.deviation() > 0 && distance.deviation() < distance.value());
    assertEquals(distance, KernelDistance.between(a, b, 100, 1));
  }

  @Test
  void kernelDistanceOfTwoHalvesOfOneSetIsWithinItsSpread() {
    float[][] first = Arrays.copyOfRange(a, 0, 30);
    float[][] second = Arrays.copyOfRange(a, 30, 60);
    KernelDistance distance = KernelDistance.between(first, second, 100, 1);
    assertTrue(Math.abs(distance.value()) < distance.deviation(), distance.toString());
    assertTrue(distance.value() < 0.5 * oracle.number("vectors.kernel"));
  }

  @Test
  void neighbourhoodsAreThoseOfScikitLearn() {
    Neighbourhoods found = Neighbourhoods.of(Arrays.copyOf(a, 40), Arrays.copyOf(b, 40), 5);
    assertClose("neighbourhoods.precision", found.precision());
    assertClose("neighbourhoods.recall", found.recall());
    assertClose("neighbourhoods.density", found.density());
    assertClose("neighbourhoods.coverage", found.coverage());
  }

  @Test
  void aucIsThatOfScikitLearnWithTies() {
    assertClose(
        "auc",
        TwoSampleTest.auc(
            oracle.input("scores.real").values(), oracle.input("scores.fake").values()));
  }

  @Test
  void namesTheVectorThatIsNotFinite() {
    a[3][4] = Float.NaN;
    assertEquals(
        "number 4 of vector 3 of the first set is NaN",
        assertThrows(IllegalArgumentException.class, () -> FrechetDistance.between(a, b))
            .getMessage());
    b[2] = new float[9];
    assertEquals(
        "vector 2 of the second set has 9 numbers, not 10",
        assertThrows(
                IllegalArgumentException.class,
                () -> FrechetDistance.between(oracle.rows("vectors.a"), b))
            .getMessage());
    assertEquals(
        "40 real and 30 fake vectors with k = 5: expected equal numbers and k below them",
        assertThrows(
                IllegalArgumentException.class,
                () -> Neighbourhoods.of(new float[40][2], new float[30][2], 5))
            .getMessage());
    assertEquals(
        "11 principal components, outside 1..10",
        assertThrows(
                IllegalArgumentException.class,
                () -> PrincipalComponents.of(oracle.rows("vectors.a"), 11))
            .getMessage());
  }
}
