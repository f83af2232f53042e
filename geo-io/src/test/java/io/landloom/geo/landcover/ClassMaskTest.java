package io.landloom.geo.landcover;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class ClassMaskTest {
  private static final LandCoverScheme MBRSC = LandCoverScheme.named("mbrsc");
  private static final int UNKNOWN = 255;

  private static ClassMask mask(int width, int... indices) {
    byte[] bytes = new byte[indices.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) indices[i];
    }
    return new ClassMask(width, indices.length / width, bytes);
  }

  @Test
  void countsByPositionWithUnknownWhereTheSchemeListsIt() {
    ClassCounts counts = mask(4, 0, 0, 0, 2, 4, UNKNOWN, UNKNOWN, 2).counts(MBRSC);
    assertArrayEquals(new long[] {3, 0, 2, 0, 1, 2}, counts.pixels());
    assertEquals(8, counts.total());
    assertEquals(6, counts.valid());
    assertEquals(0.25, counts.unknownFraction());
  }

  @Test
  void countsRunsAndMixturesAlike() {
    int[] indices = new int[3 * 8 + 5];
    Arrays.fill(indices, 0, 8, UNKNOWN);
    Arrays.fill(indices, 8, 16, 4);
    indices[15] = 3;
    indices[16] = 2;
    Arrays.fill(indices, 24, 29, 1);
    // 8 unknown; 7 of 4 and one 3; one 2 and 7 of 0; 5 of 1 behind the last eight
    assertArrayEquals(new long[] {7, 5, 1, 1, 7, 8}, mask(29, indices).counts(MBRSC).pixels());
  }

  @Test
  void sharesAreOfTheValidPixels() {
    ClassProportions shares = mask(4, 0, 0, 0, UNKNOWN).counts(MBRSC).proportions();
    assertEquals(OptionalDouble.of(1), shares.at(0));
    assertEquals(OptionalDouble.of(0), shares.at(1));
    assertEquals(OptionalDouble.empty(), shares.at(5));
    ClassProportions none = mask(1, UNKNOWN).counts(MBRSC).proportions();
    assertEquals(OptionalDouble.empty(), none.at(0));
  }

  @Test
  void addsCountsOfOneScheme() {
    ClassCounts sum = mask(1, 0).counts(MBRSC).plus(mask(2, 0, 1).counts(MBRSC));
    assertArrayEquals(new long[] {2, 1, 0, 0, 0, 0}, sum.pixels());
    assertThrows(
        IllegalArgumentException.class,
        () -> sum.plus(mask(1, 1).counts(LandCoverScheme.named("gid5"))));
  }

  @Test
  void refusesIndicesTheSchemeDoesNotHave() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> mask(3, 0, 9, 9).counts(MBRSC));
    assertEquals("2 pixels of class index 9, not in scheme mbrsc v1 (6 classes)", e.getMessage());
  }

  @Test
  void cropsARectangle() {
    assertEquals(mask(2, 5, 6, 8, 9), mask(3, 1, 2, 3, 4, 5, 6, 7, 8, 9).crop(1, 1, 2, 2));
  }

  @Test
  void refusesSizesThatDoNotAgree() {
    assertThrows(IllegalArgumentException.class, () -> new ClassMask(2, 2, new byte[3]));
    assertThrows(IllegalArgumentException.class, () -> new ClassMask(0, 2, new byte[0]));
  }
}
