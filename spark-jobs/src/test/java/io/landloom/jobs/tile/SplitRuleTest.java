package io.landloom.jobs.tile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.geo.patch.PatchId;
import io.landloom.geo.scene.SceneId;
import io.landloom.jobs.run.JobException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SplitRuleTest {
  private static final List<Double> SHARES = List.of(4.0, 1.0, 1.0);

  private static PatchId patch(String scene, int row, int column) {
    return new PatchId(new SceneId(scene), row, column);
  }

  private static Map<String, Integer> counts(SplitRule rule) {
    Map<String, Integer> counts = new TreeMap<>();
    for (int scene = 0; scene < 3000; scene++) {
      for (int row = 0; row < 4; row++) {
        counts.merge(rule.of(patch("s" + scene, row, 0)), 1, Integer::sum);
      }
    }
    return counts;
  }

  @Test
  void drawsCloseToTheShares() {
    for (SplitRule rule :
        List.of(
            new SplitRule.Random(3, SHARES),
            new SplitRule.ByScene(3, SHARES),
            new SplitRule.ByBlock(3, SHARES, 2))) {
      Map<String, Integer> counts = counts(rule);
      assertEquals(8000, counts.get("train"), 300, rule.toString());
      assertEquals(2000, counts.get("val"), 250, rule.toString());
      assertEquals(2000, counts.get("test"), 250, rule.toString());
    }
  }

  @Test
  void keepsNeighboursOfABlockTogether() {
    SplitRule rule = new SplitRule.ByBlock(1, SHARES, 4);
    for (int block = 0; block < 200; block++) {
      String split = rule.of(patch("s" + block, 0, 0));
      for (int i = 0; i < 16; i++) {
        assertEquals(split, rule.of(patch("s" + block, i / 4, i % 4)));
      }
    }
    assertTrue(
        java.util.stream.IntStream.range(0, 50)
                .mapToObj(i -> rule.of(patch("s", 4 * i, 0)))
                .distinct()
                .count()
            > 1);
  }

  @Test
  void anotherSeedDrawsAnotherSplit() {
    assertNotEquals(splits(1), splits(2));
    assertEquals(splits(1), splits(1));
  }

  private static List<String> splits(long seed) {
    SplitRule rule = new SplitRule.ByScene(seed, SHARES);
    return java.util.stream.IntStream.range(0, 100)
        .mapToObj(i -> rule.of(patch("s" + i, 0, 0)))
        .toList();
  }

  @Test
  void aSplitWithoutShareIsNotDrawn() {
    assertEquals(1, counts(new SplitRule.Random(5, List.of(0.0, 0.0, 1.0))).size());
  }

  @Test
  void refusesATableItDoesNotUnderstand() {
    JobException e =
        assertThrows(
            JobException.class,
            () -> SplitRule.Listed.parse("t.tsv", List.of("a\ttrain", "b\ttraining")));
    assertEquals(
        "split = table:t.tsv, line 2: expected scene id and one of train, val, test",
        e.getMessage());
  }
}
