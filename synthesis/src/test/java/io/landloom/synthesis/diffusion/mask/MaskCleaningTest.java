package io.landloom.synthesis.diffusion.mask;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

class MaskCleaningTest {
  private static byte[] mask(String... rows) {
    String all = String.join("", rows);
    byte[] mask = new byte[all.length()];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = (byte) (all.charAt(i) - '0');
    }
    return mask;
  }

  @Test
  void theMajorityTakesSpecksAndKeepsStraightBorders() {
    assertArrayEquals(
        mask(
            "00011", //
            "00011", "00011"),
        MaskCleaning.majority(
            mask(
                "00011", //
                "02011", "00011"),
            5,
            3));
  }

  @Test
  void aPixelKeepsItsClassWhereNoneIsMoreFrequent() {
    assertArrayEquals(mask("01", "10"), MaskCleaning.majority(mask("01", "10"), 2, 2));
  }

  @Test
  void smallRegionsTakeTheClassTheyBorderMostOn() {
    byte[] drawn =
        mask(
            "00001", //
            "02211", "02211", "00031");
    // the 3 borders on one 0 and, above and beside it, on two 1
    assertArrayEquals(
        mask(
            "00001", //
            "02211", "02211", "00011"),
        MaskCleaning.withoutSpecks(drawn, 5, new int[] {2, 2, 2, 2}, new int[4]));
    // the block of 2 borders on 0 six times and on 1 twice
    assertArrayEquals(
        mask(
            "00001", //
            "00011", "00011", "00031"),
        MaskCleaning.withoutSpecks(drawn, 5, new int[] {0, 0, 5, 0}, new int[4]));
  }

  @Test
  void aClassIsNotBroughtBelowThePixelsAskedOfIt() {
    byte[] drawn = mask("0010", "0000", "1100");
    // of three pixels two are asked for: the single one goes, the two together stay
    assertArrayEquals(
        mask("0000", "0000", "1100"),
        MaskCleaning.withoutSpecks(drawn, 4, new int[] {0, 9}, new int[] {0, 2}));
    assertArrayEquals(
        drawn, MaskCleaning.withoutSpecks(drawn, 4, new int[] {0, 9}, new int[] {0, 3}));
  }

  @Test
  void aMaskOfOneClassStays() {
    assertArrayEquals(
        mask("11", "11"),
        MaskCleaning.withoutSpecks(mask("11", "11"), 2, new int[] {9, 9}, new int[2]));
  }
}
