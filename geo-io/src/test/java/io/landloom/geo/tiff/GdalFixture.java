package io.landloom.geo.tiff;

import io.landloom.geo.source.CountingByteSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A TIFF that GDAL wrote and what GDAL reads from it; src/test/python/tiff_fixtures.py makes them.
 *
 * @param name name without extension
 * @param dtype NumPy's name of the type
 * @param width pixels a row
 * @param height rows
 * @param bands samples a pixel
 * @param pixels CRC-32 of the pixels
 * @param nodata nodata value, null without one
 * @param mask CRC-32 of the mask's zeros and ones, null without one
 */
record GdalFixture(
    String name,
    String dtype,
    int width,
    int height,
    int bands,
    String pixels,
    Double nodata,
    String mask) {

  static List<GdalFixture> all() throws IOException {
    String table = new String(resource("expected.tsv"), StandardCharsets.UTF_8);
    return table.lines().map(GdalFixture::parse).toList();
  }

  static GdalFixture named(String name) throws IOException {
    return all().stream().filter(fixture -> fixture.name().equals(name)).findFirst().orElseThrow();
  }

  private static GdalFixture parse(String line) {
    String[] cells = line.split("\t");
    Double nodata =
        switch (cells[6]) {
          case "-" -> null;
          case "nan" -> Double.NaN;
          default -> Double.valueOf(cells[6]);
        };
    return new GdalFixture(
        cells[0],
        cells[1],
        Integer.parseInt(cells[2]),
        Integer.parseInt(cells[3]),
        Integer.parseInt(cells[4]),
        cells[5],
        nodata,
        cells[7].equals("-") ? null : cells[7]);
  }

  byte[] bytes() throws IOException {
    return resource(name + ".tif");
  }

  TiffReader open() throws IOException {
    return TiffReader.open(new CountingByteSource(name + ".tif", bytes()), TiffLimits.defaults());
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream stream = GdalFixture.class.getResourceAsStream("/tiff/" + name)) {
      return stream.readAllBytes();
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
