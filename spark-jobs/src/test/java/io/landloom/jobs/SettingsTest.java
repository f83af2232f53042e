package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.jobs.run.JobException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
  @TempDir Path folder;

  private static Settings sets(String... sets) {
    return Settings.of(List.of(), List.of(sets));
  }

  private static String message(String... sets) {
    return assertThrows(JobException.class, () -> sets(sets)).getMessage();
  }

  @Test
  void setWinsOverConfWhichWinsOverDefaults() throws IOException {
    Path conf = folder.resolve("my.conf");
    Files.writeString(conf, "patch.size = 128\nrun.seed = 5\n");
    Settings settings = Settings.of(List.of(conf.toFile()), List.of("run.seed=9", "run.seed=10"));
    assertEquals(10, settings.bigint("run.seed"));
    assertEquals(128, settings.integer("patch.size", 1, 1000));
    assertEquals("byBlock", settings.text("split"));
  }

  @Test
  void theLastConfWins() throws IOException {
    Path one = Files.writeString(folder.resolve("one.conf"), "run.seed = 1\nmodel = a");
    Path two = Files.writeString(folder.resolve("two.conf"), "run.seed = 2");
    Settings settings = Settings.of(List.of(one.toFile(), two.toFile()), List.of());
    assertEquals(2, settings.bigint("run.seed"));
    assertEquals("a", settings.text("model"));
  }

  @Test
  void theSystemsPatchSizeFollowsThePatches() {
    assertEquals(64, sets("patch.size=64").integer("csebgan.patchSize", 1, 1000));
    assertEquals(
        32, sets("patch.size=64", "csebgan.patchSize=32").integer("csebgan.patchSize", 1, 1000));
  }

  @ParameterizedTest
  @CsvSource({
    "patch.sise, patch.size",
    "input.scene, input.scenes",
    "csebgan.embeding, csebgan.embedding",
    "splits.blok, splits.block"
  })
  void anUnknownKeyNamesTheNearestKnownOne(String typed, String nearest) {
    assertEquals(
        "unknown key '" + typed + "'; did you mean '" + nearest + "'?", message(typed + "=1"));
  }

  @Test
  void anUnknownKeyOfAFileIsAnErrorToo() throws IOException {
    Path conf = Files.writeString(folder.resolve("my.conf"), "patch { sizes = 3 }");
    JobException e =
        assertThrows(JobException.class, () -> Settings.of(List.of(conf.toFile()), List.of()));
    assertEquals("unknown key 'patch.sizes'; did you mean 'patch.size'?", e.getMessage());
  }

  @Test
  void aValueOfAnotherTypeNamesKeyAndValue() {
    String message =
        assertThrows(JobException.class, () -> sets("patch.size=big").integer("patch.size", 1, 9))
            .getMessage();
    assertTrue(message.startsWith("patch.size = big: "), message);
  }

  @Test
  void aValueOutOfBoundsNamesThem() {
    assertEquals(
        "patch.maxUnknown = 1.5: expected a number from 0.0 to 1.0",
        assertThrows(
                JobException.class,
                () -> sets("patch.maxUnknown=1.5").real("patch.maxUnknown", 0, 1))
            .getMessage());
    assertEquals(
        "split = other: expected one of byBlock, byScene",
        assertThrows(
                JobException.class, () -> sets("split=other").choice("split", "byBlock", "byScene"))
            .getMessage());
  }

  @Test
  void aKeyThatMustBeSetSaysHow() {
    assertEquals(
        "output.root is not set; give --set output.root=...",
        assertThrows(JobException.class, () -> sets().text("output.root")).getMessage());
  }

  @Test
  void aMissingFileAndAMalformedSetAreNamed() {
    assertEquals("--set patch.size: expected key=value", message("patch.size"));
    JobException e =
        assertThrows(
            JobException.class,
            () -> Settings.of(List.of(folder.resolve("no.conf").toFile()), List.of()));
    assertTrue(e.getMessage().endsWith("no.conf: no such file"), e.getMessage());
  }

  @Test
  void takesListsAndTextsWithSpecialCharacters() {
    Settings settings = sets("splits.shares=[8, 1, 1]", "input.scenes=hdfs://a:1/b={c}");
    assertEquals(List.of(8.0, 1.0, 1.0), settings.reals("splits.shares"));
    assertEquals("hdfs://a:1/b={c}", settings.text("input.scenes"));
  }

  @Test
  void describesEveryKeyWithItsEffectiveValue() {
    String text = sets("patch.size=64").describe();
    assertTrue(text.contains("  patch.size = 64\n"), text);
    assertTrue(text.contains("  input.scenes = null\n"), text);
    assertTrue(text.contains("  csebgan.nf = 64\n"), text);
  }
}
