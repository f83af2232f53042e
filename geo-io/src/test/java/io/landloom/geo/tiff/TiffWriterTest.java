package io.landloom.geo.tiff;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.geo.JdkImages;
import io.landloom.geo.image.Raster;
import io.landloom.geo.image.SampleType;
import io.landloom.geo.scene.Georeference;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageReader;
import javax.imageio.plugins.tiff.TIFFDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TiffWriterTest {
  @TempDir Path folder;

  private byte[] write(TiffWriter.Options options, Raster raster, int step) throws IOException {
    Path file = folder.resolve("written.tif");
    try (TiffWriter writer = TiffWriter.create(file, options)) {
      for (int y = 0; y < raster.height(); y += step) {
        int rows = Math.min(step, raster.height() - y);
        writer.writeRows(raster.crop(0, y, raster.width(), rows));
      }
    }
    return Files.readAllBytes(file);
  }

  static Stream<Arguments> kinds() {
    List<Arguments> cases = new ArrayList<>();
    for (int type :
        List.of(
            BufferedImage.TYPE_BYTE_GRAY,
            BufferedImage.TYPE_USHORT_GRAY,
            BufferedImage.TYPE_3BYTE_BGR,
            BufferedImage.TYPE_4BYTE_ABGR)) {
      for (TiffWriter.Compression compression : TiffWriter.Compression.values()) {
        for (TiffWriter.Predictor predictor : TiffWriter.Predictor.values()) {
          cases.add(Arguments.of(type, compression, predictor, new TiffWriter.Layout.Tiles(32)));
          cases.add(Arguments.of(type, compression, predictor, new TiffWriter.Layout.Strips(7)));
        }
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void theJdkAndOurReaderReadWhatWasWritten(
      int type,
      TiffWriter.Compression compression,
      TiffWriter.Predictor predictor,
      TiffWriter.Layout layout)
      throws IOException {
    Raster raster = JdkImages.raster(JdkImages.pattern(type, 101, 77, 8));
    TiffWriter.Options options =
        TiffWriter.Options.of(101, 77, raster.bands())
            .withType(raster.type())
            .withCompression(compression)
            .withPredictor(predictor)
            .withLayout(layout);
    byte[] file = write(options, raster, 10);
    boolean readByJdk =
        predictor == TiffWriter.Predictor.NONE
            || compression == TiffWriter.Compression.NONE
            || raster.type() == SampleType.UINT8;
    if (readByJdk) {
      assertEquals(raster, JdkImages.raster(JdkImages.read(file, "tiff")));
    }
    try (TiffReader reader = TiffReaderTest.open(file)) {
      assertEquals(raster, reader.rows(0, 77));
    }
  }

  @Test
  void lzwOfManyTablesIsReadByTheJdk() throws IOException {
    BufferedImage image = JdkImages.pattern(BufferedImage.TYPE_3BYTE_BGR, 600, 500, 9);
    Raster raster = JdkImages.raster(image);
    TiffWriter.Options options =
        TiffWriter.Options.of(600, 500, 3)
            .withLayout(new TiffWriter.Layout.Strips(500))
            .withCompression(TiffWriter.Compression.LZW);
    byte[] file = write(options, raster, 500);
    assertEquals(raster, JdkImages.raster(JdkImages.read(file, "tiff")));
    try (TiffReader reader = TiffReaderTest.open(file)) {
      assertEquals(raster, reader.rows(0, 500));
    }
  }

  @Test
  void carriesPaletteAndGeoreference() throws IOException {
    Georeference place =
        new Georeference("EPSG:32650", new double[] {500000, 4, 0, 3320000, 0, -4});
    TiffWriter.Options options =
        TiffWriter.Options.of(4, 1, 1)
            .withPalette(new int[] {0, 0xC80000, 0xFA0096})
            .withGeoreference(place);
    byte[] file = write(options, Raster.ofBytes(4, 1, 1, new byte[] {0, 1, 2, 1}), 1);
    BufferedImage image = JdkImages.read(file, "tiff");
    assertEquals(0xFFFA0096, image.getRGB(2, 0));
    TIFFDirectory ifd = directory(file);
    assertArrayEquals(new double[] {4, 4, 0}, ifd.getTIFFField(33550).getAsDoubles());
    assertArrayEquals(
        new double[] {0, 0, 0, 500000, 3320000, 0}, ifd.getTIFFField(33922).getAsDoubles());
    assertArrayEquals(
        new int[] {1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32650},
        ifd.getTIFFField(34735).getAsInts());
    try (TiffReader reader = TiffReaderTest.open(file)) {
      assertEquals("EPSG:32650", reader.header().georeference().crs());
      assertArrayEquals(place.transform(), reader.header().georeference().transform());
      assertEquals(0xC80000, reader.header().palette()[1]);
    }
  }

  @Test
  void writesGeographicCodesAndRotations() throws IOException {
    double[] transform = {100, 1, 2, 200, 3, -4};
    TiffWriter.Options options =
        TiffWriter.Options.of(1, 1, 1).withGeoreference(new Georeference("EPSG:4490", transform));
    byte[] file = write(options, Raster.ofBytes(1, 1, 1, new byte[1]), 1);
    TIFFDirectory ifd = directory(file);
    assertArrayEquals(
        new double[] {1, 2, 0, 100, 3, -4, 0, 200, 0, 0, 0, 0, 0, 0, 0, 1},
        ifd.getTIFFField(34264).getAsDoubles());
    assertArrayEquals(
        new int[] {1, 1, 0, 3, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, 4490},
        ifd.getTIFFField(34735).getAsInts());
    try (TiffReader reader = TiffReaderTest.open(file)) {
      assertArrayEquals(transform, reader.header().georeference().transform());
    }
  }

  private static TIFFDirectory directory(byte[] file) throws IOException {
    ImageReader reader = JdkImages.reader(file, "tiff");
    try {
      return TIFFDirectory.createFromMetadata(reader.getImageMetadata(0));
    } finally {
      reader.dispose();
    }
  }

  @Test
  void choosesBigTiffWhereTheFileCouldPass4GiB() {
    assertEquals(43, TiffIfdBuilder.forFileOf(1L << 32).header(16).getShort(2));
    assertEquals(42, TiffIfdBuilder.forFileOf(1L << 31).header(8).getShort(2));
  }

  @Test
  void laysBigTiffOutAsMadeByHand() throws IOException {
    TiffIfdBuilder big = TiffIfdBuilder.forFileOf(1L << 33);
    big.longs(TiffTag.IMAGE_WIDTH, 2);
    big.longs(TiffTag.IMAGE_LENGTH, 2);
    big.shorts(TiffTag.BITS_PER_SAMPLE, 8);
    big.shorts(TiffTag.COMPRESSION, 1);
    big.shorts(TiffTag.PHOTOMETRIC, 1);
    big.shorts(TiffTag.SAMPLES_PER_PIXEL, 1);
    big.longs(TiffTag.ROWS_PER_STRIP, 1);
    big.offsets(TiffTag.STRIP_OFFSETS, 16, 18);
    big.offsets(TiffTag.STRIP_BYTE_COUNTS, 2, 2);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(big.header(20).array());
    file.writeBytes(new byte[] {1, 2, 3, 4});
    file.writeBytes(big.build(20));
    byte[] expected =
        TiffBytes.bigTiff(ByteOrder.LITTLE_ENDIAN)
            .image(2, 2, 8, new byte[] {1, 2, 3, 4})
            .longs(256, 2)
            .longs(257, 2)
            .shorts(277, 1)
            .longs(278, 1)
            .tag(273, 16, 16, 18)
            .tag(279, 16, 2, 2)
            .build();
    assertArrayEquals(expected, file.toByteArray());
  }

  @Test
  void refusesToCloseBeforeAllRowsAreWritten() throws IOException {
    Path file = folder.resolve("incomplete.tif");
    TiffWriter writer = TiffWriter.create(file, TiffWriter.Options.of(2, 3, 1));
    writer.writeRows(Raster.ofBytes(2, 1, 1, new byte[2]));
    IOException incomplete = assertThrows(IOException.class, writer::close);
    assertEquals(file + ": 1 of 3 rows were written", incomplete.getMessage());
  }

  @Test
  void refusesRowsThatDoNotFit() throws IOException {
    Path file = folder.resolve("refused.tif");
    try (TiffWriter writer = TiffWriter.create(file, TiffWriter.Options.of(2, 1, 1))) {
      IllegalArgumentException refusal =
          assertThrows(
              IllegalArgumentException.class,
              () -> writer.writeRows(Raster.ofBytes(2, 2, 1, new byte[4])));
      assertEquals(
          file + ": Raster 2 x 2 x 1 UINT8 after 0 rows of 2 x 1 x 1 UINT8", refusal.getMessage());
      writer.writeRows(Raster.ofBytes(2, 1, 1, new byte[2]));
    }
  }

  @Test
  void refusesOptionsThatContradictEachOther() {
    TiffWriter.Options options = TiffWriter.Options.of(1, 1, 3);
    assertEquals(
        "palette for 3 bands of UINT8",
        assertThrows(IllegalArgumentException.class, () -> options.withPalette(new int[2]))
            .getMessage());
    assertEquals(
        "tiles of 20, must be a multiple of 16",
        assertThrows(IllegalArgumentException.class, () -> new TiffWriter.Layout.Tiles(20))
            .getMessage());
    Georeference local = new Georeference("LOCAL_CS[\"x\"]", new double[6]);
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> options.withGeoreference(local))
            .getMessage()
            .endsWith("cannot be written, only EPSG:1 to EPSG:32766"));
    TiffWriter.Options predicted = options.withPredictor(TiffWriter.Predictor.HORIZONTAL);
    assertEquals(
        "predictor HORIZONTAL for samples of FLOAT32",
        assertThrows(IllegalArgumentException.class, () -> predicted.withType(SampleType.FLOAT32))
            .getMessage());
    Georeference geocentric = new Georeference("EPSG:4978", new double[] {0, 1, 0, 0, 0, -1});
    assertEquals(
        "CRS 'EPSG:4978' (WGS 84) cannot be written, only projected and two-dimensional geographic"
            + " ones",
        assertThrows(IllegalArgumentException.class, () -> options.withGeoreference(geocentric))
            .getMessage());
    Georeference unheardOf = new Georeference("EPSG:3", new double[] {0, 1, 0, 0, 0, -1});
    assertEquals(
        "CRS 'EPSG:3' is not known",
        assertThrows(IllegalArgumentException.class, () -> options.withGeoreference(unheardOf))
            .getMessage());
    assertEquals(SampleType.UINT8, options.type());
  }
}
