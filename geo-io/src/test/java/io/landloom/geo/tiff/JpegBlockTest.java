package io.landloom.geo.tiff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.geo.JdkImages;
import io.landloom.geo.JpegScans;
import io.landloom.geo.image.Raster;
import io.landloom.geo.source.CountingByteSource;
import io.landloom.geo.source.SceneFormatException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** JPEGs that the JDK wrote, put into TIFFs whole and with something changed. */
class JpegBlockTest {
  private static final String CORRUPT = "jpeg.tif: IFD 0: strip 0 is corrupt: JPEG";
  private static final int SOF0 = 0xC0;
  private static final int DHT = 0xC4;
  private static final int EOI = 0xD9;
  private static final int SOS = 0xDA;
  private static final int DQT = 0xDB;

  private static BufferedImage smooth(int type, int width, int height) {
    BufferedImage image = new BufferedImage(width, height, type);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int band = 0; band < image.getRaster().getNumBands(); band++) {
          image.getRaster().setSample(x, y, band, 3 * x + 2 * y + 40 * band);
        }
      }
    }
    return image;
  }

  private static byte[] jpeg(int width, int height) throws IOException {
    return JdkImages.write(
        smooth(BufferedImage.TYPE_BYTE_GRAY, width, height), "jpeg", param -> {});
  }

  private static TiffBytes gray(int width, int height, byte[] strip) {
    return TiffBytes.gray(ByteOrder.LITTLE_ENDIAN, width, height, strip).shorts(259, 7);
  }

  private static Raster read(byte[] file) throws IOException {
    try (TiffReader reader =
        TiffReader.open(new CountingByteSource("jpeg.tif", file), TiffLimits.defaults())) {
      return reader.rows(0, reader.header().height());
    }
  }

  private static String refusal(TiffBytes bytes) {
    return assertThrows(SceneFormatException.class, () -> read(bytes.build())).getMessage();
  }

  /** Place of the first marker of a kind, which is behind SOI and outside of segments. */
  private static int place(byte[] jpeg, int marker) {
    int at = 2;
    while ((jpeg[at + 1] & 0xFF) != marker) {
      at += 2 + ((jpeg[at + 2] & 0xFF) << 8 | (jpeg[at + 3] & 0xFF));
    }
    return at;
  }

  private static byte[] with(byte[] jpeg, int place, int... values) {
    byte[] changed = jpeg.clone();
    for (int i = 0; i < values.length; i++) {
      changed[place + i] = (byte) values[i];
    }
    return changed;
  }

  private static byte[] inserted(byte[] jpeg, int place, byte[] bytes) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(jpeg, 0, place);
    all.writeBytes(bytes);
    all.write(jpeg, place, jpeg.length - place);
    return all.toByteArray();
  }

  @Test
  void readsGrayAsTheJdkDoes() throws IOException {
    byte[] jpeg = jpeg(40, 24);
    Raster expected = JdkImages.raster(JdkImages.read(jpeg, "jpeg"));
    assertEquals(expected, read(gray(40, 24, jpeg).build()));
  }

  @Test
  void readsYCbCrAsRgbAndRgbAsStored() throws IOException {
    // the JDK writes YCbCr with a JFIF marker, and reads it as RGB
    byte[] jpeg = JdkImages.write(smooth(BufferedImage.TYPE_3BYTE_BGR, 24, 16), "jpeg", p -> {});
    TiffBytes bytes = gray(24, 16, jpeg).shorts(258, 8, 8, 8).shorts(277, 3).shorts(262, 6);
    Raster rgb = JdkImages.raster(JdkImages.read(jpeg, "jpeg"));
    assertEquals(rgb, read(bytes.build()));
    // as RGB the TIFF wins over the JFIF marker: the samples are the Y, Cb and Cr stored
    Raster stored = read(bytes.shorts(262, 2).build());
    int y = stored.samples()[0] & 0xFF;
    int cr = stored.samples()[2] & 0xFF;
    assertEquals(rgb.samples()[0] & 0xFF, Math.max(0, y + 1.402 * (cr - 128)), 1);
  }

  @Test
  void takesTablesFromTheTag() throws IOException {
    byte[] jpeg = jpeg(16, 16);
    ByteArrayOutputStream tables = new ByteArrayOutputStream();
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    tables.write(jpeg, 0, 2);
    block.write(jpeg, 0, 2);
    int at = 2;
    while ((jpeg[at + 1] & 0xFF) != SOS) {
      int length = 2 + ((jpeg[at + 2] & 0xFF) << 8 | (jpeg[at + 3] & 0xFF));
      int marker = jpeg[at + 1] & 0xFF;
      (marker == DQT || marker == DHT ? tables : block).write(jpeg, at, length);
      at += length;
    }
    block.write(jpeg, at, jpeg.length - at);
    tables.write(0xFF);
    tables.write(EOI);
    TiffBytes bytes = gray(16, 16, block.toByteArray());
    assertTrue(refusal(bytes).startsWith(CORRUPT + ": "), refusal(bytes));
    double[] values = new double[tables.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = tables.toByteArray()[i];
    }
    Raster expected = JdkImages.raster(JdkImages.read(jpeg, "jpeg"));
    assertEquals(expected, read(bytes.tag(347, 1, values).build()));
    values[values.length - 1] = 0;
    assertTrue(
        refusal(bytes.tag(347, 1, values)).startsWith(CORRUPT + ": JPEGTables "),
        refusal(bytes.tag(347, 1, values)));
    assertEquals(
        CORRUPT + ": JPEGTables does not begin with SOI", refusal(bytes.tag(347, 1, 1, 2, 3)));
    assertEquals(
        "jpeg.tif: IFD 0: JPEGTables (347) has type 3, not bytes",
        refusal(bytes.shorts(347, 1, 2, 3)));
  }

  @ParameterizedTest
  @CsvSource({
    "39, 24, 'of 40 x 24 pixels with 1 components in a block of 39 x 24 with 1'",
    "41, 24, 'of 40 x 24 pixels with 1 components in a block of 41 x 24 with 1'",
    "40, 25, 'of 40 x 24 pixels with 1 components in a block of 40 x 25 with 1'",
    "40, 23, 'of 40 x 24 pixels with 1 components in a block of 40 x 23 with 1'"
  })
  void refusesOtherSizesThanTheBlocks(int width, int height, String problem) throws IOException {
    assertEquals(CORRUPT + ": " + problem, refusal(gray(width, height, jpeg(40, 24))));
  }

  @Test
  void takesALastStripThatIsCodedWithAllItsRows() throws IOException {
    byte[] jpeg = jpeg(16, 16);
    Raster whole = JdkImages.raster(JdkImages.read(jpeg, "jpeg"));
    TiffBytes bytes =
        gray(16, 21, jpeg).shorts(278, 16).longs(273, 8, 8).longs(279, jpeg.length, jpeg.length);
    Raster rows = read(bytes.build());
    assertEquals(whole, rows.crop(0, 0, 16, 16));
    assertEquals(whole.crop(0, 0, 16, 5), rows.crop(0, 16, 16, 5));
  }

  @Test
  void refusesComponentsPrecisionAndFramesOfOtherKinds() throws IOException {
    byte[] jpeg = jpeg(16, 16);
    int frame = place(jpeg, SOF0);
    assertEquals(
        CORRUPT + ": of 16 x 16 pixels with 1 components in a block of 16 x 16 with 3",
        refusal(gray(16, 16, jpeg).shorts(258, 8, 8, 8).shorts(277, 3).shorts(262, 2)));
    assertEquals(
        CORRUPT + ": 12 bits a sample are not supported, only 8 are",
        refusal(gray(16, 16, with(jpeg, frame + 4, 12))));
    for (int kind : new int[] {0xC3, 0xC9, 0xCA, 0xCF}) {
      assertEquals(
          String.format(
              "%s: frame of kind 0x%X is not supported, only 0xC0 to 0xC2", CORRUPT, kind),
          refusal(gray(16, 16, with(jpeg, frame + 1, kind))));
    }
    assertEquals(
        CORRUPT + ": sampling factor 3, not 1, 2 or 4",
        refusal(gray(16, 16, with(jpeg, frame + 11, 0x31))));
    assertEquals(
        CORRUPT + ": sampling factor 0, not 1, 2 or 4",
        refusal(gray(16, 16, with(jpeg, frame + 11, 0x10))));
    assertEquals(
        CORRUPT + ": frame header of 9 bytes", refusal(gray(16, 16, with(jpeg, frame + 9, 2))));
  }

  @Test
  void refusesWhatIsNoJpeg() throws IOException {
    byte[] jpeg = jpeg(16, 16);
    assertEquals(CORRUPT + ": does not begin with SOI", refusal(gray(16, 16, with(jpeg, 0, 0, 0))));
    assertEquals(
        CORRUPT + ": 0x0 at byte 2 where a marker begins", refusal(gray(16, 16, with(jpeg, 2, 0))));
    assertEquals(CORRUPT + ": segment of length 1", refusal(gray(16, 16, with(jpeg, 4, 0, 1))));
    int scan = place(jpeg, SOS);
    assertEquals(
        CORRUPT + ": marker 0xD9 behind the frame header",
        refusal(gray(16, 16, with(jpeg, scan + 1, EOI))));
    byte[] frameless = with(jpeg, place(jpeg, SOF0) + 1, 0xFE);
    assertEquals(
        CORRUPT + ": marker 0xDA without the frame header", refusal(gray(16, 16, frameless)));
    int frame = place(jpeg, SOF0);
    byte[] again = Arrays.copyOfRange(jpeg, frame, frame + 13);
    assertEquals(
        CORRUPT + ": marker 0xC0 behind the frame header",
        refusal(gray(16, 16, inserted(jpeg, frame + 13, again))));
    assertEquals(
        CORRUPT + ": ends after 20 bytes, before its pixels",
        refusal(gray(16, 16, Arrays.copyOf(jpeg, 20))));
  }

  @Test
  void refusesMissingDataThatTheDecoderWouldMakeGray() throws IOException {
    byte[] jpeg = jpeg(64, 64);
    int scan = place(jpeg, SOS);
    for (int cut : new int[] {1, 2, 3, 10, (jpeg.length - scan) / 2, jpeg.length - scan - 12}) {
      String message = refusal(gray(64, 64, Arrays.copyOf(jpeg, jpeg.length - cut)));
      assertTrue(message.startsWith(CORRUPT + ": "), cut + ": " + message);
    }
    // EOI in the middle of the data: the block "ends", but not its pixels
    byte[] early = with(jpeg, scan + (jpeg.length - scan) / 2, 0xFF, EOI);
    assertTrue(refusal(gray(64, 64, early)).startsWith(CORRUPT + ": "), "early EOI");
  }

  @Test
  void passesOverCommentsAndApplicationsOfAnyKind() throws IOException {
    byte[] jpeg = jpeg(16, 16);
    Raster expected = JdkImages.raster(JdkImages.read(jpeg, "jpeg"));
    byte[] segments = {
      (byte) 0xFF,
      (byte) 0xEE,
      0,
      14,
      'A',
      'd',
      'o',
      'b',
      'e',
      0,
      100,
      0,
      0,
      0,
      0,
      9,
      (byte) 0xFF,
      (byte) 0xFF,
      (byte) 0xE2,
      0,
      4,
      1,
      2,
      (byte) 0xFF,
      (byte) 0xFE,
      0,
      2
    };
    assertEquals(expected, read(gray(16, 16, inserted(jpeg, 2, segments)).build()));
  }

  @Test
  void readsProgressiveAndRefusesEndlessScans() throws IOException {
    byte[] jpeg =
        JdkImages.write(
            smooth(BufferedImage.TYPE_BYTE_GRAY, 32, 32),
            "jpeg",
            param -> param.setProgressiveMode(javax.imageio.ImageWriteParam.MODE_DEFAULT));
    assertEquals(JdkImages.raster(JdkImages.read(jpeg, "jpeg")), read(gray(32, 32, jpeg).build()));
    int scan = place(jpeg, SOS);
    ByteArrayOutputStream many = new ByteArrayOutputStream();
    many.write(jpeg, 0, jpeg.length - 2);
    for (int i = 0; i < 40; i++) {
      many.write(jpeg, scan, 10);
    }
    many.write(jpeg, jpeg.length - 2, 2);
    assertEquals(CORRUPT + ": more than 32 scans", refusal(gray(32, 32, many.toByteArray())));
  }

  @Test
  void readsAStripTooLargeToKeepInPortions() throws IOException {
    int width = 8400;
    int height = 8200;
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
    byte[] pixels = ((java.awt.image.DataBufferByte) image.getRaster().getDataBuffer()).getData();
    for (int y = 0; y < height; y++) {
      Arrays.fill(pixels, y * width, (y + 1) * width, (byte) (y / 8 % 2 * 128));
    }
    byte[] file = gray(width, height, JdkImages.write(image, "jpeg", param -> {})).build();
    CountingByteSource source = new CountingByteSource("jpeg.tif", file);
    try (TiffReader reader = TiffReader.open(source, TiffLimits.defaults())) {
      for (int y : new int[] {0, 64, 8136, 1024}) {
        byte[] samples = reader.rows(y, 64).samples();
        for (int row = 0; row < 64; row++) {
          int expected = (y + row) / 8 % 2 * 128;
          assertEquals(expected, samples[row * width + 77] & 0xFF, 2, "row " + (y + row));
        }
      }
      // 0 and 64 are one pass; what lies above starts another
      assertTrue(source.bytesRead() < 2.2 * file.length, source.bytesRead() + " bytes read");
    }
  }

  @Test
  void refusesBlocksThatCannotBeJpegBeforeDecoding() throws IOException {
    byte[] jpeg = jpeg(16, 16);
    assertEquals(
        "jpeg.tif: IFD 0: a strip of 16385 x 10240 pixels exceeds 167772160 bytes",
        refusal(gray(16385, 10240, jpeg)));
    assertEquals(
        "jpeg.tif: IFD 0: strip 0 stores "
            + jpeg.length
            + " bytes for 167772160; JPEG yields at most 1400 a byte",
        refusal(gray(16384, 10240, jpeg)));
    assertEquals(
        "jpeg.tif: IFD 0: Compression (259) JPEG (7) with 16 bits of uint16: not supported",
        refusal(gray(16, 16, jpeg).shorts(258, 16)));
    assertEquals(
        "jpeg.tif: IFD 0: Compression (259) JPEG (7) with 8 bits of int8: not supported",
        refusal(gray(16, 16, jpeg).shorts(339, 2)));
    assertEquals(
        "jpeg.tif: IFD 0: Compression (259) JPEG (7) with 4 bits of uint8: not supported",
        refusal(gray(16, 16, jpeg).shorts(258, 4)));
  }

  @Test
  void ignoresAPredictorAsLibtiffDoes() throws IOException {
    byte[] jpeg = jpeg(16, 16);
    assertEquals(read(gray(16, 16, jpeg).build()), read(gray(16, 16, jpeg).shorts(317, 2).build()));
  }

  private static TiffBytes rgb(int width, int height, byte[] strip) {
    return gray(width, height, strip).shorts(258, 8, 8, 8).shorts(277, 3).shorts(262, 6);
  }

  @Test
  void refusesScansThatNeverCame() throws IOException {
    byte[] jpeg = JpegScans.progressive(smooth(BufferedImage.TYPE_3BYTE_BGR, 32, 32));
    assertEquals(JdkImages.raster(JdkImages.read(jpeg, "jpeg")), read(rgb(32, 32, jpeg).build()));
    List<Integer> scans = JpegScans.scans(jpeg);
    assertTrue(scans.size() >= 10, scans.size() + " scans");
    String missing = CORRUPT + ": ends before all bits of coefficient 0 of component 1 of 3 came";
    assertEquals(missing, refusal(rgb(32, 32, JpegScans.endedWithin(jpeg, scans.get(1)))));
    for (int scan : scans.subList(1, scans.size())) {
      String message = refusal(rgb(32, 32, JpegScans.endedAt(jpeg, scan)));
      assertTrue(message.startsWith(CORRUPT + ": ends before all bits of coefficient "), message);
    }
  }

  @Test
  void refusesComponentsWithoutAScan() throws IOException {
    assertEquals(
        CORRUPT + ": ends before all bits of coefficient 0 of component 2 of 3 came",
        refusal(rgb(32, 32, JpegScans.twoComponentsMissing(jpeg(32, 32)))));
  }

  @Test
  void refusesWhatStandsBehindTheEndUnlessItIsPadding() throws IOException {
    byte[] jpeg = jpeg(32, 32);
    byte[] padded = Arrays.copyOf(jpeg, jpeg.length + 5000);
    assertEquals(read(gray(32, 32, jpeg).build()), read(gray(32, 32, padded).build()));
    assertEquals(
        CORRUPT + ": more than 16 bytes that are no padding behind EOI",
        refusal(gray(32, 32, inserted(padded, jpeg.length + 40, jpeg))));
  }
}
