package io.landloom.geo.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** Pixels that are told apart by their values: sample b of pixel (x, y) is 100 y + 10 x + b. */
class RasterTest {
  private static Raster numbered(int width, int height, int bands) {
    byte[] samples = new byte[width * height * bands];
    int at = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int band = 0; band < bands; band++) {
          samples[at++] = (byte) (100 * y + 10 * x + band);
        }
      }
    }
    return Raster.ofBytes(width, height, bands, samples);
  }

  @Test
  void aRasterOwnsSamplesOfItsSize() {
    Raster raster = numbered(3, 2, 4);
    assertEquals(12, raster.rowBytes());
    assertEquals("Raster 3 x 2 x 4 UINT8", raster.toString());
    Raster wide = new Raster(3, 2, 2, SampleType.FLOAT32, new byte[48]);
    assertEquals(24, wide.rowBytes());
    for (int[] wrong : new int[][] {{0, 2, 4}, {3, 0, 4}, {3, 2, 0}, {3, 2, 5}}) {
      IllegalArgumentException refusal =
          assertThrows(
              IllegalArgumentException.class,
              () -> Raster.ofBytes(wrong[0], wrong[1], wrong[2], new byte[24]));
      assertEquals(
          "raster of " + wrong[0] + " x " + wrong[1] + " x " + wrong[2] + " UINT8 over 24 bytes",
          refusal.getMessage());
    }
  }

  @Test
  void paletteIndicesBecomeTheirColours() {
    int[] palette = new int[256];
    palette[1] = 0x102030;
    palette[255] = 0xFFFEFD;
    Raster colored = Raster.ofBytes(3, 1, 1, new byte[] {1, (byte) 255, 0}).colored(palette);
    assertEquals(3, colored.bands());
    assertArrayEquals(
        new byte[] {0x10, 0x20, 0x30, (byte) 0xFF, (byte) 0xFE, (byte) 0xFD, 0, 0, 0},
        colored.samples());
    assertEquals(
        "Raster 3 x 2 x 4 UINT8 holds no palette indices",
        assertThrows(IllegalStateException.class, () -> numbered(3, 2, 4).colored(palette))
            .getMessage());
    Raster wide = new Raster(1, 1, 1, SampleType.UINT16, new byte[2]);
    assertEquals(
        "Raster 1 x 1 x 1 UINT16 holds no palette indices",
        assertThrows(IllegalStateException.class, () -> wide.colored(palette)).getMessage());
  }

  @Test
  void coloursAreTheFirstThreeBands() {
    Raster rgb = numbered(2, 2, 3);
    assertSame(rgb, rgb.colors());
    assertArrayEquals(
        new byte[] {0, 1, 2, 10, 11, 12, 100, 101, 102, 110, 111, 112},
        numbered(2, 2, 5).colors().samples());
    assertEquals(
        "Raster 2 x 2 x 2 UINT8 holds no colours",
        assertThrows(IllegalStateException.class, () -> numbered(2, 2, 2).colors()).getMessage());
    Raster wide = new Raster(1, 1, 3, SampleType.UINT16, new byte[6]);
    assertEquals(
        "Raster 1 x 1 x 3 UINT16 holds no colours",
        assertThrows(IllegalStateException.class, wide::colors).getMessage());
  }

  @Test
  void bandsAreChosenInAnyOrder() {
    Raster chosen = numbered(2, 2, 4).bands(3, 0);
    assertEquals(2, chosen.bands());
    assertArrayEquals(new byte[] {3, 0, 13, 10, 103, 100, 113, 110}, chosen.samples());
    Raster wide =
        new Raster(2, 1, 2, SampleType.UINT16, new byte[] {1, 2, 3, 4, 5, 6, 7, 8}).bands(1);
    assertEquals(SampleType.UINT16, wide.type());
    assertArrayEquals(new byte[] {3, 4, 7, 8}, wide.samples());
    for (int band : new int[] {-1, 4}) {
      assertEquals(
          "band " + band + " of Raster 2 x 2 x 4 UINT8",
          assertThrows(IllegalArgumentException.class, () -> numbered(2, 2, 4).bands(0, band))
              .getMessage());
    }
  }

  @Test
  void aCropIsARectangleOfAllBands() {
    Raster raster = numbered(5, 2, 2);
    assertArrayEquals(
        new byte[] {20, 21, 30, 31, 120, 121, (byte) 130, (byte) 131},
        raster.crop(2, 0, 2, 2).samples());
    assertArrayEquals(new byte[] {(byte) 140, (byte) 141}, raster.crop(4, 1, 1, 1).samples());
    assertEquals(raster, raster.crop(0, 0, 5, 2));
    Raster wide = new Raster(3, 1, 1, SampleType.INT16, new byte[] {1, 2, 3, 4, 5, 6});
    assertArrayEquals(new byte[] {3, 4, 5, 6}, wide.crop(1, 0, 2, 1).samples());
    for (int[] wrong :
        new int[][] {{-1, 0, 1, 1}, {0, -1, 1, 1}, {4, 0, 2, 1}, {0, 1, 1, 2}, {5, 0, 1, 1}}) {
      assertEquals(
          "crop of "
              + wrong[2]
              + " x "
              + wrong[3]
              + " at "
              + wrong[0]
              + ", "
              + wrong[1]
              + " of a raster of 5 x 2",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> raster.crop(wrong[0], wrong[1], wrong[2], wrong[3]))
              .getMessage());
    }
  }

  @Test
  void rastersAreEqualByShapeTypeAndSamples() {
    Raster raster = numbered(2, 3, 1);
    assertEquals(raster, numbered(2, 3, 1));
    assertEquals(raster.hashCode(), numbered(2, 3, 1).hashCode());
    assertNotEquals(raster, Raster.ofBytes(3, 2, 1, raster.samples()));
    assertNotEquals(raster, Raster.ofBytes(2, 1, 3, raster.samples()));
    assertNotEquals(raster, Raster.ofBytes(1, 3, 2, raster.samples()));
    assertNotEquals(raster, new Raster(2, 3, 1, SampleType.INT8, raster.samples()));
    assertNotEquals(raster, Raster.ofBytes(2, 3, 1, new byte[6]));
    assertNotEquals(raster, "Raster 2 x 3 x 1 UINT8");
    assertNotEquals(raster.hashCode(), Raster.ofBytes(2, 3, 1, new byte[6]).hashCode());
  }
}
