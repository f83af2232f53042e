package io.landloom.jobs.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class HalvesTest {
  private static final String IN_ORDER =
      "masks of the first half of validation, compared with the second";

  @Test
  void scenesFallToTheHalvesInTurnsByName() {
    List<String> scenes = List.of("d", "a", "b", "a", "c", "b", "d", "c");
    Halves halves = Halves.of(scenes, 2);
    assertEquals(List.of(1, 3, 4, 7), halves.one());
    assertEquals(List.of(2, 5, 0, 6), halves.other());
    assertEquals("masks of some scenes of validation, compared with the others", halves.origin());
  }

  @Test
  void patchesOfOneSceneAreHalvedInTheirOrder() {
    Halves halves = Halves.of(List.of("a", "a", "a", "a", "a"), 2);
    assertEquals(List.of(0, 1), halves.one());
    assertEquals(List.of(3, 4), halves.other());
    assertEquals(IN_ORDER, halves.origin());
  }

  @Test
  void aSmallSceneBesideALargeOneIsNoHalf() {
    List<String> scenes = List.of("a", "a", "a", "a", "a", "a", "a", "a", "a", "b", "b");
    Halves halves = Halves.of(scenes, 2);
    assertEquals(IN_ORDER, halves.origin());
    assertEquals(List.of(0, 1, 2, 3, 4), halves.one());
    assertEquals(List.of(6, 7, 8, 9, 10), halves.other());
  }

  @Test
  void tooFewPatchesOfEveryOtherSceneAreNoHalf() {
    List<String> scenes = List.of("a", "a", "a", "b", "b");
    assertEquals(List.of(3, 4), Halves.of(scenes, 2).other());
    assertEquals(IN_ORDER, Halves.of(scenes, 3).origin());
  }

  @Test
  void ofUnequalHalvesAllScenesAreSeen() {
    List<String> scenes = List.of("a", "a", "b", "b", "c", "c");
    Halves halves = Halves.of(scenes, 2);
    assertEquals(List.of(0, 1, 4, 5), halves.one());
    assertEquals(List.of(2, 3), halves.other());
    assertEquals(2, halves.size());
    assertEquals(List.of(0, 4), Halves.spread(halves.one(), 2));
    assertEquals(List.of(2, 3), Halves.spread(halves.other(), 2));
  }
}
