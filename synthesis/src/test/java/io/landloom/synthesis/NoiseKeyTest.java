package io.landloom.synthesis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The expected numbers come from src/test/python/noise.py. */
class NoiseKeyTest {
  private static final NoiseKey KEY = new NoiseKey(42, "abc123", "scene-7/3/11", 0, 0);

  @Test
  void drawsTheNumbersThatPythonDraws() {
    assertBits(
        KEY.normal(NoiseKey.WHOLE_IMAGE, 5),
        0x3f193df0,
        0xbdbe868a,
        0x3ff4be3c,
        0xbe71c367,
        0xbf6c33d8);
    assertBits(KEY.normal(2, 4), 0xbf85b7fd, 0x3fc81d67, 0x3f5aff93, 0xbf827988);
    assertBits(
        new NoiseKey(-1, "", "Straße", 3, 1).normal(15, 3), 0x3f52d8c3, 0xbf9963cb, 0xbd7f81c2);
    assertBits(KEY.ofPixels(2, 4), 0x3fb730b3, 0x3f884329, 0xbf91d1e6, 0x3f1ffae2);
  }

  private static void assertBits(float[] actual, int... expected) {
    int[] bits = new int[actual.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(actual[i]);
    }
    assertArrayEquals(expected, bits, () -> Arrays.toString(actual));
  }

  @Test
  void aLongerRequestBeginsWithTheShorterOnesNumbers() {
    assertArrayEquals(KEY.normal(4, 7), Arrays.copyOf(KEY.normal(4, 64), 7));
  }

  @Test
  void everyPartOfTheKeyAndTheStreamMatter() {
    Set<Float> first = new HashSet<>();
    first.add(KEY.normal(0, 1)[0]);
    first.add(KEY.normal(1, 1)[0]);
    first.add(new NoiseKey(43, "abc123", "scene-7/3/11", 0, 0).normal(0, 1)[0]);
    first.add(new NoiseKey(42, "abc124", "scene-7/3/11", 0, 0).normal(0, 1)[0]);
    first.add(new NoiseKey(42, "abc123", "scene-7/3/12", 0, 0).normal(0, 1)[0]);
    first.add(new NoiseKey(42, "abc123s", "cene-7/3/11", 0, 0).normal(0, 1)[0]);
    first.add(new NoiseKey(42, "abc123", "scene-7/3/11", 1, 0).normal(0, 1)[0]);
    first.add(new NoiseKey(42, "abc123", "scene-7/3/11", 0, 1).normal(0, 1)[0]);
    assertEquals(8, first.size());
  }

  @Test
  void theNumbersAreStandardNormal() {
    double sum = 0;
    double squares = 0;
    int beyondTwo = 0;
    int count = 100_000;
    for (float number : KEY.normal(3, count)) {
      assertFalse(Float.isNaN(number) || Float.isInfinite(number));
      sum += number;
      squares += (double) number * number;
      beyondTwo += Math.abs(number) > 2 ? 1 : 0;
    }
    // four standard errors: 4 / sqrt(n), 4 sqrt(2 / n), and P(|n| > 2) = 0.0455
    assertEquals(0, sum / count, 0.0127);
    assertEquals(1, squares / count, 0.0179);
    assertEquals(0.0455, (double) beyondTwo / count, 0.0027);
  }

  @Test
  void theNumbersOfPixelsAreUniformWithMeanZeroAndVarianceOne() {
    double sum = 0;
    double squares = 0;
    int count = 100_000;
    float[] numbers = KEY.ofPixels(3, count);
    for (float number : numbers) {
      assertTrue(Math.abs(number) <= 1.7320509f, "beyond the root of three: " + number);
      sum += number;
      squares += (double) number * number;
    }
    // four standard errors; the variance of a square is 9/5 - 1
    assertEquals(0, sum / count, 0.0127);
    assertEquals(1, squares / count, 0.0114);
    assertArrayEquals(KEY.ofPixels(3, 7), Arrays.copyOf(numbers, 7));
    assertNotEquals(KEY.ofPixels(4, 1)[0], numbers[0]);
  }

  @Test
  void refusesNegativeCopiesAndStreams() {
    assertEquals(
        "condition 'k': copy -1 or draw 0 is negative",
        assertThrows(IllegalArgumentException.class, () -> new NoiseKey(1, "d", "k", -1, 0))
            .getMessage());
    assertEquals(
        "stream -2 is below -1",
        assertThrows(IllegalArgumentException.class, () -> KEY.normal(-2, 1)).getMessage());
  }
}
