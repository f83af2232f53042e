package io.landloom.geo.tiff;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.geo.image.Raster;
import io.landloom.geo.image.Validity;
import io.landloom.geo.scene.Georeference;
import io.landloom.geo.scene.SceneHeader;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What GDAL wrote is read as GDAL reads it. */
class GdalFixtureTest {
  static List<GdalFixture> all() throws IOException {
    return GdalFixture.all();
  }

  private static String crc(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return String.format("%08x", crc.getValue());
  }

  @ParameterizedTest
  @MethodSource("all")
  void readsTheSamePixelsInAnyPortions(GdalFixture fixture) throws IOException {
    try (TiffReader reader = fixture.open()) {
      SceneHeader header = reader.header();
      assertEquals(fixture.width(), header.width());
      assertEquals(fixture.height(), header.height());
      assertEquals(fixture.bands(), header.bands());
      assertEquals(fixture.dtype(), header.type().dtype());
      assertEquals(Optional.ofNullable(fixture.nodata()), header.nodata());
      Raster whole = reader.rows(0, header.height());
      assertEquals(fixture.pixels(), crc(whole.samples()));
      for (int count : new int[] {1, 3, 16}) {
        for (int y = 0; y + count <= header.height(); y += count) {
          assertEquals(whole.crop(0, y, header.width(), count), reader.rows(y, count));
        }
      }
      for (int y = header.height() - 5; y >= 0; y -= 3) {
        assertEquals(whole.crop(0, y, header.width(), 5), reader.rows(y, 5));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void findsTheSameMask(GdalFixture fixture) throws IOException {
    try (TiffReader reader = fixture.open()) {
      assertEquals(fixture.mask() != null, reader.header().storage().mask());
      if (fixture.mask() != null) {
        Raster rows = reader.rows(0, fixture.height());
        Validity validity = reader.validity(0, rows).orElseThrow();
        assertEquals(fixture.mask(), crc(validity.data()));
        Raster part = reader.rows(4, 7);
        assertEquals(
            validity.crop(0, 4, fixture.width(), 7), reader.validity(4, part).orElseThrow());
      } else {
        Raster rows = reader.rows(0, fixture.height());
        assertEquals(otherThan(fixture.nodata(), rows), reader.validity(0, rows));
      }
    }
  }

  /** As GDAL has it: data where any band has another value; empty where all pixels have. */
  private static Optional<Validity> otherThan(Double nodata, Raster rows) {
    byte[] data = new byte[rows.width() * rows.height()];
    for (int i = 0; i < data.length * rows.bands(); i++) {
      double value = rows.type().value(rows.samples(), i);
      if (!Double.isNaN(value) && (nodata == null || value != nodata)) {
        data[i / rows.bands()] = 1;
      }
    }
    Validity validity = new Validity(rows.width(), rows.height(), data);
    return validity.count() == data.length ? Optional.empty() : Optional.of(validity);
  }

  @Test
  void aPixelHoldsNoDataOnlyWhereAllBandsAreNodata() throws IOException {
    try (TiffReader reader = GdalFixture.named("nodata-int16").open()) {
      assertEquals(-9999.0, reader.header().storage().nodata());
      // rows 4 to 8 and columns 2 to 16 of both bands, and row 15 of the first band alone
      Validity validity = reader.validity(0, reader.rows(0, 19)).orElseThrow();
      assertEquals(21 * 19 - 5 * 15, validity.count());
      assertFalse(validity.holdsData(2, 4));
      assertFalse(validity.holdsData(16, 8));
      assertTrue(validity.holdsData(1, 4));
      assertTrue(validity.holdsData(17, 8));
      assertTrue(validity.holdsData(2, 3));
      assertTrue(validity.holdsData(2, 9));
      assertTrue(validity.holdsData(5, 15));
      assertEquals(Optional.empty(), reader.validity(9, reader.rows(9, 10)));
    }
  }

  @Test
  void whatIsNotANumberIsNoData() throws IOException {
    try (TiffReader reader = GdalFixture.named("nodata-nan").open()) {
      Validity validity = reader.validity(2, reader.rows(2, 5)).orElseThrow();
      for (int y = 0; y < 5; y++) {
        assertEquals(y < 1 || y > 3, validity.holdsData(20, y), "row " + (y + 2));
      }
      assertEquals(2 * 21, validity.count());
    }
  }

  @Test
  void aSparseTileHasTheNodataValueAndHoldsNoData() throws IOException {
    // GDAL left out the tiles whose pixels are all 7: their offsets and byte counts are 0
    try (TiffReader reader = GdalFixture.named("sparse").open()) {
      Raster rows = reader.rows(0, 19);
      assertEquals(7, rows.samples()[20]);
      assertEquals(7, rows.samples()[18 * 21]);
      Validity validity = reader.validity(0, rows).orElseThrow();
      assertFalse(validity.holdsData(16, 0));
      assertFalse(validity.holdsData(20, 15));
      assertFalse(validity.holdsData(0, 16));
      assertFalse(validity.holdsData(15, 18));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "uint8-none|NONE|strips of 19 rows, pixel interleaved",
        "uint8-lzw-2-big|LZW|strips of 8 rows, pixel interleaved",
        "uint8-big-planes|NONE|strips of 10 rows, band interleaved",
        "zstd-2|ZSTD|tiles 16x16, pixel interleaved",
        "lzma-planes|LZMA|tiles 16x16, band interleaved",
        "strip-packbits|PACKBITS|strips of 19 rows, pixel interleaved",
        "strip-deflate|DEFLATE|strips of 19 rows, pixel interleaved",
        "jpeg-ycbcr|JPEG|strips of 19 rows, pixel interleaved",
      })
  void saysHowPixelsAreStored(String name, String compression, String layout) throws IOException {
    try (TiffReader reader = GdalFixture.named(name).open()) {
      assertEquals(compression, reader.header().storage().compression());
      assertEquals(layout, reader.header().storage().layout());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "uint8-none|none|-",
        "place|affine|EPSG:32650",
        "place-control-points|5 control points|EPSG:4326",
        "place-own-crs|affine to a CRS without an EPSG code|-",
      })
  void saysHowPixelsArePlaced(String name, String placement, String crs) throws IOException {
    try (TiffReader reader = GdalFixture.named(name).open()) {
      SceneHeader header = reader.header();
      assertEquals(placement, header.storage().placement());
      assertEquals(crs, header.storage().crs());
      if (placement.equals("affine")) {
        Georeference place = header.place().orElseThrow();
        assertEquals(crs, place.crs());
        assertArrayEquals(new double[] {500000, 4, 0, 3400000, 0, -4}, place.transform());
      } else {
        assertNull(header.georeference());
      }
    }
  }

  @Test
  void readsPalettesOf4And8Bits() throws IOException {
    try (TiffReader reader = GdalFixture.named("palette-4").open()) {
      int[] colors = reader.header().palette();
      assertNotNull(colors);
      assertEquals(0x00FFC8, colors[0]);
      assertEquals(0xF0F0C8, colors[15]);
      assertEquals(0, colors[16]);
    }
    try (TiffReader reader = GdalFixture.named("palette-8").open()) {
      assertEquals(0xF000C8, reader.header().palette()[255]);
    }
  }

  @Test
  void neitherOverviewsNorMasksAreTheImage() throws IOException {
    try (TiffReader reader = GdalFixture.named("overviews").open()) {
      assertEquals(21, reader.header().width());
      assertFalse(reader.header().storage().mask());
    }
  }
}
