package io.landloom.geo.tiff;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.ZstdOutputStream;
import io.landloom.geo.JdkImages;
import io.landloom.geo.image.Raster;
import io.landloom.geo.image.SampleType;
import io.landloom.geo.scene.Georeference;
import io.landloom.geo.scene.SceneHeader;
import io.landloom.geo.source.CountingByteSource;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.ImageWriteParam;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class TiffReaderTest {
  static TiffReader open(byte[] file) throws IOException {
    return TiffReader.open(new CountingByteSource("scene.tif", file), TiffLimits.defaults());
  }

  static byte[] jdkTiff(BufferedImage image, String compression, int tile) throws IOException {
    return JdkImages.write(
        image,
        "tiff",
        param -> {
          if (compression != null) {
            param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            param.setCompressionType(compression);
          }
          if (tile > 0) {
            param.setTilingMode(ImageWriteParam.MODE_EXPLICIT);
            param.setTiling(tile, tile, 0, 0);
          }
        });
  }

  static Stream<Arguments> jdkTiffs() {
    List<Arguments> cases = new ArrayList<>();
    for (int type :
        List.of(
            BufferedImage.TYPE_BYTE_GRAY,
            BufferedImage.TYPE_USHORT_GRAY,
            BufferedImage.TYPE_3BYTE_BGR,
            BufferedImage.TYPE_4BYTE_ABGR)) {
      for (String compression : List.of("none", "LZW", "ZLib", "Deflate", "PackBits")) {
        for (int tile : List.of(0, 32)) {
          cases.add(Arguments.of(type, compression, tile));
        }
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("jdkTiffs")
  void readsWhatTheJdkWrote(int type, String compression, int tile) throws IOException {
    BufferedImage image = JdkImages.pattern(type, 101, 77, 5);
    byte[] file = jdkTiff(image, compression.equals("none") ? null : compression, tile);
    Raster expected = JdkImages.raster(image);
    try (TiffReader reader = open(file)) {
      SceneHeader header = reader.header();
      assertEquals("TIFF", header.format());
      assertEquals(expected.bands(), header.bands());
      assertEquals(expected.type(), header.type());
      assertNull(header.georeference());
      assertEquals(Optional.empty(), reader.validity(0, reader.rows(0, 77)));
      assertEquals(expected, reader.rows(0, 77));
      for (int count : new int[] {1, 7, 40}) {
        for (int y = 0; y + count <= 77; y += count) {
          assertEquals(expected.crop(0, y, 101, count), reader.rows(y, count));
        }
      }
      for (int y = 70; y >= 0; y -= 5) {
        assertEquals(expected.crop(0, y, 101, 7), reader.rows(y, 7));
      }
    }
  }

  @Test
  void readsOnlyTheBlocksThatHoldTheRows() throws IOException {
    BufferedImage image = JdkImages.pattern(BufferedImage.TYPE_3BYTE_BGR, 2048, 2048, 6);
    byte[] file = jdkTiff(image, null, 256);
    CountingByteSource source = new CountingByteSource("scene.tif", file);
    try (TiffReader reader = TiffReader.open(source, TiffLimits.defaults())) {
      reader.rows(512, 256);
      long oneRowOfTiles = 2048L * 256 * 3;
      assertTrue(source.bytesRead() < 2 * oneRowOfTiles + (1 << 20), "read " + source.bytesRead());
    }
    assertTrue(source.closed());
  }

  @Test
  void keepsTwoRowsOfBlocks() throws IOException {
    BufferedImage image = JdkImages.pattern(BufferedImage.TYPE_BYTE_GRAY, 256, 256, 6);
    CountingByteSource source = new CountingByteSource("scene.tif", jdkTiff(image, "LZW", 64));
    try (TiffReader reader = TiffReader.open(source, TiffLimits.defaults())) {
      Raster first = reader.rows(60, 8);
      int reads = source.reads();
      assertEquals(first, reader.rows(60, 8));
      assertEquals(reads, source.reads());
    }
  }

  @Test
  void readsPaletteAsIndicesAndColors() throws IOException {
    double[] map = new double[768];
    map[7] = 0xC8C8;
    map[256 + 7] = 0x9600;
    map[512 + 7] = 0xFAFF;
    byte[] file =
        TiffBytes.gray(ByteOrder.LITTLE_ENDIAN, 2, 1, new byte[] {7, (byte) 200})
            .shorts(262, 3)
            .shorts(320, map)
            .build();
    try (TiffReader reader = open(file)) {
      assertEquals(1, reader.header().bands());
      assertEquals(0xC896FA, reader.header().colors().orElseThrow()[7]);
      assertArrayEquals(new byte[] {7, (byte) 200}, reader.rows(0, 1).samples());
    }
  }

  @Test
  void takesColorsBelow256As8Bit() throws IOException {
    double[] map = new double[768];
    map[1] = 250;
    map[512 + 1] = 150;
    byte[] file =
        TiffBytes.gray(ByteOrder.BIG_ENDIAN, 1, 1, new byte[] {1})
            .shorts(262, 3)
            .shorts(320, map)
            .build();
    try (TiffReader reader = open(file)) {
      assertEquals(0xFA0096, reader.header().colors().orElseThrow()[1]);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"LITTLE_ENDIAN", "BIG_ENDIAN"})
  void readsBigTiffOf16BitsInBothByteOrders(String name) throws IOException {
    boolean little = name.equals("LITTLE_ENDIAN");
    ByteOrder order = little ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    byte[] strip = little ? new byte[] {1, 2, 3, 4} : new byte[] {2, 1, 4, 3};
    TiffBytes bytes = TiffBytes.bigTiff(order).image(2, 1, 16, strip);
    bytes.tag(273, 16, bytes.blockStart()).tag(279, 16, 4);
    try (TiffReader reader = open(bytes.build())) {
      assertEquals(SampleType.UINT16, reader.header().type());
      assertArrayEquals(new byte[] {1, 2, 3, 4}, reader.rows(0, 1).samples());
    }
  }

  @Test
  void sumsPredictedSamplesOfEachBand() throws IOException {
    byte[] differences = deflated(10, 20, 30, 1, 2, 3, 255, 254, 253, 5, 5, 5, 0, 0, 0, 1, 1, 1);
    byte[] file =
        TiffBytes.classic(ByteOrder.LITTLE_ENDIAN)
            .image(3, 2, 8, differences)
            .shorts(258, 8, 8, 8)
            .shorts(259, 8)
            .shorts(262, 2)
            .shorts(277, 3)
            .shorts(317, 2)
            .build();
    try (TiffReader reader = open(file)) {
      assertArrayEquals(
          new byte[] {10, 20, 30, 11, 22, 33, 10, 20, 30, 5, 5, 5, 5, 5, 5, 6, 6, 6},
          reader.rows(0, 2).samples());
    }
  }

  @Test
  void sumsPredicted16BitSamplesAfterSwapping() throws IOException {
    // 0x01FF, then a difference of 2, in big-endian order
    byte[] file =
        TiffBytes.classic(ByteOrder.BIG_ENDIAN)
            .image(2, 1, 16, deflated(0x01, 0xFF, 0x00, 0x02))
            .shorts(259, 32946)
            .shorts(317, 2)
            .build();
    try (TiffReader reader = open(file)) {
      assertArrayEquals(new byte[] {(byte) 0xFF, 1, 1, 2}, reader.rows(0, 1).samples());
    }
  }

  @Test
  void interleavesPlanes() throws IOException {
    byte[] planes = {1, 2, 3, 4, 11, 12, 13, 14, 21, 22, 23, 24};
    byte[] file =
        TiffBytes.classic(ByteOrder.LITTLE_ENDIAN)
            .image(2, 2, 8, planes)
            .shorts(258, 8, 8, 8)
            .shorts(262, 2)
            .shorts(277, 3)
            .shorts(278, 1)
            .shorts(284, 2)
            .longs(273, 8, 10, 12, 14, 16, 18)
            .longs(279, 2, 2, 2, 2, 2, 2)
            .build();
    try (TiffReader reader = open(file)) {
      assertArrayEquals(
          new byte[] {1, 11, 21, 2, 12, 22, 3, 13, 23, 4, 14, 24}, reader.rows(0, 2).samples());
      assertArrayEquals(new byte[] {3, 13, 23, 4, 14, 24}, reader.rows(1, 1).samples());
    }
  }

  @Test
  void readsCmykAsFourBands() throws IOException {
    byte[] file =
        TiffBytes.classic(ByteOrder.LITTLE_ENDIAN)
            .image(1, 1, 8, new byte[] {1, 2, 3, 4})
            .shorts(258, 8, 8, 8, 8)
            .shorts(262, 5)
            .shorts(277, 4)
            .build();
    try (TiffReader reader = open(file)) {
      assertEquals(4, reader.header().bands());
      assertArrayEquals(new byte[] {1, 2, 3, 4}, reader.rows(0, 1).samples());
    }
  }

  @Test
  void acceptsTilesWithoutTheirPadding() throws IOException {
    byte[] file =
        TiffBytes.gray(ByteOrder.LITTLE_ENDIAN, 2, 1, new byte[16])
            .without(273)
            .without(279)
            .shorts(322, 16)
            .shorts(323, 16)
            .longs(324, 8)
            .longs(325, 16)
            .build();
    file[8] = 5;
    try (TiffReader reader = open(file)) {
      assertArrayEquals(new byte[] {5, 0}, reader.rows(0, 1).samples());
    }
  }

  @Test
  void findsTilesInTheTagsOfStrips() throws IOException {
    byte[] tile = new byte[256];
    tile[17] = 9;
    byte[] file =
        TiffBytes.gray(ByteOrder.BIG_ENDIAN, 16, 16, tile).shorts(322, 16).shorts(323, 16).build();
    try (TiffReader reader = open(file)) {
      assertEquals(9, reader.rows(1, 1).samples()[1]);
    }
  }

  @Test
  void skipsAnOverviewInFrontOfTheImage() throws IOException {
    byte[] overview =
        TiffBytes.gray(ByteOrder.LITTLE_ENDIAN, 1, 1, new byte[] {1}).longs(254, 1).build();
    TiffBytes image = TiffBytes.gray(ByteOrder.LITTLE_ENDIAN, 2, 1, new byte[] {5, 6});
    // the image's file is put behind the overview's, with all its offsets moved
    int shift = overview.length;
    image.longs(273, 8 + shift);
    byte[] second = image.build();
    byte[] first =
        TiffBytes.gray(ByteOrder.LITTLE_ENDIAN, 1, 1, new byte[] {1})
            .longs(254, 1)
            .next(shift + image.ifdStart())
            .build();
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(first);
    file.writeBytes(second);
    try (TiffReader reader = open(file.toByteArray())) {
      assertArrayEquals(new byte[] {5, 6}, reader.rows(0, 1).samples());
    }
  }

  @Test
  void placesThePixelCornerOfAreaAndPoint() throws IOException {
    double[] keys = {1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32650};
    Georeference area = georeference(keys);
    assertEquals("EPSG:32650", area.crs());
    assertArrayEquals(new double[] {499980, 4, 0, 3320020, 0, -4}, area.transform());
    keys[11] = 2;
    assertArrayEquals(new double[] {499978, 4, 0, 3320022, 0, -4}, georeference(keys).transform());
  }

  private static Georeference georeference(double... keys) throws IOException {
    byte[] file =
        TiffBytes.gray(ByteOrder.LITTLE_ENDIAN, 1, 1, new byte[1])
            .doubles(33550, 4, 4, 0)
            .doubles(33922, 5, 5, 0, 500000, 3320000, 0)
            .shorts(34735, keys)
            .build();
    try (TiffReader reader = open(file)) {
      return reader.header().georeference();
    }
  }

  @Test
  void readsModelTransformation() throws IOException {
    byte[] file =
        TiffBytes.gray(ByteOrder.BIG_ENDIAN, 1, 1, new byte[1])
            .doubles(34264, 1, 2, 0, 100, 3, -4, 0, 200, 0, 0, 0, 0, 0, 0, 0, 1)
            .shorts(34735, 1, 1, 0, 2, 1024, 0, 1, 2, 2048, 0, 1, 4326)
            .build();
    try (TiffReader reader = open(file)) {
      Georeference place = reader.header().place().orElseThrow();
      assertEquals("EPSG:4326", place.crs());
      assertArrayEquals(new double[] {100, 1, 2, 200, 3, -4}, place.transform());
    }
  }

  @Test
  void countsUserDefinedCrsAndFeetAsNone() throws IOException {
    assertNull(georeference(1, 1, 0, 2, 1024, 0, 1, 1, 3072, 0, 1, 32767));
    assertNull(georeference(1, 1, 0, 3, 1024, 0, 1, 1, 3072, 0, 1, 2263, 3076, 0, 1, 9003));
    assertNull(georeference(1, 1, 0, 1, 1025, 0, 1, 1));
  }

  @ParameterizedTest
  @EnumSource(value = Compression.class, mode = EnumSource.Mode.EXCLUDE, names = "JPEG")
  void readsAStripTooLargeToKeepAsAStream(Compression compression) throws IOException {
    int width = 9000;
    int height = 8000;
    byte[] row = new byte[width];
    for (int i = 0; i < width; i++) {
      row[i] = (byte) (i / 300);
    }
    byte[] file = oneStrip(compression, width, height, row);
    try (TiffReader reader = open(file)) {
      for (int y : new int[] {0, 64, 4000, 3999, 7936}) {
        Raster rows = reader.rows(y, 64);
        for (int i = 0; i < 64; i += 21) {
          assertArrayEquals(row, rows.crop(0, i, width, 1).samples(), "row " + (y + i));
        }
      }
    }
  }

  private static byte[] oneStrip(Compression compression, int width, int height, byte[] row)
      throws IOException {
    ByteArrayOutputStream strip = new ByteArrayOutputStream();
    for (int y = 0; y < height; y++) {
      if (compression == Compression.PACKBITS) {
        for (int i = 0; i < width; i += 100) {
          strip.write(-99);
          strip.write(row[i]);
        }
      } else {
        strip.writeBytes(row);
      }
    }
    byte[] stored = strip.toByteArray();
    int code =
        switch (compression) {
          case LZW -> 5;
          case DEFLATE -> 8;
          case PACKBITS -> 32773;
          case ZSTD -> 50000;
          case LZMA -> 34925;
          default -> 1;
        };
    ByteArrayOutputStream target = new ByteArrayOutputStream();
    try (OutputStream encoder =
        switch (compression) {
          case DEFLATE -> new DeflaterOutputStream(target);
          case ZSTD -> new ZstdOutputStream(target);
          case LZMA -> new XZOutputStream(target, new LZMA2Options(0));
          default -> target;
        }) {
      if (compression == Compression.LZW) {
        LzwCompressor lzw = new LzwCompressor();
        encoder.write(lzw.compress(stored, stored.length), 0, lzw.length());
      } else {
        encoder.write(stored);
      }
    }
    stored = target.toByteArray();
    return TiffBytes.gray(ByteOrder.LITTLE_ENDIAN, width, height, stored).shorts(259, code).build();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "0|0|0|none|-",
        "6|0|0|1 control point without a CRS|-",
        "12|0|0|2 control points without a CRS|-",
        "6|3|0|affine without a CRS|-",
        "0|3|0|none|-",
        "0|0|32650|a CRS without a transform|EPSG:32650",
        "24|0|32650|4 control points|EPSG:32650",
        "0|0|32767|a CRS without an EPSG code|-",
        "18|0|32767|3 control points to a CRS without an EPSG code|-",
        "6|3|32767|affine to a CRS without an EPSG code|-",
        "12|3|32650|affine|EPSG:32650",
      })
  void saysWhatPlacesTheImage(int ties, int scales, int code, String words, String crs)
      throws IOException {
    TiffBytes bytes = TiffBytes.gray(ByteOrder.LITTLE_ENDIAN, 1, 1, new byte[1]);
    if (ties > 0) {
      bytes.doubles(33922, new double[ties]);
    }
    if (scales > 0) {
      bytes.doubles(33550, 2, 2, 0);
    }
    if (code > 0) {
      bytes.shorts(34735, 1, 1, 0, 2, 1024, 0, 1, 1, 3072, 0, 1, code);
    }
    try (TiffReader reader = open(bytes.build())) {
      SceneHeader header = reader.header();
      assertEquals(words, header.storage().placement());
      assertEquals(crs, header.storage().crs());
      assertEquals(words.equals("affine"), header.place().isPresent());
    }
  }

  @Test
  void refusesRowsOutsideTheImage() throws IOException {
    byte[] file = TiffBytes.gray(ByteOrder.LITTLE_ENDIAN, 2, 2, new byte[4]).build();
    try (TiffReader reader = open(file)) {
      IllegalArgumentException refusal =
          assertThrows(IllegalArgumentException.class, () -> reader.rows(1, 2));
      assertEquals("scene.tif: rows 1 to 2 of 2", refusal.getMessage());
      assertThrows(IllegalArgumentException.class, () -> reader.rows(-1, 1));
      assertThrows(IllegalArgumentException.class, () -> reader.rows(0, 0));
    }
  }

  static byte[] deflated(int... values) throws IOException {
    ByteArrayOutputStream target = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(target)) {
      for (int value : values) {
        deflater.write(value);
      }
    }
    return target.toByteArray();
  }
}
