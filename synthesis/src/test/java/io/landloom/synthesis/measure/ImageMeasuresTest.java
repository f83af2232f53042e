package io.landloom.synthesis.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.geo.image.Raster;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Compares with SciPy and PyTorch, whose numbers measures.py saved. */
class ImageMeasuresTest {
  private Oracle oracle;

  @BeforeEach
  void open() throws IOException {
    oracle = Oracle.open();
  }

  private ImageSet images(String name) {
    return ImageSet.of(oracle.input("images." + name));
  }

  private List<FeatureMap> maps(String name) {
    return List.of(
        new FeatureMap(4, 8, 12, oracle.input("features." + name + ".0").values()),
        new FeatureMap(6, 4, 6, oracle.input("features." + name + ".1").values()),
        new FeatureMap(5, 2, 3, oracle.input("features." + name + ".2").values()));
  }

  private byte[] region() {
    return oracle.bytes("region");
  }

  private static void assertClose(double[] expected, float[] actual, double tolerance) {
    assertEquals(expected.length, actual.length);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(
          expected[i], actual[i], tolerance * Math.max(1, Math.abs(expected[i])), "at " + i);
    }
  }

  @Test
  void pyramidIsThatOfScipysConvolution() {
    List<Pyramid.Level> pyramid = Pyramid.of(images("first").image(0), 4);
    for (int level = 0; level < 4; level++) {
      Pyramid.Level found = pyramid.get(level);
      double[] corner = oracle.numbers("pyramid.level" + level); // (4, 5, 3)
      for (int i = 0; i < corner.length; i++) {
        int pixel = i / 15 * found.width() + i / 3 % 5;
        assertEquals(corner[i], found.planes()[i % 3][pixel], 1e-4, "level " + level + " at " + i);
      }
    }
  }

  @Test
  void levelsAreHalvedWhileTheyAreEvenAndLargeEnough() {
    assertEquals(4, Pyramid.levels(128, 128, 16));
    assertEquals(2, Pyramid.levels(32, 48, 16));
    assertEquals(3, Pyramid.levels(100, 100, 16)); // 25 is odd
    assertEquals(1, Pyramid.levels(31, 64, 16));
  }

  @Test
  void statisticsAreThoseOfNumpy() {
    assertClose(oracle.numbers("statistics"), ImageStatistics.of(images("first").image(0)), 1e-5);
    assertEquals(27, ImageStatistics.length(3));
  }

  @Test
  void statisticsOfAFlatImageAreFinite() {
    float[] statistics = ImageStatistics.of(Raster.ofBytes(16, 16, 3, new byte[768]));
    for (float number : statistics) {
      assertTrue(Float.isFinite(number));
    }
    assertEquals(
        "Raster 20 x 20 x 3 UINT8: statistics of detail need sides that are multiples of 8, from 16",
        assertThrows(
                IllegalArgumentException.class,
                () -> ImageStatistics.of(Raster.ofBytes(20, 20, 3, new byte[1200])))
            .getMessage());
  }

  @Test
  void slicedWassersteinDistanceIsTheMeanOfScipysOverTheSameSlices() {
    SlicedWasserstein distance = SlicedWasserstein.between(images("first"), images("second"), 11);
    double[] expected = oracle.numbers("sliced");
    assertEquals(expected.length, distance.levels().size());
    for (int level = 0; level < expected.length; level++) {
      assertEquals(expected[level], distance.levels().get(level), 1e-3 * expected[level]);
    }
    assertEquals((expected[0] + expected[1]) / 2, distance.mean(), 1e-3 * expected[0]);
  }

  @Test
  void slicedWassersteinDistanceNeedsEqualNumbers() {
    ImageSet five = new ImageSet(images("first").images().subList(0, 5));
    assertEquals(
        "5 and 6 images: expected equal numbers",
        assertThrows(
                IllegalArgumentException.class,
                () -> SlicedWasserstein.between(five, images("second"), 11))
            .getMessage());
  }

  @Test
  void vectorsOfFeaturesAreThoseOfPyTorch() {
    assertClose(oracle.numbers("features.pooled"), FeatureVectors.pooled(maps("a")), 1e-5);
    assertClose(oracle.numbers("features.style"), FeatureVectors.style(maps("a")), 1e-5);
  }

  @Test
  void perceptualDistanceAndItsMapAreThoseOfPyTorch() {
    List<FeatureMap> a = PerceptualDistance.unit(maps("a"));
    List<FeatureMap> b = PerceptualDistance.unit(maps("b"));
    assertEquals(oracle.number("features.distance"), PerceptualDistance.between(a, b), 1e-5);
    assertEquals(0, PerceptualDistance.between(a, a));
    assertClose(oracle.numbers("features.map"), PerceptualDistance.map(a, b, 24, 16), 1e-5);
  }

  @Test
  void distancesInARegionAreMeansOfTheMap() {
    float[] map =
        PerceptualDistance.map(
            PerceptualDistance.unit(maps("a")), PerceptualDistance.unit(maps("b")), 24, 16);
    RegionDistance distance = RegionDistance.ofMap(map, region(), 1);
    assertEquals(oracle.number("region.inside"), distance.inside(), 1e-5);
    assertEquals(oracle.number("region.outside"), distance.outside(), 1e-5);
  }

  @Test
  void distancesToARegionAreScipys() {
    byte[] region = region();
    boolean[] inside = new boolean[region.length];
    for (int i = 0; i < region.length; i++) {
      inside[i] = region[i] == 1;
    }
    double[] expected = oracle.numbers("region.away");
    double[] found = PixelDistance.squared(inside, 24);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], found[i], 1e-6, "pixel " + i);
    }
    for (double away : PixelDistance.squared(new boolean[384], 24)) {
      assertTrue(away > 1e11);
    }
  }

  @Test
  void greyingKeepsOneSideOfAMaskEach() {
    Raster image = Raster.ofBytes(2, 1, 3, new byte[] {1, 2, 3, 4, 5, 6});
    byte[] positions = {7, 0};
    byte grey = (byte) 128;
    assertEquals(
        Raster.ofBytes(2, 1, 3, new byte[] {1, 2, 3, grey, grey, grey}),
        RegionDistance.greyed(image, positions, 7, RegionDistance.Keep.INSIDE));
    assertEquals(
        Raster.ofBytes(2, 1, 3, new byte[] {grey, grey, grey, 4, 5, 6}),
        RegionDistance.greyed(image, positions, 7, RegionDistance.Keep.OUTSIDE));
  }

  @Test
  void diversityIsTheMeanOverMasksThenOverTheClassesThatWereDrawnAnew() {
    RegionDistance.Means means = new RegionDistance.Means(3);
    means.add(0, List.of(new RegionDistance(0.2, 0.1), new RegionDistance(0.4, 0.1)));
    means.add(0, List.of(new RegionDistance(0.5, 0.3)));
    means.add(2, List.of(new RegionDistance(1.0, Double.NaN))); // a mask of one class
    assertEquals(0.4, means.inside(0), 1e-12);
    assertEquals(0.2, means.outside(0), 1e-12);
    assertEquals(2, means.masks(0));
    assertEquals(0.7, means.specific(), 1e-12);
    assertEquals(0.2, means.other(), 1e-12);
    assertTrue(Double.isNaN(means.inside(1)));
  }

  @Test
  void changeOfARedrawIsCountedInsideTheClassAndFarFromItAlone() {
    // a row of 40 pixels, the class in the first two, of which one changed by 30 grey levels
    byte[] before = new byte[120];
    byte[] after = new byte[120];
    byte[] positions = new byte[40];
    positions[0] = 4;
    positions[1] = 4;
    after[0] = 30;
    after[1] = 30;
    after[2] = 30;
    after[3 * 17] = 9; // 16 pixels from the class: not far
    after[3 * 18] = 66; // far, and 66 / 3 in one band of 22 far pixels
    RedrawChange change =
        RedrawChange.between(
            Raster.ofBytes(40, 1, 3, before), Raster.ofBytes(40, 1, 3, after), positions, 4);
    assertEquals(new RedrawChange(15, 1, 2, 22), change);
    assertEquals(15, change.selectivity());
    assertEquals(change, change.plus(RedrawChange.NONE));
    assertEquals(new RedrawChange(10, 2, 8, 44), change.plus(new RedrawChange(50.0 / 6, 3, 6, 22)));
  }

  @Test
  void pairsOfImagesAreDistinctAndDrawnByTheSeed() {
    List<ImagePairs.Two> all = ImagePairs.distinct(5, 20, 1);
    assertEquals(10, all.stream().distinct().count());
    assertEquals(10, all.size());
    assertTrue(all.stream().allMatch(pair -> pair.first() < pair.second() && pair.second() < 5));
    List<ImagePairs.Two> some = ImagePairs.distinct(1000, 50, 1);
    assertEquals(50, some.stream().distinct().count());
    assertEquals(some, ImagePairs.distinct(1000, 50, 1));
    assertTrue(some.stream().allMatch(pair -> pair.first() < pair.second()));
  }
}
