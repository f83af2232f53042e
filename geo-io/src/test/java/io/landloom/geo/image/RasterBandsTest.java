package io.landloom.geo.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class RasterBandsTest {
  @Test
  void bandsComeInTheOrderThatIsAskedFor() {
    Raster two = Raster.ofBytes(2, 1, 3, new byte[] {1, 2, 3, 4, 5, 6});
    assertEquals(Raster.ofBytes(2, 1, 2, new byte[] {3, 1, 6, 4}), two.bands(2, 0));
    assertEquals(Raster.ofBytes(2, 1, 2, new byte[] {2, 2, 5, 5}), two.bands(1, 1));
  }

  @Test
  void samplesOfSeveralBytesStayWhole() {
    Raster wide = new Raster(1, 2, 2, SampleType.UINT16, new byte[] {1, 2, 3, 4, 11, 12, 13, 14});
    assertEquals(new Raster(1, 2, 1, SampleType.UINT16, new byte[] {3, 4, 13, 14}), wide.bands(1));
  }

  @Test
  void aBandThatIsNotThereIsRefused() {
    Raster gray = Raster.ofBytes(1, 1, 1, new byte[1]);
    assertEquals(
        "band 1 of Raster 1 x 1 x 1 UINT8",
        assertThrows(IllegalArgumentException.class, () -> gray.bands(1)).getMessage());
    assertThrows(IllegalArgumentException.class, () -> gray.bands(-1));
    assertThrows(IllegalArgumentException.class, () -> gray.bands(new int[0]));
  }
}
