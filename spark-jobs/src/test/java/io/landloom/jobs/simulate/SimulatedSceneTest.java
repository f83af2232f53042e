package io.landloom.jobs.simulate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.ClassCounts;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.landcover.LandCoverClass;
import io.landloom.geo.landcover.LandCoverScheme;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SimulatedSceneTest {
  private static final LandCoverScheme GID15 = LandCoverScheme.named("gid15");
  private static final int SIDE = 2048;

  // every scene is drawn once, as several tests look at the same four
  private static final Map<Integer, ClassMask> MASKS = new ConcurrentHashMap<>();

  static List<String> schemes() {
    return LandCoverScheme.shipped();
  }

  @ParameterizedTest
  @MethodSource("schemes")
  void rowsReadInAnyOrderEqualTheWholeScene(String name) {
    SimulatedScene scene = scene(3, 0, 333, 150, name);
    byte[] image = scene.image(0, 150).samples();
    byte[] mask = scene.mask(0, 150).indices();
    for (int y : new int[] {149, 0, 64, 17, 63, 33, 15, 16, 148, 1}) {
      assertArrayEquals(
          Arrays.copyOfRange(image, y * 999, (y + 1) * 999), scene.image(y, 1).samples());
      assertArrayEquals(
          Arrays.copyOfRange(mask, y * 333, (y + 1) * 333), scene.mask(y, 1).indices());
    }
    assertArrayEquals(
        Arrays.copyOfRange(image, 41 * 999, 119 * 999), scene.image(41, 78).samples());
    assertArrayEquals(Arrays.copyOfRange(mask, 41 * 333, 119 * 333), scene.mask(41, 78).indices());
  }

  @Test
  void theSameSeedAndNumberGiveTheSamePixels() {
    assertEquals(
        scene(3, 1, 200, 90, "gid15").image(0, 90), scene(3, 1, 200, 90, "gid15").image(0, 90));
    assertEquals(
        scene(3, 1, 200, 90, "gid15").mask(0, 90), scene(3, 1, 200, 90, "gid15").mask(0, 90));
  }

  @Test
  void anotherSeedOrNumberGivesOtherPixels() {
    Raster image = scene(3, 1, 200, 90, "gid15").image(0, 90);
    assertNotEquals(image, scene(4, 1, 200, 90, "gid15").image(0, 90));
    assertNotEquals(image, scene(3 + (1L << 32), 1, 200, 90, "gid15").image(0, 90));
    assertNotEquals(image, scene(3, 2, 200, 90, "gid15").image(0, 90));
  }

  @Test
  void aSceneIsReadOutOfTheMiddleOfSixtyThousandRows() {
    SimulatedScene scene = scene(3, 0, 60_000, 60_000, "gid15");
    ClassMask rows = scene.mask(59_998, 2);
    assertEquals(60_000, rows.width());
    assertTrue(
        present(rows.counts(GID15)).size() > 8, () -> present(rows.counts(GID15)).toString());
    assertEquals(60_000, scene.image(31_234, 1).width());
  }

  @Test
  void twoScenesHoldEveryClassOfGid15() {
    ClassCounts counts = mask(0).counts(GID15).plus(mask(1).counts(GID15));
    assertEquals(GID15.classes().stream().map(LandCoverClass::name).toList(), present(counts));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void sharesAreThoseOfALandscape(int number) {
    ClassCounts counts = mask(number).counts(GID15);
    double[] shares =
        IntStream.range(0, GID15.size())
            .mapToDouble(position -> counts.proportions().at(position).orElse(Double.NaN))
            .filter(share -> !Double.isNaN(share))
            .sorted()
            .toArray();
    assertTrue(shares[0] < 0.03, () -> "rarest class: " + shares[0]);
    assertTrue(shares[14] > 0.08, () -> "most common class: " + shares[14]);
    assertTrue(shares[14] < 0.6, () -> "most common class: " + shares[14]);
    double unknown = counts.unknownFraction();
    assertTrue(unknown > 0.08 && unknown < 0.40, () -> "unknown: " + unknown);
  }

  @Test
  void someButNotMostPatchesAreMainlyUnknown() {
    int dropped = 0;
    for (int number = 0; number < 4; number++) {
      dropped += mainlyUnknown(mask(number));
    }
    assertTrue(dropped > 0 && dropped < 256 / 4, "dropped " + dropped + " of 256 patches");
  }

  @Test
  void classesDifferInTheirMeanColour() {
    Raster image = scene(11, 0, SIDE, SIDE, "gid15").image(0, SIDE);
    double[][] means = means(image, mask(0));
    for (LandCoverClass one : GID15.validClasses()) {
      for (LandCoverClass other : GID15.validClasses()) {
        if (one.index() < other.index()) {
          double distance = distance(means[one.index()], means[other.index()]);
          assertTrue(distance > 3, () -> one.name() + " and " + other.name() + ": " + distance);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("schemes")
  void otherSchemesGetTheirClassesToo(String name) {
    LandCoverScheme scheme = LandCoverScheme.named(name);
    ClassCounts counts = scene(11, 0, SIDE, SIDE, name).mask(0, SIDE).counts(scheme);
    for (int number = 1; number < 2; number++) {
      counts = counts.plus(scene(11, number, SIDE, SIDE, name).mask(0, SIDE).counts(scheme));
    }
    assertEquals(scheme.classes().stream().map(LandCoverClass::name).toList(), present(counts));
  }

  @Test
  void aSchemeOfWhichNothingCanBeDrawnIsRefused() {
    LandCoverScheme moods =
        LandCoverScheme.of(
            ConfigFactory.parseString(
                "name = moods, version = 1, unknown = 0, classes = ["
                    + "{index = 0, name = none, color = \"#000000\"},"
                    + "{index = 1, name = glad, color = \"#FFFFFF\"}]"));
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> new SimulatedScene(1, 0, 10, 10, moods));
    assertTrue(refused.getMessage().startsWith("no class name of scheme moods v1 (2 classes)"));
  }

  @Test
  void rowsOutsideTheSceneAreRefused() {
    SimulatedScene scene = scene(1, 0, 10, 10, "gid15");
    assertEquals(
        "rows 8 to 11 of a scene of 10 rows",
        assertThrows(IllegalArgumentException.class, () -> scene.mask(8, 3)).getMessage());
    assertEquals(
        "rows -1 to 0 of a scene of 10 rows",
        assertThrows(IllegalArgumentException.class, () -> scene.image(-1, 1)).getMessage());
    assertEquals(
        "scene of 0 x 5, sides are 1 to 1048576",
        assertThrows(IllegalArgumentException.class, () -> scene(1, 0, 0, 5, "gid15"))
            .getMessage());
  }

  private static SimulatedScene scene(long seed, int number, int width, int height, String scheme) {
    return new SimulatedScene(seed, number, width, height, LandCoverScheme.named(scheme));
  }

  private static List<String> present(ClassCounts counts) {
    List<String> names = new ArrayList<>();
    for (int position = 0; position < counts.scheme().size(); position++) {
      if (counts.at(position) > 0) {
        names.add(counts.scheme().classes().get(position).name());
      }
    }
    return names;
  }

  private static ClassMask mask(int number) {
    return MASKS.computeIfAbsent(number, n -> scene(11, n, SIDE, SIDE, "gid15").mask(0, SIDE));
  }

  private static int mainlyUnknown(ClassMask mask) {
    int[][] unknown = new int[SIDE / 256][SIDE / 256];
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        unknown[y / 256][x / 256] += mask.at(x, y) == GID15.unknownIndex() ? 1 : 0;
      }
    }
    return (int)
        Arrays.stream(unknown)
            .flatMapToInt(Arrays::stream)
            .filter(pixels -> pixels > 0.8 * 256 * 256)
            .count();
  }

  private static double[][] means(Raster image, ClassMask mask) {
    double[][] sums = new double[256][3];
    long[] pixels = new long[256];
    for (int i = 0; i < mask.indices().length; i++) {
      int index = mask.indices()[i] & 0xFF;
      pixels[index]++;
      for (int channel = 0; channel < 3; channel++) {
        sums[index][channel] += image.samples()[3 * i + channel] & 0xFF;
      }
    }
    for (int index = 0; index < 256; index++) {
      for (int channel = 0; channel < 3; channel++) {
        sums[index][channel] /= pixels[index];
      }
    }
    return sums;
  }

  private static double distance(double[] one, double[] other) {
    return Math.sqrt(IntStream.range(0, 3).mapToDouble(c -> Math.pow(one[c] - other[c], 2)).sum());
  }
}
