package io.landloom.geo.scene;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.landloom.geo.image.SampleType;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GeoreferenceTest {
  /** Turned and stretched: x = 100 + 2 column + 3 row, y = 500 + 5 column - 7 row. */
  private static final Georeference TURNED =
      new Georeference("EPSG:3857", new double[] {100, 2, 3, 500, 5, -7});

  @Test
  void placesPixelCornersByAllSixCoefficients() {
    assertEquals(100 + 2 * 10 + 3 * 20, TURNED.x(10, 20));
    assertEquals(500 + 5 * 10 - 7 * 20, TURNED.y(10, 20));
  }

  @Test
  void aPartBeginsWhereItsCornerLies() {
    Georeference part = TURNED.shifted(10, 20);
    assertEquals("EPSG:3857", part.crs());
    assertArrayEquals(new double[] {180, 2, 3, 410, 5, -7}, part.transform());
    // the part's corner (1, 1) is the whole's (11, 21)
    assertEquals(TURNED.x(11, 21), part.x(1, 1));
    assertEquals(TURNED.y(11, 21), part.y(1, 1));
  }

  @Test
  void refusesATransformThatIsNotOfSix() {
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class, () -> new Georeference("EPSG:3857", new double[5]));
    assertEquals("5 coefficients for a transform of 6", refusal.getMessage());
  }

  @Test
  void aHeaderTellsWhatItsFileStates() {
    SceneHeader.Storage plain = SceneHeader.Storage.of("LZW", "strips of 8 rows");
    assertEquals("LZW", plain.compression());
    assertEquals("strips of 8 rows", plain.layout());
    assertEquals("none", plain.placement());
    int[] palette = {0x102030};
    SceneHeader bare = new SceneHeader("TIFF", 3, 2, 1, SampleType.UINT8, null, null, plain);
    assertEquals(Optional.empty(), bare.colors());
    assertEquals(Optional.empty(), bare.place());
    assertEquals(Optional.empty(), bare.nodata());
    SceneHeader.Storage stated =
        new SceneHeader.Storage("LZW", "strips of 8 rows", -9999.0, false, "affine", "EPSG:3857");
    SceneHeader full = new SceneHeader("TIFF", 3, 2, 1, SampleType.UINT8, palette, TURNED, stated);
    assertEquals(Optional.of(palette), full.colors());
    assertEquals(Optional.of(TURNED), full.place());
    assertEquals(Optional.of(-9999.0), full.nodata());
  }
}
