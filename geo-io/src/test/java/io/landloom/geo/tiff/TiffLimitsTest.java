package io.landloom.geo.tiff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class TiffLimitsTest {
  @Test
  void defaults() {
    assertEquals(
        new TiffLimits(16777216, 32, 4096, 8388608, 1073741824, 17179869184L, 1100, 1500),
        TiffLimits.defaults());
  }

  @Test
  void refusesLimitsThatCannotBeKept() {
    assertEquals(
        "ifds = 0, must be 1 or more",
        assertThrows(IllegalArgumentException.class, () -> new TiffLimits(1, 0, 1, 1, 1, 1, 1, 1))
            .getMessage());
    assertEquals(
        "tagBytes 1, blockBytes 1073741825: at most 1 GiB each",
        assertThrows(
                IllegalArgumentException.class,
                () -> new TiffLimits(1, 1, 1, 1, 1073741825, 1, 1, 1))
            .getMessage());
  }
}
