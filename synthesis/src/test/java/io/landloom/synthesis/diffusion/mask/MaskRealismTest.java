package io.landloom.synthesis.diffusion.mask;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class MaskRealismTest {
  private static byte[] mask(String rows) {
    byte[] mask = new byte[rows.length()];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = (byte) (rows.charAt(i) - '0');
    }
    return mask;
  }

  @Test
  void aSetIsNoWayFromItself() {
    List<byte[]> masks = List.of(mask("001101222"), mask("000000111"));
    MaskRealism same = MaskRealism.of(masks, List.of(masks.get(1), masks.get(0)), 3, 3);
    assertEquals(new MaskRealism(0, List.of(0.0, 0.0, 0.0), 0, 0), same);
  }

  @Test
  void measuresAreThoseCountedByHand() {
    // 2 x 2 pixels, 4 edges: halves have two edges inside and two between, the whole one all inside
    MaskRealism found = MaskRealism.of(List.of(mask("0011")), List.of(mask("0000")), 2, 2);
    // of 00, 01 and 11: 1/4, 1/2 and 1/4 against 1, 0 and 0; middle 5/8, 1/4 and 1/8
    double drawn = 0.25 * Math.log(0.25 / 0.625) + 0.5 * Math.log(2) + 0.25 * Math.log(2);
    double real = Math.log(1 / 0.625);
    assertEquals((drawn + real) / 2 / Math.log(2), found.adjacency(), 1e-12);
    assertEquals(Math.log(2), found.areas().get(0), 1e-12);
    assertTrue(Double.isNaN(found.areas().get(1)), "no region of class 1 is real");
    assertEquals(1, found.regionCounts(), 1e-12);
    assertEquals(0.5, found.boundary(), 1e-12);
  }

  @Test
  void setsWithoutAnEdgeInCommonAreOneBitApart() {
    MaskRealism apart = MaskRealism.of(List.of(mask("0000")), List.of(mask("1111")), 2, 2);
    assertEquals(1, apart.adjacency(), 1e-12);
  }

  @Test
  void distancesOfNumbersAreTheAreaBetweenTheirDistributions() {
    assertEquals(2, MaskRealism.wasserstein(List.of(1.0, 2.0), List.of(4.0, 3.0)), 1e-12);
    // a quarter of 0 .. 1, and a half of 1 .. 5
    assertEquals(
        0.25 + 2, MaskRealism.wasserstein(List.of(5.0, 1.0), List.of(0.0, 1.0, 1.0, 1.0)), 1e-12);
    assertEquals(0, MaskRealism.wasserstein(List.of(7.0), List.of(7.0, 7.0)), 1e-12);
  }

  @Test
  void specksAreUnlikeAndCleaningBringsThemBack() {
    byte[] real = mask("0001100011000110001100011");
    byte[] noisy = real.clone();
    noisy[6] = 1;
    noisy[14] = 0;
    byte[] cleaned = MaskCleaning.withoutSpecks(noisy, 5, new int[] {2, 2}, new int[2]);
    MaskRealism before = MaskRealism.of(List.of(noisy), List.of(real), 5, 2);
    assertEquals(2, before.regionCounts());
    assertTrue(before.boundary() > 0.1 && before.adjacency() > 0, before.toString());
    assertEquals(
        new MaskRealism(0, List.of(0.0, 0.0), 0, 0),
        MaskRealism.of(List.of(cleaned), List.of(real), 5, 2));
  }

  @Test
  void refusesSetsThatHaveNothingToCompare() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> MaskRealism.of(List.of(), List.of(mask("0000")), 2, 2));
    assertEquals("0 masks of width 2 have no two pixels that touch", e.getMessage());
  }
}
