package io.landloom.geo.patch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.geo.image.SampleType;
import io.landloom.geo.scene.Georeference;
import io.landloom.geo.scene.SceneHeader;
import io.landloom.geo.source.SceneFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.locationtech.jts.geom.Geometry;
import org.locationtech.jts.io.ParseException;
import org.locationtech.jts.io.WKBReader;

class FootprintTest {
  private static final PatchWindow WINDOW = new PatchWindow(0, 0, 256, 256);

  private static Georeference at(String crs, double x, double y, double step) {
    return new Georeference(crs, new double[] {x, step, 0, y, 0, -step});
  }

  @Test
  void projectsUtmWithLongitudeFirst() throws SceneFormatException {
    // the central meridian of zone 50 is 117 degrees east; 3,320,000 m of northing is 30.0 north
    Footprint footprint = Footprint.of(at("EPSG:32650", 500000, 3320000, 4), WINDOW);
    double[] bounds = footprint.bbox();
    assertEquals(117.0, bounds[0], 1e-4);
    assertEquals(30.0, bounds[3], 0.02);
    // 1024 m are 0.0106 degrees of longitude and 0.0092 of latitude there
    assertEquals(0.01061, bounds[2] - bounds[0], 2e-5);
    assertEquals(0.00924, bounds[3] - bounds[1], 2e-5);
  }

  @Test
  void projectsTheSouthernHemisphere() throws SceneFormatException {
    Footprint footprint = Footprint.of(at("EPSG:32721", 500000, 10000000, 10), WINDOW);
    assertArrayEquals(new double[] {-57.0, -0.02315, -56.977, 0}, footprint.bbox(), 1e-4);
  }

  @Test
  void projectsWebMercator() throws SceneFormatException {
    // half the equator's circumference is 20037508.34 m
    Footprint footprint = Footprint.of(at("EPSG:3857", 10018754.17, 0, 1), WINDOW);
    assertEquals(90.0, footprint.bbox()[0], 1e-6);
    assertEquals(0.0, footprint.bbox()[3], 1e-9);
  }

  @Test
  void keepsDegreesOfWgs84() throws SceneFormatException {
    Footprint footprint = Footprint.of(at("EPSG:4326", 116, 40, 0.5), new PatchWindow(2, 4, 2, 4));
    assertArrayEquals(new double[] {117, 36, 118, 38}, footprint.bbox());
  }

  @Test
  void writesThePolygonAsLittleEndianWkb() throws SceneFormatException, ParseException {
    Footprint footprint = Footprint.of(at("EPSG:4326", 116, 40, 1), new PatchWindow(0, 0, 1, 2));
    byte[] wkb = footprint.wkb();
    ByteBuffer buffer = ByteBuffer.wrap(wkb).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(1, buffer.get());
    assertEquals(3, buffer.getInt());
    Geometry polygon = new WKBReader().read(wkb);
    assertEquals("POLYGON ((116 40, 116 38, 117 38, 117 40, 116 40))", polygon.toText());
    assertTrue(polygon.isValid());
  }

  @Test
  void hasNoneWithoutGeoreference() throws SceneFormatException {
    SceneHeader header =
        new SceneHeader(
            "PNG",
            9,
            9,
            1,
            SampleType.UINT8,
            null,
            null,
            SceneHeader.Storage.of("DEFLATE", "whole image"));
    assertEquals(Optional.empty(), Footprint.of(header, WINDOW));
  }

  @Test
  void refusesACrsThatNobodyKnows() {
    SceneFormatException refusal =
        assertThrows(
            SceneFormatException.class, () -> Footprint.of(at("EPSG:30000", 0, 0, 1), WINDOW));
    assertEquals("EPSG:30000: is not a CRS with a way to WGS 84", refusal.getMessage());
  }

  @Test
  void refusesPlacesOffTheEarth() {
    SceneFormatException refusal =
        assertThrows(
            SceneFormatException.class,
            () -> Footprint.of(at("EPSG:32650", 1e30, 1e30, 1), WINDOW));
    assertTrue(refusal.getMessage().startsWith("EPSG:32650: PatchWindow["), refusal.getMessage());
  }
}
