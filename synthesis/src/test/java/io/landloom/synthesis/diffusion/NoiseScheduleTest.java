package io.landloom.synthesis.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.landloom.synthesis.diffusion.Trajectory.Spacing;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NoiseScheduleTest {
  private static final NoiseSchedule STABLE_DIFFUSION =
      NoiseSchedule.scaledLinear(0.00085, 0.012, 1000);

  private static void assertSaved(String name, NoiseSchedule schedule) throws IOException {
    float[] expected = Fixtures.open().saved().get(name).values();
    float[] actual = new float[expected.length];
    for (int i = 0; i < actual.length; i++) {
      actual[i] = (float) schedule.level(111 * i).signal();
    }
    // the library multiplies a thousand factors in single precision
    assertArrayEquals(expected, actual, 1e-5f, name);
  }

  @Test
  void signalsAreDiffusers() throws IOException {
    assertSaved("out.linear", NoiseSchedule.linear(0.0001, 0.02, 1000));
    assertSaved("out.scaled_linear", STABLE_DIFFUSION);
    assertSaved("out.zero_snr", STABLE_DIFFUSION.withZeroTerminalSignal());
  }

  @Test
  void threeStepsAreThoseCountedByHand() {
    NoiseSchedule schedule = NoiseSchedule.linear(0.1, 0.5, 3);
    assertEquals(0.9, schedule.level(0).signal(), 1e-15);
    assertEquals(0.9 * 0.7, schedule.level(1).signal(), 1e-15);
    assertEquals(0.9 * 0.7 * 0.5, schedule.level(2).signal(), 1e-15);
  }

  @Test
  void stretchingKeepsTheFirstSignalAndTakesTheLastAway() {
    NoiseSchedule stretched = STABLE_DIFFUSION.withZeroTerminalSignal();
    assertEquals(STABLE_DIFFUSION.level(0).signal(), stretched.level(0).signal(), 1e-15);
    assertEquals(0, stretched.level(999).signal());
  }

  @Test
  void scalingTheSignalScalesItsRatioToNoise() {
    NoiseSchedule stretched = STABLE_DIFFUSION.withZeroTerminalSignal();
    NoiseSchedule scaled = stretched.withScaledSignal(0.25);
    for (int t = 0; t < 1000; t += 111) {
      NoiseLevel before = stretched.level(t);
      NoiseLevel after = scaled.level(t);
      assertEquals(
          before.signal() / (1 - before.signal()) / 16,
          after.signal() / (1 - after.signal()),
          1e-9 * before.signal() / (1 - before.signal()),
          "timestep " + t);
    }
    assertEquals(0, scaled.level(999).signal());
    assertEquals(
        stretched.level(500).signal(), stretched.withScaledSignal(1).level(500).signal(), 1e-15);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, 1.5, Double.NaN})
  void refusesFactorsThatDoNotShrinkTheSignal(double factor) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> STABLE_DIFFUSION.withScaledSignal(factor));
    assertEquals("scale " + factor + " is not above 0 and at most 1", e.getMessage());
  }

  @Test
  void spacingsAreThoseOfThePublishedTable() {
    // Lin et al., WACV 2024, table 2, of 10 steps
    NoiseLevel end = NoiseLevel.CLEAN;
    assertEquals(
        List.of(900, 800, 700, 600, 500, 400, 300, 200, 100, 0),
        Trajectory.of(STABLE_DIFFUSION, Spacing.LEADING, 10, 0, end).timesteps());
    assertEquals(
        List.of(999, 888, 777, 666, 555, 444, 333, 222, 111, 0),
        Trajectory.of(STABLE_DIFFUSION, Spacing.LINSPACE, 10, 0, end).timesteps());
    assertEquals(
        List.of(999, 899, 799, 699, 599, 499, 399, 299, 199, 99),
        Trajectory.of(STABLE_DIFFUSION, Spacing.TRAILING, 10, 0, end).timesteps());
  }

  @Test
  void solversLeaveTheLowestTimestepOut() {
    NoiseLevel end = NoiseLevel.CLEAN;
    assertEquals(
        List.of(901, 811, 721, 631, 541, 451, 361, 271, 181, 91),
        Trajectory.of(STABLE_DIFFUSION, Spacing.SOLVER_LEADING, 10, 1, end).timesteps());
    assertEquals(
        List.of(999, 749, 500, 250),
        Trajectory.of(STABLE_DIFFUSION, Spacing.SOLVER_LINSPACE, 4, 0, end).timesteps());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0.1|0.2|1|1 timesteps are fewer than 2",
        "0|0.2|10|betas from 0.0 to 0.2 do not rise between 0 and 1",
        "0.3|0.2|10|betas from 0.3 to 0.2 do not rise between 0 and 1",
        "0.1|1|10|betas from 0.1 to 1.0 do not rise between 0 and 1",
        "NaN|0.1|10|betas from NaN to 0.1 do not rise between 0 and 1"
      })
  void refusesBetasThatAreNone(double first, double last, int steps, String message) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> NoiseSchedule.linear(first, last, steps));
    assertEquals(message, e.getMessage());
  }

  @Test
  void refusesTimestepsOutside() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> STABLE_DIFFUSION.level(1000));
    assertEquals("timestep 1000 is outside 0..999", e.getMessage());
    e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Trajectory.of(STABLE_DIFFUSION, Spacing.LEADING, 1001, 0, NoiseLevel.CLEAN));
    assertEquals("1001 sampling steps are outside 1..1000", e.getMessage());
    e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                Trajectory.of(STABLE_DIFFUSION, Spacing.LEADING, 10, 0, STABLE_DIFFUSION.level(0)));
    assertEquals("step 10 has no less noise than the one before it", e.getMessage());
  }
}
