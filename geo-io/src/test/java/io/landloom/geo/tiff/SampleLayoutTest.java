package io.landloom.geo.tiff;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.geo.image.Raster;
import io.landloom.geo.image.SampleType;
import io.landloom.geo.image.Validity;
import io.landloom.geo.source.CountingByteSource;
import io.landloom.geo.source.SceneFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Samples of every size, with bytes that are worked out by hand. */
class SampleLayoutTest {
  private static TiffReader open(byte[] file) throws IOException {
    return TiffReader.open(new CountingByteSource("scene.tif", file), TiffLimits.defaults());
  }

  private static Raster read(TiffBytes bytes) throws IOException {
    try (TiffReader reader = open(bytes.build())) {
      return reader.rows(0, reader.header().height());
    }
  }

  private static String refusal(TiffBytes bytes) {
    return assertThrows(SceneFormatException.class, () -> open(bytes.build())).getMessage();
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  @ParameterizedTest
  @CsvSource({
    "8, 2, INT8, -2",
    "16, 2, INT16, -2",
    "32, 2, INT32, -2",
    "8, 1, UINT8, 254",
    "16, 1, UINT16, 65534",
    "32, 1, UINT32, 4294967294",
    "16, 4, UINT16, 65534"
  })
  void readsIntegersOfBothByteOrders(int bits, int format, SampleType type, double value)
      throws IOException {
    for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
      byte[] stored = ByteBuffer.allocate(8).order(order).putInt(0, -2).putInt(4, -2).array();
      byte[] strip = new byte[bits / 8];
      System.arraycopy(
          stored, order == ByteOrder.LITTLE_ENDIAN ? 0 : 4 - bits / 8, strip, 0, bits / 8);
      Raster raster = read(TiffBytes.classic(order).image(1, 1, bits, strip).shorts(339, format));
      assertEquals(type, raster.type());
      assertEquals(value, type.value(raster.samples(), 0));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"LITTLE_ENDIAN", "BIG_ENDIAN"})
  void readsFloatsOfBothByteOrders(String name) throws IOException {
    ByteOrder order = name.equals("BIG_ENDIAN") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    byte[] singles = ByteBuffer.allocate(8).order(order).putFloat(1.5f).putFloat(-3e38f).array();
    Raster raster = read(TiffBytes.classic(order).image(2, 1, 32, singles).shorts(339, 3));
    assertEquals(SampleType.FLOAT32, raster.type());
    assertEquals(1.5, raster.type().value(raster.samples(), 0));
    assertEquals(-3e38f, raster.type().value(raster.samples(), 1));
    byte[] doubles = ByteBuffer.allocate(8).order(order).putDouble(-1e300).array();
    raster = read(TiffBytes.classic(order).image(1, 1, 64, doubles).shorts(339, 3));
    assertEquals(SampleType.FLOAT64, raster.type());
    assertEquals(-1e300, raster.type().value(raster.samples(), 0));
  }

  @Test
  void sumsDifferencesOf32BitsWithCarry() throws IOException {
    // two bands: 0x00FFFFFF + 1 = 0x01000000, and 1 - 2 = -1
    byte[] strip = {-1, -1, -1, 0, 1, 0, 0, 0, 1, 0, 0, 0, -2, -1, -1, -1};
    TiffBytes bytes =
        TiffBytes.classic(ByteOrder.LITTLE_ENDIAN)
            .image(2, 1, 32, deflated(strip))
            .shorts(258, 32, 32)
            .shorts(259, 8)
            .shorts(277, 2)
            .shorts(317, 2);
    assertArrayEquals(
        bytes(255, 255, 255, 0, 1, 0, 0, 0, 0, 0, 0, 1, 255, 255, 255, 255), read(bytes).samples());
  }

  @Test
  void sumsDifferencesOf64BitsOfBothByteOrders() throws IOException {
    for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
      long first = Double.doubleToRawLongBits(1.25);
      long second = Double.doubleToRawLongBits(-7e77);
      byte[] strip =
          ByteBuffer.allocate(16).order(order).putLong(first).putLong(second - first).array();
      Raster raster =
          read(
              TiffBytes.classic(order)
                  .image(2, 1, 64, deflated(strip))
                  .shorts(259, 8)
                  .shorts(317, 2)
                  .shorts(339, 3));
      assertEquals(1.25, raster.type().value(raster.samples(), 0));
      assertEquals(-7e77, raster.type().value(raster.samples(), 1));
    }
  }

  @Test
  void undoesPredictor3InBothByteOrders() throws IOException {
    // two pixels of two bands: 1.0 = 3F800000, 2.0 = 40000000, -1.0 = BF800000, 0.5 = 3F000000;
    // their bytes by significance: 3F 40 BF 3F, 80 00 80 00, 0 0 0 0, 0 0 0 0; then each byte
    // less the one two places before it
    byte[] strip =
        bytes(
            0x3F,
            0x40,
            0xBF - 0x3F,
            0x3F - 0x40,
            0x80 - 0xBF,
            -0x3F,
            0,
            0,
            -0x80,
            0,
            0,
            0,
            0,
            0,
            0,
            0);
    for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
      Raster raster =
          read(
              TiffBytes.classic(order)
                  .image(2, 1, 32, deflated(strip))
                  .shorts(258, 32, 32)
                  .shorts(259, 8)
                  .shorts(277, 2)
                  .shorts(317, 3)
                  .shorts(339, 3, 3));
      double[] values = new double[4];
      for (int i = 0; i < 4; i++) {
        values[i] = raster.type().value(raster.samples(), i);
      }
      assertArrayEquals(new double[] {1, 2, -1, 0.5}, values);
    }
  }

  private static byte[] deflated(byte[] bytes) throws IOException {
    int[] values = new int[bytes.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = bytes[i];
    }
    return TiffReaderTest.deflated(values);
  }

  @Test
  void unpacksSamplesBelow8Bits() throws IOException {
    // rows begin at a byte of their own: 5 samples of 2 bits take 2 bytes
    assertArrayEquals(
        bytes(0, 1, 2, 3, 2, 3, 3, 0, 0, 1),
        read(TiffBytes.gray(
                    ByteOrder.LITTLE_ENDIAN,
                    5,
                    2,
                    bytes(0b00011011, 0b10111111, 0b11110000, 0b01000000))
                .shorts(258, 2))
            .samples());
    assertArrayEquals(
        bytes(15, 0, 9),
        read(TiffBytes.gray(ByteOrder.BIG_ENDIAN, 3, 1, bytes(0xF0, 0x9A)).shorts(258, 4))
            .samples());
    assertArrayEquals(
        bytes(1, 0, 0, 0, 0, 0, 0, 1, 0, 1),
        read(TiffBytes.gray(ByteOrder.BIG_ENDIAN, 10, 1, bytes(0x81, 0x40)).without(258))
            .samples());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "258|4|277|2|BitsPerSample (258) is 4 for 2 bands: not supported",
        "258|16|339|3|BitsPerSample (258) is 16 for floating-point numbers, only 32 and 64 are supported",
        "258|24|339|3|BitsPerSample (258) is 24 for floating-point numbers, only 32 and 64 are supported",
        "258|4|339|2|BitsPerSample (258) is 4 for signed integers, only 8, 16 and 32 are supported",
        "258|64|339|2|BitsPerSample (258) is 64 for signed integers, only 8, 16 and 32 are supported",
        "259|8|317|4|Predictor (317) 4 is not supported, only 1, 2 and 3 are",
        "259|8|317|0|Predictor (317) 0 is not supported, only 1, 2 and 3 are",
        "259|5|317|3|Predictor (317) 3 with 8 bits of uint8: not supported",
        "262|6|277|3|PhotometricInterpretation (262) YCbCr (6) of 3 bands with NONE: only 3 interleaved bands of JPEG are supported",
        "262|3|277|2|PhotometricInterpretation (262) palette (3) with 2 bands of UINT8: not supported",
      })
  void refusesByName(int tag, int value, int otherTag, int otherValue, String problem) {
    TiffBytes bytes = TiffBytes.gray(ByteOrder.LITTLE_ENDIAN, 1, 1, new byte[64]);
    assertEquals(
        "scene.tif: IFD 0: " + problem,
        refusal(bytes.shorts(tag, value).shorts(otherTag, otherValue)));
  }

  @Test
  void refusesADifferencedRowBelow8Bits() {
    TiffBytes bytes = TiffBytes.gray(ByteOrder.LITTLE_ENDIAN, 1, 1, new byte[64]);
    assertEquals(
        "scene.tif: IFD 0: Predictor (317) 2 with 4 bits of uint8: not supported",
        refusal(bytes.shorts(258, 4).shorts(259, 5).shorts(317, 2)));
  }

  @Test
  void ignoresAPredictorWhereNothingIsCompressed() throws IOException {
    TiffBytes bytes = TiffBytes.gray(ByteOrder.LITTLE_ENDIAN, 2, 1, bytes(5, 6)).shorts(317, 2);
    assertArrayEquals(bytes(5, 6), read(bytes).samples());
    assertArrayEquals(bytes(5, 6), read(bytes.shorts(317, 99)).samples());
  }

  @Test
  void codesOf64BitsAreNotCutTo32() {
    TiffBytes bytes = TiffBytes.bigTiff(ByteOrder.LITTLE_ENDIAN).image(1, 1, 8, new byte[1]);
    long one = (1L << 32) + 1;
    assertEquals(
        "scene.tif: IFD 0: Compression (259) unknown (2147483647) is not supported",
        refusal(bytes.tag(259, 16, one)));
    assertEquals(
        "scene.tif: IFD 0: SampleFormat (339) is 2147483647: not supported",
        refusal(bytes.tag(339, 16, one)));
  }

  private static TiffBytes nodata(int bits, int format, byte[] strip, String text) {
    int pixels = strip.length / (bits / 8);
    return TiffBytes.classic(ByteOrder.LITTLE_ENDIAN)
        .image(pixels, 1, bits, strip)
        .shorts(339, format)
        .text(42113, text);
  }

  private static Optional<Validity> validity(TiffBytes bytes) throws IOException {
    try (TiffReader reader = open(bytes.build())) {
      return reader.validity(0, reader.rows(0, 1));
    }
  }

  private static Optional<Validity> of(int... data) {
    return Optional.of(new Validity(data.length, 1, bytes(data)));
  }

  @ParameterizedTest
  @CsvSource({
    "'7', 7",
    "' 7 ', 7",
    "'-9999', -9999",
    "'1e3', 1000",
    "'.5', 0.5",
    "'5.', 5",
    "'+2.50', 2.5",
    "'nan', NaN",
    "'-NaN', NaN",
    "'+nan', NaN",
    "'inf', Infinity",
    "'+Inf', Infinity",
    "'-inf', -Infinity",
    "'-3.4E+38', -3.4e38"
  })
  void readsNodataAsGdalWritesIt(String text, double value) throws IOException {
    try (TiffReader reader = open(nodata(8, 1, new byte[1], text).build())) {
      assertEquals(value, reader.header().storage().nodata());
    }
  }

  @Test
  void refusesNodataThatIsNoNumber() {
    assertEquals(
        "scene.tif: IFD 0: GDAL_NODATA (42113) is 'a?[31m?b', not a number",
        refusal(nodata(8, 1, new byte[1], "A\u001b[31m\u00e9b")));
    assertEquals(
        "scene.tif: IFD 0: GDAL_NODATA (42113) is '', not a number",
        refusal(nodata(8, 1, new byte[1], "\u00005")));
    assertEquals(
        "scene.tif: IFD 0: GDAL_NODATA (42113) is '" + "1".repeat(64) + "...', not a number",
        refusal(nodata(8, 1, new byte[1], "1".repeat(65))));
    assertEquals(
        "scene.tif: IFD 0: GDAL_NODATA (42113) has type 3, not ASCII (2)",
        refusal(nodata(8, 1, new byte[1], "1").shorts(42113, 1)));
  }

  @Test
  void findsNodataInEveryType() throws IOException {
    assertEquals(of(1, 0, 1), validity(nodata(8, 1, bytes(6, 7, 8), "7")));
    assertEquals(Optional.empty(), validity(nodata(8, 1, bytes(255, 1), "-1")));
    assertEquals(of(0, 1), validity(nodata(8, 2, bytes(255, 1), "-1")));
    assertEquals(Optional.empty(), validity(nodata(8, 1, bytes(7), "7.5")));
    assertEquals(of(0, 1), validity(nodata(16, 2, bytes(0xF1, 0xD8, 0, 0), "-9999")));
    byte[] floats =
        ByteBuffer.allocate(12)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putFloat(-3.4e38f)
            .putFloat(Float.NaN)
            .putFloat(0)
            .array();
    // as doubles the text and the float differ; GDAL compares floats too
    assertEquals(of(0, 0, 1), validity(nodata(32, 3, floats, "-3.39999999999999996e+38")));
    assertEquals(of(1, 0, 1), validity(nodata(32, 3, floats, "nan")));
  }

  @Test
  void findsTheLargestNumbersThatGdalRoundsUp() throws IOException {
    byte[] doubles =
        ByteBuffer.allocate(24)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putDouble(-Double.MAX_VALUE)
            .putDouble(Double.MAX_VALUE)
            .putDouble(Double.NEGATIVE_INFINITY)
            .array();
    assertEquals(of(0, 1, 1), validity(nodata(64, 3, doubles, "-1.79769313486232e+308")));
    assertEquals(of(1, 0, 1), validity(nodata(64, 3, doubles, "1.79769313486232e+308")));
    assertEquals(of(1, 1, 0), validity(nodata(64, 3, doubles, "-inf")));
    byte[] floats =
        ByteBuffer.allocate(12)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putFloat(-Float.MAX_VALUE)
            .putFloat(Float.MAX_VALUE)
            .putFloat(Float.NEGATIVE_INFINITY)
            .array();
    assertEquals(of(0, 1, 1), validity(nodata(32, 3, floats, "-3.4028236e+38")));
    assertEquals(of(1, 0, 1), validity(nodata(32, 3, floats, "1.79769313486232e+308")));
    assertEquals(of(1, 1, 0), validity(nodata(32, 3, floats, "-inf")));
  }

  @Test
  void whatIsNoNumberIsNoDataWithoutATagToo() throws IOException {
    byte[] doubles =
        ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putDouble(Double.NaN).array();
    TiffBytes bytes =
        TiffBytes.classic(ByteOrder.LITTLE_ENDIAN).image(2, 1, 64, doubles).shorts(339, 3);
    assertEquals(of(0, 1), validity(bytes));
  }

  @ParameterizedTest
  @CsvSource({
    "8, 1, '7', 7",
    "8, 1, '300', 0",
    "8, 1, '-1', 0",
    "8, 2, '-1', -1",
    "16, 1, '65535', 65535",
    "16, 2, '-9999', -9999",
    "32, 1, '4294967295', 4294967295",
    "32, 2, '1.5', 0",
    "32, 3, '1.5', 1.5",
    "64, 3, '-1e300', -1e300",
    "64, 3, 'nan', NaN"
  })
  void fillsSparseBlocksWithNodataWhereTheTypeHasIt(int bits, int format, String text, double value)
      throws IOException {
    TiffBytes bytes = nodata(bits, format, new byte[bits / 8], text).longs(273, 0).longs(279, 0);
    try (TiffReader reader = open(bytes.build())) {
      Raster rows = reader.rows(0, 1);
      assertEquals(value, rows.type().value(rows.samples(), 0));
      assertEquals(of(0), reader.validity(0, rows));
    }
  }

  /** An image of 4 x 1 and a mask behind it, with the mask's own tags changed. */
  private static byte[] masked(TiffBytes mask) {
    return TiffBytes.gray(ByteOrder.LITTLE_ENDIAN, 4, 1, bytes(1, 2, 3, 4)).followedBy(mask);
  }

  private static TiffBytes mask(int width, int bits, byte[] strip) {
    return TiffBytes.classic(ByteOrder.LITTLE_ENDIAN)
        .image(width, 1, bits, strip)
        .shorts(262, 4)
        .longs(254, 4);
  }

  @Test
  void readsMasksOf1And8BitsAndOfSeveralBands() throws IOException {
    try (TiffReader reader = open(masked(mask(4, 1, bytes(0b10110000))))) {
      assertTrue(reader.header().storage().mask());
      assertEquals(of(1, 0, 1, 1), reader.validity(0, reader.rows(0, 1)));
    }
    try (TiffReader reader = open(masked(mask(4, 8, bytes(255, 0, 0, 1))))) {
      assertEquals(of(1, 0, 0, 1), reader.validity(0, reader.rows(0, 1)));
    }
    TiffBytes bands = mask(4, 8, bytes(0, 1, 0, 0, 1, 0, 1, 1)).shorts(258, 8, 8).shorts(277, 2);
    try (TiffReader reader = open(masked(bands))) {
      assertEquals(of(1, 0, 1, 1), reader.validity(0, reader.rows(0, 1)));
    }
    try (TiffReader reader = open(masked(mask(4, 8, bytes(1, 1, 1, 1))))) {
      assertEquals(Optional.empty(), reader.validity(0, reader.rows(0, 1)));
    }
  }

  @Test
  void refusesMasksThatDoNotFitTheImage() {
    assertEquals(
        "scene.tif: IFD 1: mask of 3 x 1 pixels for an image of 4 x 1",
        assertThrows(SceneFormatException.class, () -> open(masked(mask(3, 8, bytes(1, 1, 1)))))
            .getMessage());
    assertEquals(
        "scene.tif: IFD 1: mask of WHITE_IS_ZERO, 8 bits of uint8: not supported",
        assertThrows(
                SceneFormatException.class,
                () -> open(masked(mask(4, 8, new byte[4]).shorts(262, 0))))
            .getMessage());
    assertEquals(
        "scene.tif: IFD 1: mask of MASK, 16 bits of uint16: not supported",
        assertThrows(SceneFormatException.class, () -> open(masked(mask(4, 16, new byte[8]))))
            .getMessage());
    assertEquals(
        "scene.tif: IFD 1: strip 0 stores 4 bytes for 5; NONE yields at most 1 a byte",
        assertThrows(
                SceneFormatException.class,
                () -> open(masked(mask(4, 8, new byte[4]).shorts(256, 5))))
            .getMessage());
  }

  @Test
  void aMaskOfAnOverviewOrOfAnotherImageIsNotTheImages() throws IOException {
    try (TiffReader reader = open(masked(mask(2, 8, new byte[2]).longs(254, 5)))) {
      assertEquals(Optional.empty(), reader.validity(0, reader.rows(0, 1)));
    }
    try (TiffReader reader = open(masked(mask(2, 8, new byte[2]).longs(254, 0).shorts(262, 1)))) {
      assertEquals(4, reader.header().width());
      assertEquals(false, reader.header().storage().mask());
    }
  }
}
