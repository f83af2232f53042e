package io.landloom.synthesis.measure;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The expected numbers are counted by hand. */
class RegionVectorsTest {
  private static final float CLOSE = 1e-6f;
  // 4 x 4 pixels: three of class 0, twelve of class 1, one unknown
  private static final byte[] MASK = {0, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 2};
  private static final FeatureMap FINE =
      new FeatureMap(1, 4, 4, new float[] {4, 0, 0, 0, 2, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 100});
  private static final FeatureMap COARSE =
      new FeatureMap(2, 2, 2, new float[] {3, 0, 0, 6, 30, 0, 0, 60});

  private static RegionVectors with(int leastPixels, FeatureMap... maps) {
    RegionVectors regions = new RegionVectors(2, leastPixels);
    regions.add(List.of(maps), MASK);
    return regions;
  }

  @Test
  void cellsCountByTheirPixelsOfTheClass() {
    RegionVectors regions = with(3, FINE, COARSE);
    // coarse cells hold 2, 0, 0 and 1 pixels of class 0, and 2, 4, 4 and 2 of class 1
    assertArrayEquals(new float[] {5, 4, 40}, regions.of(0)[0], CLOSE);
    assertArrayEquals(new float[] {0, 18 / 12f, 180 / 12f}, regions.of(1)[0], CLOSE);
  }

  @Test
  void anImageWithTooLittleOfAClassIsLeftOut() {
    RegionVectors regions = with(4, FINE);
    assertEquals(0, regions.of(0).length);
    assertEquals(1, regions.of(1).length);
  }

  private static RegionVectors ofClassZero(float... means) {
    RegionVectors regions = new RegionVectors(1, 1);
    for (float mean : means) {
      regions.add(List.of(new FeatureMap(1, 1, 1, new float[] {mean})), new byte[4]);
    }
    return regions;
  }

  @Test
  void theDistanceIsInUnitsOfTheThirdSet() {
    RegionVectors units = ofClassZero(0, 2, 4); // mean 2, deviation 2
    RegionVectors real = ofClassZero(2, 4, 6); // in units: mean 1, deviation 1
    RegionVectors drawn = ofClassZero(4, 8, 12); // mean 3, deviation 2
    assertEquals(4 + 1, drawn.distance(real, units, 0), 1e-6);
    assertEquals(0, real.distance(real, units, 0), 1e-9);
  }

  @Test
  void aSetOfOneHasNoDistance() {
    RegionVectors three = ofClassZero(0, 2, 4);
    assertTrue(Double.isNaN(ofClassZero(1).distance(three, three, 0)));
    assertTrue(Double.isNaN(three.distance(ofClassZero(1), three, 0)));
    assertTrue(Double.isNaN(three.distance(three, ofClassZero(1), 0)));
  }
}
