package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MainTest {
  private static SparkTest.Ended command(String... arguments) {
    return SparkTest.command(arguments);
  }

  @Test
  void anUnknownJobIsACommandLineErrorThatNamesTheJobs() {
    SparkTest.Ended ended = command("tiles");
    assertEquals(1, ended.code());
    assertTrue(
        ended.err().contains("'tiles' is not a job; jobs are demo, simulate, tile, train, plan"),
        ended.err());
  }

  @Test
  void anUnknownOptionIsACommandLineError() {
    assertEquals(1, command("tile", "--patch", "3").code());
  }

  @Test
  void anUnknownKeyIsOneLineAndAUserError() {
    SparkTest.Ended ended = command("tile", "--set", "patch.sise=3");
    assertEquals(2, ended.code());
    assertEquals("landloom: unknown key 'patch.sise'; did you mean 'patch.size'?\n", ended.err());
  }

  @Test
  void printsTheEffectiveMasterForTheLauncher() {
    SparkTest.Ended ended = command("tile", "--set", "master=yarn", "--print-master");
    assertEquals(0, ended.code());
    assertEquals("yarn\n", ended.out());
  }

  @Test
  void helpAndVersionEndWell() {
    assertEquals(0, command("--help").code());
    SparkTest.Ended version = command("--version");
    assertEquals(0, version.code());
    assertTrue(version.out().matches("landloom \\d.*\n"), version.out());
  }
}
