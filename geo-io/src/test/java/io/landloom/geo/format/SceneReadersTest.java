package io.landloom.geo.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.geo.JdkImages;
import io.landloom.geo.JpegScans;
import io.landloom.geo.image.Raster;
import io.landloom.geo.image.SampleType;
import io.landloom.geo.scene.SceneReader;
import io.landloom.geo.source.ByteSource;
import io.landloom.geo.source.CountingByteSource;
import io.landloom.geo.source.SceneFormatException;
import io.landloom.geo.tiff.TiffLimits;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.WritableRaster;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import javax.imageio.ImageWriteParam;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SceneReadersTest {
  private static SceneReader open(byte[] file) throws IOException {
    return SceneReaders.open(new CountingByteSource("scene", file), TiffLimits.defaults());
  }

  private static String refusal(byte[] file) {
    return assertThrows(
            SceneFormatException.class,
            () -> {
              try (SceneReader reader = open(file)) {
                reader.rows(0, reader.header().height());
              }
            })
        .getMessage();
  }

  private static byte[] png(BufferedImage image) throws IOException {
    return JdkImages.write(image, "png", param -> {});
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        BufferedImage.TYPE_BYTE_GRAY,
        BufferedImage.TYPE_3BYTE_BGR,
        BufferedImage.TYPE_4BYTE_ABGR,
        BufferedImage.TYPE_USHORT_GRAY
      })
  void readsPngs(int type) throws IOException {
    BufferedImage image = JdkImages.pattern(type, 65, 43, 4);
    Raster expected = JdkImages.raster(image);
    try (SceneReader reader = open(png(image))) {
      assertEquals("PNG", reader.header().format());
      assertEquals(expected.bands(), reader.header().bands());
      assertEquals(expected.type(), reader.header().type());
      for (int y = 0; y + 10 <= 43; y += 10) {
        assertEquals(expected.crop(0, y, 65, 10), reader.rows(y, 10));
      }
      assertEquals(expected, reader.rows(0, 43));
    }
  }

  @Test
  void readsInterlacedPngs() throws IOException {
    BufferedImage image = JdkImages.pattern(BufferedImage.TYPE_3BYTE_BGR, 65, 43, 4);
    byte[] file =
        JdkImages.write(image, "png", p -> p.setProgressiveMode(ImageWriteParam.MODE_DEFAULT));
    assertEquals(1, file[28]);
    try (SceneReader reader = open(file)) {
      assertEquals(JdkImages.raster(image), reader.rows(0, 43));
    }
  }

  @Test
  void readsRgbOf16Bits() throws IOException {
    ComponentColorModel model =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_sRGB),
            false,
            false,
            Transparency.OPAQUE,
            DataBuffer.TYPE_USHORT);
    WritableRaster pixels = model.createCompatibleWritableRaster(2, 1);
    pixels.setPixels(0, 0, 2, 1, new int[] {0x0102, 0x0304, 0x0506, 7, 8, 9});
    try (SceneReader reader = open(png(new BufferedImage(model, pixels, false, null)))) {
      assertEquals(SampleType.UINT16, reader.header().type());
      assertArrayEquals(
          new byte[] {2, 1, 4, 3, 6, 5, 7, 0, 8, 0, 9, 0}, reader.rows(0, 1).samples());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 8})
  void readsPalettePngsAsIndicesAndColors(int bits) throws IOException {
    int colors = 1 << bits;
    byte[] red = new byte[colors];
    byte[] green = new byte[colors];
    byte[] blue = new byte[colors];
    for (int i = 0; i < colors; i++) {
      red[i] = (byte) (200 - i % 100);
      green[i] = (byte) (i / 2);
      blue[i] = (byte) (i % 3);
    }
    IndexColorModel model = new IndexColorModel(bits, colors, red, green, blue, 0);
    BufferedImage image =
        bits == 8
            ? new BufferedImage(21, 5, BufferedImage.TYPE_BYTE_INDEXED, model)
            : new BufferedImage(21, 5, BufferedImage.TYPE_BYTE_BINARY, model);
    byte[] expected = new byte[21 * 5];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = (byte) (i % colors);
      image.getRaster().setSample(i % 21, i / 21, 0, i % colors);
    }
    byte[] file = png(image);
    assertEquals(bits, file[24]);
    try (SceneReader reader = open(file)) {
      assertEquals(1, reader.header().bands());
      assertEquals(0xC70001 - 0x000000, reader.header().colors().orElseThrow()[1] & 0xFFFFFF);
      assertArrayEquals(expected, reader.rows(0, 5).samples());
    }
  }

  @Test
  void readsGrayPngsOfFewBitsAsTheirValues() throws IOException {
    byte[] ramp = {0, (byte) 85, (byte) 170, (byte) 255};
    IndexColorModel model = new IndexColorModel(2, 4, ramp, ramp, ramp);
    BufferedImage image = new BufferedImage(4, 1, BufferedImage.TYPE_BYTE_BINARY, model);
    image.getRaster().setPixels(0, 0, 4, 1, new int[] {3, 2, 1, 0});
    byte[] file = png(image);
    assertEquals(0, file[25]);
    try (SceneReader reader = open(file)) {
      assertTrue(reader.header().colors().isEmpty());
      assertArrayEquals(new byte[] {3, 2, 1, 0}, reader.rows(0, 1).samples());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {BufferedImage.TYPE_BYTE_GRAY, BufferedImage.TYPE_3BYTE_BGR})
  void readsJpegs(int type) throws IOException {
    byte[] file = JdkImages.write(JdkImages.pattern(type, 100, 60, 4), "jpeg", param -> {});
    Raster expected = JdkImages.raster(JdkImages.read(file, "jpeg"));
    try (SceneReader reader = open(file)) {
      assertEquals("JPEG", reader.header().format());
      assertEquals(expected.bands(), reader.header().bands());
      assertEquals(expected.crop(0, 16, 100, 16), reader.rows(16, 16));
      assertEquals(expected, reader.rows(0, 60));
    }
  }

  @Test
  void refusesTruncatedJpegs() throws IOException {
    BufferedImage image = JdkImages.pattern(BufferedImage.TYPE_3BYTE_BGR, 100, 60, 4);
    byte[] file = JdkImages.write(image, "jpeg", param -> {});
    for (int length = file.length - 1; length > 700; length -= 97) {
      String message = refusal(Arrays.copyOf(file, length));
      assertTrue(message.startsWith("scene: damaged JPEG: "), message);
    }
  }

  @Test
  void refusesJpegsWhoseScansNeverCame() throws IOException {
    byte[] file =
        JpegScans.progressive(JdkImages.pattern(BufferedImage.TYPE_3BYTE_BGR, 100, 60, 4));
    List<Integer> scans = JpegScans.scans(file);
    try (SceneReader reader = open(file)) {
      assertEquals(JdkImages.raster(JdkImages.read(file, "jpeg")), reader.rows(0, 60));
    }
    assertEquals(
        "scene: damaged JPEG: ends before all bits of coefficient 0 of component 1 of 3 came",
        refusal(JpegScans.endedWithin(file, scans.get(1))));
    for (int scan : scans.subList(1, scans.size())) {
      byte[] cut = JpegScans.endedAt(file, scan);
      String message = refusal(cut);
      assertTrue(message.startsWith("scene: damaged JPEG: ends before all bits of "), message);
      try (SceneReader reader = open(cut)) {
        assertThrows(SceneFormatException.class, () -> reader.rows(0, 8), "first rows");
      }
    }
    byte[] gray =
        JdkImages.write(
            JdkImages.pattern(BufferedImage.TYPE_BYTE_GRAY, 100, 60, 4), "jpeg", param -> {});
    assertEquals(
        "scene: damaged JPEG: ends before all bits of coefficient 0 of component 2 of 3 came",
        refusal(JpegScans.twoComponentsMissing(gray)));
  }

  @Test
  void readsJpegsWithAnotherImageBehindTheirEnd() throws IOException {
    BufferedImage image = JdkImages.pattern(BufferedImage.TYPE_3BYTE_BGR, 100, 60, 4);
    byte[] file = JdkImages.write(image, "jpeg", param -> {});
    byte[] two = Arrays.copyOf(file, 2 * file.length);
    System.arraycopy(file, 0, two, file.length, file.length);
    try (SceneReader reader = open(two)) {
      assertEquals(JdkImages.raster(JdkImages.read(file, "jpeg")), reader.rows(0, 60));
    }
  }

  @Test
  void refusesJpegsOfManyScans() throws IOException {
    byte[] file =
        JpegScans.progressive(JdkImages.pattern(BufferedImage.TYPE_BYTE_GRAY, 100, 60, 4));
    int scan = JpegScans.scans(file).get(0);
    assertEquals(
        "scene: damaged JPEG: more than 32 scans", refusal(JpegScans.repeated(file, scan, 40)));
  }

  @Test
  void refusesTruncatedPngs() throws IOException {
    byte[] file = png(JdkImages.pattern(BufferedImage.TYPE_3BYTE_BGR, 100, 60, 4));
    for (int length = file.length - 1; length > 40; length -= 97) {
      String message = refusal(Arrays.copyOf(file, length));
      assertTrue(message.startsWith("scene: "), message);
    }
    assertEquals(
        "scene: PNG chunk of 0 bytes at " + (file.length - 12) + " reaches past the file's end",
        refusal(Arrays.copyOf(file, file.length - 1)));
  }

  @Test
  void refusesPngsWithTooFewPixels() throws IOException {
    byte[] file = png(JdkImages.pattern(BufferedImage.TYPE_BYTE_GRAY, 100, 60, 4));
    ByteBuffer.wrap(file).putInt(20, 90);
    String message = refusal(withHeaderChecksum(file));
    assertTrue(message.startsWith("scene: damaged PNG: "), message);
  }

  @Test
  void refusesPngsThatClaimTooMuch() throws IOException {
    byte[] file = png(JdkImages.pattern(BufferedImage.TYPE_BYTE_GRAY, 10, 6, 4));
    ByteBuffer.wrap(file).putInt(16, 4096).putInt(20, 4096);
    assertEquals(
        "scene: PNG of 4096 x 4096 pixels in " + file.length + " bytes",
        refusal(withHeaderChecksum(file)));
    long heap = Runtime.getRuntime().maxMemory();
    long most = Math.min(268_435_456, heap / 8);
    String bounds =
        String.format(
            " pixels of 1 bytes; it must fit 17179869184 pixels and, as it is held whole, %d bytes"
                + " in a heap of %d; convert it to TIFF%s",
            most, heap, most < 268_435_456 ? " or give more memory" : "");
    ByteBuffer.wrap(file).putInt(16, 16384).putInt(20, 16385);
    assertEquals("scene: PNG of 16384 x 16385" + bounds, refusal(withHeaderChecksum(file)));
    ByteBuffer.wrap(file).putInt(16, Integer.MAX_VALUE).putInt(20, Integer.MAX_VALUE);
    assertEquals(
        "scene: PNG of 2147483647 x 2147483647" + bounds, refusal(withHeaderChecksum(file)));
    ByteBuffer.wrap(file).putInt(16, -1);
    assertEquals("scene: PNG of -1 x 2147483647", refusal(withHeaderChecksum(file)));
  }

  @Test
  void holdsAnEighthOfASmallHeap() {
    assertEquals(64L << 20, ImageHead.mostBytes(512L << 20));
    assertEquals(256L << 20, ImageHead.mostBytes(2L << 30));
    assertEquals(256L << 20, ImageHead.mostBytes(64L << 30));
  }

  @Test
  void walksNoEndlessHeaders() throws IOException {
    byte[] filled = new byte[17 << 20];
    Arrays.fill(filled, (byte) 0xFF);
    filled[1] = (byte) 0xD8;
    String ofJpeg =
        "scene: JPEG without a frame header in its first 65536 segments or 16777216 bytes, at ";
    assertEquals(ofJpeg + "16777217; strip its metadata", refusal(filled));
    byte[] comments = new byte[70_000 * 4];
    for (int at = 2; at + 4 <= comments.length; at += 4) {
      ByteBuffer.wrap(comments).putInt(at, 0xFFFE0002);
    }
    comments[0] = (byte) 0xFF;
    comments[1] = (byte) 0xD8;
    assertEquals(ofJpeg + (2 + 65_537 * 4) + "; strip its metadata", refusal(comments));

    byte[] file = png(JdkImages.pattern(BufferedImage.TYPE_BYTE_GRAY, 10, 6, 4));
    ByteBuffer texts = ByteBuffer.allocate(file.length + 70_000 * 12);
    texts.put(file, 0, 33);
    for (int i = 0; i < 70_000; i++) {
      texts.putInt(0).put("tEXt".getBytes(StandardCharsets.US_ASCII)).putInt(0);
    }
    texts.put(file, 33, file.length - 33);
    assertEquals(
        "scene: PNG of more than 65536 chunks without pixels, at "
            + (33 + 65_535 * 12)
            + "; strip its metadata",
        refusal(texts.array()));
    ByteBuffer large = ByteBuffer.allocate(file.length + (17 << 20) + 24);
    large.put(file, 0, 33).putInt(17 << 20).put("tEXt".getBytes(StandardCharsets.US_ASCII));
    large.position(large.position() + (17 << 20) + 4);
    large.putInt(0).put("tEXt".getBytes(StandardCharsets.US_ASCII)).putInt(0);
    large.put(file, 33, file.length - 33);
    assertEquals(
        "scene: PNG without pixels in its first 16777216 bytes, at "
            + (33 + 12 + (17 << 20))
            + "; strip its metadata",
        refusal(large.array()));
  }

  private static byte[] withHeaderChecksum(byte[] png) {
    CRC32 crc = new CRC32();
    crc.update(png, 12, 17);
    ByteBuffer.wrap(png).putInt(29, (int) crc.getValue());
    return png;
  }

  @Test
  void leavesOutTextThatInflatesToGigabytes() throws IOException {
    byte[] file = png(JdkImages.pattern(BufferedImage.TYPE_BYTE_GRAY, 10, 6, 4));
    ByteBuffer bomb = ByteBuffer.allocate(file.length + 16);
    bomb.put(file, 0, 33).putInt(4).put("zTXt".getBytes(StandardCharsets.US_ASCII)).putInt(-1);
    bomb.putInt(0).put(file, 33, file.length - 33);
    try (SceneReader reader = open(bomb.array())) {
      assertEquals(
          JdkImages.raster(JdkImages.pattern(BufferedImage.TYPE_BYTE_GRAY, 10, 6, 4)),
          reader.rows(0, 6));
    }
  }

  @Test
  void refusesJpegsOfOtherKinds() throws IOException {
    byte[] file =
        JdkImages.write(
            JdkImages.pattern(BufferedImage.TYPE_BYTE_GRAY, 16, 16, 4), "jpeg", p -> {});
    int frame = indexOf(file, 0xC0);
    byte[] lossless = file.clone();
    lossless[frame] = (byte) 0xC3;
    assertEquals("scene: JPEG frame of kind 0xC3 is not supported", refusal(lossless));
    byte[] twelve = file.clone();
    twelve[frame + 3] = 12;
    assertEquals("scene: JPEG of 12 bits is not supported, only 8 are", refusal(twelve));
    byte[] four = file.clone();
    four[frame + 8] = 4;
    assertEquals("scene: JPEG of 4 components is not supported, only 1 and 3 are", refusal(four));
    byte[] empty = file.clone();
    empty[frame + 4] = 0;
    empty[frame + 5] = 0;
    assertEquals("scene: JPEG of 16 x 0", refusal(empty));
  }

  private static int indexOf(byte[] file, int marker) {
    for (int i = 2; i < file.length; i++) {
      if (file[i - 1] == (byte) 0xFF && file[i] == (byte) marker) {
        return i;
      }
    }
    throw new IllegalArgumentException("no marker " + marker);
  }

  @Test
  void refusesEverythingElse() throws IOException {
    for (byte[] file :
        new byte[][] {
          {}, {'G', 'I', 'F', '8', '9', 'a', 0, 0, 0}, {(byte) 0x89, 'P', 'N', 'G'}, new byte[100]
        }) {
      CountingByteSource source = new CountingByteSource("scene", file);
      assertEquals(
          "scene: not a TIFF, PNG or JPEG",
          assertThrows(
                  SceneFormatException.class,
                  () -> SceneReaders.open(source, TiffLimits.defaults()))
              .getMessage());
      assertTrue(source.closed());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "jpeg"})
  void passesFailuresOfTheFileSystemOn(String format) throws IOException {
    BufferedImage image = JdkImages.pattern(BufferedImage.TYPE_3BYTE_BGR, 400, 300, 4);
    byte[] file = JdkImages.write(image, format, param -> {});
    try (SceneReader reader =
        SceneReaders.open(new LosingByteSource(file), TiffLimits.defaults())) {
      IOException failure = assertThrows(IOException.class, () -> reader.rows(0, 300));
      assertEquals("block lost", failure.getMessage());
    }
  }

  /** A file whose end cannot be read. */
  private record LosingByteSource(byte[] bytes) implements ByteSource {
    @Override
    public String name() {
      return "lost";
    }

    @Override
    public long length() {
      return bytes.length;
    }

    @Override
    public void read(long position, byte[] target, int offset, int length) throws IOException {
      if (position + length > 5000) {
        throw new IOException("block lost");
      }
      System.arraycopy(bytes, (int) position, target, offset, length);
    }

    @Override
    public void close() {}
  }
}
