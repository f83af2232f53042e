package io.landloom.geo.patch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.landloom.geo.image.Raster;
import io.landloom.geo.image.SampleType;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.scene.Georeference;
import io.landloom.geo.scene.SceneHeader;
import io.landloom.geo.scene.SceneId;
import io.landloom.geo.source.SceneFormatException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a patch must be, and where its grid ends. */
class PatchTest {
  private static final PatchId ID = new PatchId(new SceneId("s"), 1, 2);
  private static final PatchWindow WINDOW = new PatchWindow(8, 4, 4, 3);

  private static Raster image(int width, int height) {
    return Raster.ofBytes(width, height, 1, new byte[width * height]);
  }

  private static String refusal(Raster image, ClassMask mask) {
    return assertThrows(
            IllegalArgumentException.class,
            () -> new Patch(ID, WINDOW, image, Optional.ofNullable(mask)))
        .getMessage();
  }

  @Test
  void imageAndMaskHaveTheWindowsSize() {
    ClassMask mask = new ClassMask(4, 3, new byte[12]);
    Patch patch = new Patch(ID, WINDOW, image(4, 3), Optional.of(mask));
    assertEquals(Optional.of(mask), patch.mask());
    String where = " of another size than PatchWindow[x=8, y=4, width=4, height=3]";
    assertEquals("s/1/2: image" + where, refusal(image(5, 3), mask));
    assertEquals("s/1/2: image" + where, refusal(image(4, 2), null));
    assertEquals("s/1/2: mask" + where, refusal(image(4, 3), new ClassMask(3, 3, new byte[9])));
    assertEquals("s/1/2: mask" + where, refusal(image(4, 3), new ClassMask(4, 4, new byte[16])));
  }

  @Test
  void aGridEndsWithItsLastRowAndColumn() {
    PatchGrid grid = new PatchGrid(10, 6, 4, 2);
    assertEquals(new PatchWindow(0, 0, 4, 4), grid.window(0, 0));
    for (int[] outside : new int[][] {{-1, 0}, {2, 0}, {0, -1}, {0, 4}}) {
      IllegalArgumentException refusal =
          assertThrows(IllegalArgumentException.class, () -> grid.window(outside[0], outside[1]));
      assertEquals(
          "patch " + outside[0] + ", " + outside[1] + " of a grid of 2 x 4", refusal.getMessage());
    }
  }

  @Test
  void windowsAndGridsOfNothingAreRefused() {
    assertEquals(
        "window at -1, 0 of 4 x 3",
        assertThrows(IllegalArgumentException.class, () -> new PatchWindow(-1, 0, 4, 3))
            .getMessage());
    assertEquals(
        "window at 0, -1 of 4 x 3",
        assertThrows(IllegalArgumentException.class, () -> new PatchWindow(0, -1, 4, 3))
            .getMessage());
    assertEquals(
        "window at 0, 0 of 0 x 3",
        assertThrows(IllegalArgumentException.class, () -> new PatchWindow(0, 0, 0, 3))
            .getMessage());
    assertEquals(
        "window at 0, 0 of 4 x 0",
        assertThrows(IllegalArgumentException.class, () -> new PatchWindow(0, 0, 4, 0))
            .getMessage());
    assertEquals(1, new PatchGrid(1, 1, 1, 1).patches());
    assertEquals(
        "scene of 0 x 1",
        assertThrows(IllegalArgumentException.class, () -> new PatchGrid(0, 1, 1, 1)).getMessage());
    assertEquals(
        "scene of 1 x 0",
        assertThrows(IllegalArgumentException.class, () -> new PatchGrid(1, 0, 1, 1)).getMessage());
    assertEquals(
        "patch size 0, stride 1",
        assertThrows(IllegalArgumentException.class, () -> new PatchGrid(1, 1, 0, 1)).getMessage());
    assertEquals(
        "patch size 1, stride 0",
        assertThrows(IllegalArgumentException.class, () -> new PatchGrid(1, 1, 1, 0)).getMessage());
  }

  @Test
  void aFootprintIsKnownFromAHeaderAndFromWkt() throws SceneFormatException {
    String wkt =
        "GEOGCS[\"WGS 84\",DATUM[\"WGS_1984\",SPHEROID[\"WGS 84\",6378137,298.257223563]],"
            + "PRIMEM[\"Greenwich\",0],UNIT[\"degree\",0.0174532925199433],"
            + "AXIS[\"Longitude\",EAST],AXIS[\"Latitude\",NORTH]]";
    double[] transform = {116, 1, 0, 40, 0, -1};
    Footprint ofWkt = Footprint.of(new Georeference(wkt, transform), new PatchWindow(0, 0, 1, 2));
    assertArrayEquals(new double[] {116, 38, 117, 40}, ofWkt.bbox(), 1e-9);
    SceneHeader header =
        new SceneHeader(
            "TIFF",
            9,
            9,
            1,
            SampleType.UINT8,
            null,
            new Georeference("EPSG:4326", transform),
            SceneHeader.Storage.of("NONE", "strips"));
    Footprint ofHeader = Footprint.of(header, new PatchWindow(0, 0, 1, 2)).orElseThrow();
    assertEquals("POLYGON ((116 40, 116 38, 117 38, 117 40, 116 40))", ofHeader.toString());
  }

  @Test
  void aCrsOfThreeDimensionsHasNoFootprint() {
    Georeference withHeights = new Georeference("EPSG:4979", new double[] {0, 1, 0, 0, 0, -1});
    SceneFormatException refusal =
        assertThrows(
            SceneFormatException.class,
            () -> Footprint.of(withHeights, new PatchWindow(0, 0, 1, 1)));
    assertEquals("EPSG:4979: is not a CRS of two dimensions", refusal.getMessage());
  }
}
