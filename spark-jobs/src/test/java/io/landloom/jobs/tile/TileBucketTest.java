package io.landloom.jobs.tile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.geo.image.SampleType;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.geo.scene.SceneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TileBucketTest {
  private static final PixelKind RGB = new PixelKind(3, SampleType.UINT8);
  private static final TileRule RULE =
      new TileRule(
          LandCoverScheme.named("gid15"),
          "auto",
          false,
          256,
          256,
          0.8,
          new SplitRule.ByScene(1, List.of(4.0, 1.0, 1.0)),
          PixelRule.plain());

  private static SceneEntry scene(int number, int width, int height) {
    SceneId id = new SceneId(String.format(Locale.ROOT, "s%07d", number));
    return new SceneEntry(
        new SceneFile(id, "file:/" + id, null), "crc", "", width, height, 1, RGB, true, null);
  }

  private static List<String> rows(List<TileBucket> buckets) {
    List<String> rows = new ArrayList<>();
    for (TileBucket bucket : buckets) {
      for (TileBucket.Band band : bucket.bands()) {
        for (int row = band.firstRow(); row < band.firstRow() + band.rows(); row++) {
          rows.add(band.scene().id() + "/" + row);
        }
      }
    }
    return rows;
  }

  @Test
  void oneHugeSceneBecomesManyBuckets() {
    List<TileBucket> buckets = TileBucket.plan(List.of(scene(0, 60_000, 60_000)), RULE, 1024);
    assertEquals(59, buckets.size()); // 234 rows of 234 patches, 4 rows a bucket
    assertTrue(buckets.stream().allMatch(bucket -> bucket.patches(RULE) <= 1024));
    assertEquals(234, rows(buckets).size());
  }

  @Test
  void thousandsOfSmallScenesShareBuckets() {
    List<SceneEntry> scenes = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      scenes.add(scene(i, 256, 256));
    }
    List<TileBucket> buckets = TileBucket.plan(scenes, RULE, 1024);
    assertEquals(32, buckets.size());
    assertEquals(5000, rows(buckets).size());
  }

  @Test
  void oneGidSceneIsSharedByRowsOfPatches() {
    List<TileBucket> buckets = TileBucket.plan(List.of(scene(0, 7200, 6800)), RULE, 1024);
    assertEquals(26, buckets.size());
  }

  @Test
  void scenesSmallerThanAPatchTakeNoPlace() {
    assertEquals(List.of(), TileBucket.plan(List.of(scene(0, 255, 7000)), RULE, 1024));
    List<TileBucket> buckets =
        TileBucket.plan(List.of(scene(0, 300, 300), scene(1, 9, 9), scene(2, 300, 300)), RULE, 10);
    assertEquals(List.of("s0000000/0", "s0000002/0"), rows(buckets));
  }

  @Test
  void everyRowIsInOneBucketInTheOrderOfTheKeys() {
    long seed = 7;
    Random random = new Random(seed);
    for (int run = 0; run < 200; run++) {
      List<SceneEntry> scenes = new ArrayList<>();
      List<String> expected = new ArrayList<>();
      for (int i = 0; i < random.nextInt(20); i++) {
        SceneEntry scene = scene(i, random.nextInt(3000) + 1, random.nextInt(3000) + 1);
        scenes.add(scene);
        for (int row = 0; row < scene.grid(256, 256).rows(); row++) {
          if (scene.grid(256, 256).columns() > 0) {
            expected.add(scene.id() + "/" + row);
          }
        }
      }
      int most = random.nextInt(50) + 1;
      List<TileBucket> buckets = TileBucket.plan(scenes, RULE, most);
      assertEquals(expected, rows(buckets), "seed " + seed + " run " + run);
      for (int i = 0; i < buckets.size(); i++) {
        assertEquals(i, buckets.get(i).number());
        long patches = buckets.get(i).patches(RULE);
        assertTrue(
            patches <= most || buckets.get(i).bands().get(0).rows() == 1,
            "seed " + seed + " run " + run + ": " + patches + " patches, at most " + most);
      }
    }
  }

  @Test
  void leavesScenesOut() {
    List<TileBucket> buckets =
        TileBucket.plan(List.of(scene(0, 256, 256), scene(1, 256, 256)), RULE, 1024);
    TileBucket bucket = buckets.get(0);
    assertTrue(bucket.holdsAny(Set.of("s0000000", "s0000009")));
    assertEquals(0, bucket.without(Set.of("s0000000")).patches(RULE));
  }
}
