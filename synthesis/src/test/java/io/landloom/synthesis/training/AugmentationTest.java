package io.landloom.synthesis.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AugmentationTest {
  /** What flips and turns make together is closed: one after the other is again one of them. */
  @ParameterizedTest
  @CsvSource({
    "false, false, false, 1", "true, false, false, 2", "false, true, false, 2",
    "true, true, false, 4", "false, false, true, 4", "true, false, true, 8",
    "false, true, true, 8", "true, true, true, 8"
  })
  void isAGroup(boolean horizontal, boolean vertical, boolean quarterTurns, int size) {
    int[] symmetries = new Augmentation(horizontal, vertical, quarterTurns).symmetries();
    Set<List<Integer>> places =
        IntStream.of(symmetries).mapToObj(AugmentationTest::places).collect(Collectors.toSet());
    assertEquals(size, places.size());
    for (List<Integer> first : places) {
      for (List<Integer> second : places) {
        List<Integer> both = new ArrayList<>();
        second.forEach(place -> both.add(first.get(place)));
        assertTrue(places.contains(both), () -> first + " then " + second);
      }
    }
    List<Integer> mirrored = List.of(2, 1, 0, 5, 4, 3, 8, 7, 6);
    assertEquals(horizontal || size == 8, places.contains(mirrored));
    List<Integer> turned = List.of(6, 3, 0, 7, 4, 1, 8, 5, 2);
    assertEquals(quarterTurns, places.contains(turned));
  }

  private static List<Integer> places(int symmetry) {
    return IntStream.range(0, 9)
        .mapToObj(pixel -> PatchSampler.source(pixel, 3, symmetry))
        .toList();
  }
}
