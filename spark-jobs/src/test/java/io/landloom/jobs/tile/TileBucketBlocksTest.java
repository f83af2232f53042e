package io.landloom.jobs.tile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.geo.image.SampleType;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.geo.scene.SceneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Where buckets are cut in scenes whose rows cannot be read one by one. */
class TileBucketBlocksTest {
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

  private static SceneEntry scene(String name, int width, int height, int blockRows) {
    SceneFile file = new SceneFile(new SceneId(name), "file:/" + name, null);
    return new SceneEntry(file, "crc", "", width, height, blockRows, RGB, true, null);
  }

  /** Bands as {@code scene first+rows}, buckets joined by bars. */
  private static String cuts(List<TileBucket> buckets) {
    List<String> texts = new ArrayList<>();
    for (TileBucket bucket : buckets) {
      texts.add(
          String.join(
              " ",
              bucket.bands().stream()
                  .map(b -> b.scene().id() + ":" + b.firstRow() + "+" + b.rows())
                  .toList()));
    }
    return String.join(" | ", texts);
  }

  @Test
  void aSceneThatDecodesFromItsTopIsCutInFourAtMost() {
    // 26 rows of 28 patches; a quarter of 6800 rows of pixels takes 7 rows of patches
    List<TileBucket> buckets = TileBucket.plan(List.of(scene("a", 7200, 6800, 6800)), RULE, 1024);
    assertEquals("a:0+7 | a:7+7 | a:14+7 | a:21+5", cuts(buckets));
  }

  @Test
  void manySuchScenesAreHardlyCutAtAll() {
    List<SceneEntry> scenes = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      scenes.add(scene("s" + (10 + i), 7200, 6800, 6800));
    }
    List<TileBucket> buckets = TileBucket.plan(scenes, RULE, 1024);
    // 910 patches a bucket would be 1.25 scenes; each has its own instead
    assertEquals(40, buckets.size());
    assertTrue(buckets.stream().allMatch(bucket -> bucket.bands().size() == 1));
  }

  @Test
  void cutsFallBetweenTilesThatAreLargerThanPatches() {
    List<TileBucket> buckets = TileBucket.plan(List.of(scene("a", 2560, 2560, 512)), RULE, 1024);
    assertEquals("a:0+2 | a:2+2 | a:4+2 | a:6+2 | a:8+2", cuts(buckets));
  }

  @Test
  void aSceneThatFollowsAnotherIsCutBetweenItsTilesToo() {
    // wanted are 30 patches: three rows of ten
    List<TileBucket> buckets =
        TileBucket.plan(List.of(scene("a", 2560, 256, 1), scene("b", 2560, 2560, 512)), RULE, 30);
    assertTrue(cuts(buckets).startsWith("a:0+1 | b:0+2 | b:2+2"), cuts(buckets));
  }

  @Test
  void rowsThatCanBeReadByThemselvesAreCutFreely() {
    List<TileBucket> buckets = TileBucket.plan(List.of(scene("a", 2560, 2560, 1)), RULE, 1024);
    assertEquals(10, buckets.size());
    assertEquals(10, TileBucket.plan(List.of(scene("a", 2560, 2560, 256)), RULE, 1024).size());
  }

  @Test
  void theMostOfABucketComesBeforeItsBlocks() {
    // one block over all: four pieces would be of 13 rows, but 4 rows of 10 are the most
    List<TileBucket> buckets =
        TileBucket.plan(List.of(scene("a", 2560, 256 * 50, 256 * 50)), RULE, 40);
    assertEquals(13, buckets.size());
    assertTrue(buckets.stream().allMatch(bucket -> bucket.patches(RULE) <= 40));
  }

  @Test
  void whateverTheBlocksEveryRowIsInOneBucketInOrder() {
    long seed = 11;
    Random random = new Random(seed);
    for (int run = 0; run < 500; run++) {
      List<SceneEntry> scenes = new ArrayList<>();
      List<String> expected = new ArrayList<>();
      for (int i = 0; i < random.nextInt(12); i++) {
        int height = random.nextInt(5000) + 1;
        SceneEntry scene =
            scene("s" + (10 + i), random.nextInt(3000) + 1, height, random.nextInt(height) + 1);
        scenes.add(scene);
        for (int row = 0; scene.width() >= 256 && row < height / 256; row++) {
          expected.add(scene.id() + "/" + row);
        }
      }
      int most = random.nextInt(60) + 1;
      List<TileBucket> buckets = TileBucket.plan(scenes, RULE, most);
      List<String> rows = new ArrayList<>();
      for (TileBucket bucket : buckets) {
        bucket
            .bands()
            .forEach(
                band -> {
                  for (int row = 0; row < band.rows(); row++) {
                    rows.add(band.scene().id() + "/" + (band.firstRow() + row));
                  }
                });
        long patches = bucket.patches(RULE);
        assertTrue(
            patches <= most || (bucket.bands().size() == 1 && bucket.bands().get(0).rows() == 1),
            "seed " + seed + " run " + run + ": " + patches + " patches, at most " + most);
      }
      assertEquals(expected, rows, "seed " + seed + " run " + run);
    }
  }
}
