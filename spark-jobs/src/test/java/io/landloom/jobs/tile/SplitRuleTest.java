package io.landloom.jobs.tile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.landloom.geo.patch.PatchGrid;
import io.landloom.geo.scene.SceneId;
import io.landloom.jobs.run.JobException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SplitRuleTest {
  private static final List<Double> SHARES = List.of(4.0, 1.0, 1.0);

  private static SplitRule.SceneSplit splits(SplitRule rule, String scene, int rows, int columns) {
    return rule.of(new SceneId(scene), new PatchGrid(columns, rows, 1, 1));
  }

  private static Map<String, Integer> counts(SplitRule rule) {
    Map<String, Integer> counts = new TreeMap<>();
    for (int scene = 0; scene < 3000; scene++) {
      for (int row = 0; row < 4; row++) {
        counts.merge(splits(rule, "s" + scene, 4, 1).of(row, 0), 1, Integer::sum);
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
    SplitRule.SceneSplit splits = splits(new SplitRule.ByBlock(1, SHARES, 4), "s", 26, 28);
    for (int row = 0; row < 26; row++) {
      for (int column = 0; column < 28; column++) {
        assertEquals(splits.of(row / 4 * 4, column / 4 * 4), splits.of(row, column));
      }
    }
  }

  @Test
  void everySceneComesCloseToTheShares() {
    for (int scene = 0; scene < 100; scene++) {
      SplitRule.SceneSplit splits =
          splits(new SplitRule.ByBlock(scene, SHARES, 4), "s" + scene, 24, 24);
      Map<String, Integer> blocks = new TreeMap<>();
      for (int i = 0; i < 36; i++) {
        blocks.merge(splits.of(i / 6 * 4, i % 6 * 4), 1, Integer::sum);
      }
      assertEquals(Map.of("train", 24, "val", 6, "test", 6), blocks);
    }
  }

  @Test
  void blocksAreSpreadOverTheScene() {
    Set<String> firsts = new TreeSet<>();
    for (int scene = 0; scene < 60; scene++) {
      firsts.add(splits(new SplitRule.ByBlock(1, SHARES, 4), "s" + scene, 8, 8).of(0, 0));
    }
    assertEquals(Set.of("train", "val", "test"), firsts);
  }

  @Test
  void anotherSeedDrawsAnotherSplit() {
    assertNotEquals(splits(1), splits(2));
    assertEquals(splits(1), splits(1));
  }

  private static List<String> splits(long seed) {
    SplitRule rule = new SplitRule.ByScene(seed, SHARES);
    return java.util.stream.IntStream.range(0, 100)
        .mapToObj(i -> splits(rule, "s" + i, 1, 1).of(0, 0))
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

  @Test
  void refusesASceneInTwoSplits() {
    JobException e =
        assertThrows(
            JobException.class,
            () -> SplitRule.Listed.parse("t.tsv", List.of("a\ttrain", "b\tval", "a.tif\ttest")));
    assertEquals("split = table:t.tsv: scene a is in train and in test", e.getMessage());
  }

  @Test
  void aTablesPathDoesNotDecideTheSplits() {
    List<String> lines = List.of("a\ttrain");
    assertEquals(
        SplitRule.Listed.parse("t.tsv", lines).definition(),
        SplitRule.Listed.parse("other.tsv", lines).definition());
  }
}
