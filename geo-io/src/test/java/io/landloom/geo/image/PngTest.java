package io.landloom.geo.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.landloom.geo.JdkImages;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.geo.source.SceneFormatException;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PngTest {
  private static final PngDecoder DECODER = new PngDecoder();
  private static final LandCoverScheme GID15 = LandCoverScheme.named("gid15");

  static Stream<Arguments> options() {
    List<Arguments> cases = new ArrayList<>();
    for (int type :
        List.of(
            BufferedImage.TYPE_BYTE_GRAY,
            BufferedImage.TYPE_3BYTE_BGR,
            BufferedImage.TYPE_4BYTE_ABGR)) {
      for (PngEncoder.Filter filter : PngEncoder.Filter.values()) {
        for (PngEncoder.Strategy strategy : PngEncoder.Strategy.values()) {
          cases.add(Arguments.of(type, new PngEncoder.Options(filter, strategy, 6)));
        }
        cases.add(
            Arguments.of(type, new PngEncoder.Options(filter, PngEncoder.Strategy.DEFAULT, 0)));
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("options")
  void theJdkReadsWhatWasEncodedAndSoDoWe(int type, PngEncoder.Options options) throws IOException {
    Raster raster = JdkImages.raster(JdkImages.pattern(type, 67, 41, 3));
    byte[] png = new PngEncoder(options, options).encode(raster);
    assertEquals(raster, JdkImages.raster(JdkImages.read(png, "png")));
    assertEquals(raster, DECODER.decode(png));
    assertArrayEquals(png, new PngEncoder(options, options).encode(raster));
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        BufferedImage.TYPE_BYTE_GRAY,
        BufferedImage.TYPE_3BYTE_BGR,
        BufferedImage.TYPE_4BYTE_ABGR
      })
  void decodesWhatTheJdkWrote(int type) throws IOException {
    BufferedImage image = JdkImages.pattern(type, 67, 41, 3);
    byte[] png = JdkImages.write(image, "png", param -> {});
    assertEquals(JdkImages.raster(image), DECODER.decode(png));
  }

  @Test
  void decodesAverageAndPaeth() throws SceneFormatException {
    // rows of three gray pixels, by hand: average of 10,20,30; Paeth of the row below
    byte[] filtered = {0, 10, 20, 30, 3, 5, 5, 5, 4, 1, 1, 1};
    byte[] png = png(3, 3, filtered);
    // average: 5+(0+10)/2=10, 5+(10+20)/2=20, 5+(20+30)/2=30; Paeth: 1+10, 1+20 (p=21), 1+30
    assertArrayEquals(
        new byte[] {10, 20, 30, 10, 20, 30, 11, 21, 31}, DECODER.decode(png).samples());
  }

  private static byte[] png(int width, int height, byte[] filtered) {
    Raster raster = Raster.ofBytes(filtered.length, 1, 1, filtered);
    PngEncoder.Options plain =
        new PngEncoder.Options(PngEncoder.Filter.NONE, PngEncoder.Strategy.DEFAULT, 0);
    // stored Deflate: the filter byte of the encoder's only row is dropped by hand
    byte[] encoded = new PngEncoder(plain, plain).encode(raster);
    java.util.zip.Deflater deflater = new java.util.zip.Deflater();
    deflater.setInput(filtered);
    deflater.finish();
    byte[] packed = new byte[200];
    int length = deflater.deflate(packed);
    deflater.end();
    ByteBuffer png = ByteBuffer.allocate(33 + 12 + length + 12);
    png.put(encoded, 0, 33).putInt(16, width).putInt(20, height);
    png.putInt(29, crc(png.array(), 12, 17));
    png.putInt(length).putInt(0x49444154).put(packed, 0, length);
    png.putInt(crc(png.array(), 37, length + 4));
    png.put(encoded, encoded.length - 12, 12);
    return png.array();
  }

  private static int crc(byte[] bytes, int from, int length) {
    CRC32 crc = new CRC32();
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }

  @Test
  void masksCarryTheColorsOfTheScheme() throws IOException {
    byte[] indices = {0, 1, 15, 7, 7, 7};
    ClassMask mask = new ClassMask(3, 2, indices);
    byte[] png = new PngEncoder().encodeMask(mask, GID15);
    BufferedImage image = JdkImages.read(png, "png");
    assertTrue(image.getColorModel() instanceof IndexColorModel);
    assertEquals(8, png[24]);
    assertEquals(0xFFC80000, image.getRGB(1, 0));
    assertEquals(0xFF00C8FA, image.getRGB(2, 0));
    assertArrayEquals(indices, JdkImages.raster(image).samples());
    assertEquals(mask, DECODER.decodeMask(png));
    assertEquals(
        "PNG of " + png.length + " bytes: is a palette image; decodeMask reads its indices",
        assertThrows(SceneFormatException.class, () -> DECODER.decode(png)).getMessage());
  }

  @Test
  void grayImagesAreMasksToo() throws SceneFormatException {
    byte[] png = new PngEncoder().encode(Raster.ofBytes(2, 1, 1, new byte[] {3, (byte) 255}));
    assertEquals(new ClassMask(2, 1, new byte[] {3, (byte) 255}), DECODER.decodeMask(png));
    byte[] color = new PngEncoder().encode(Raster.ofBytes(1, 1, 3, new byte[3]));
    assertEquals(
        "PNG of " + color.length + " bytes: has 3 bands, a mask has 1",
        assertThrows(SceneFormatException.class, () -> DECODER.decodeMask(color)).getMessage());
  }

  @Test
  void refusesRastersThatPngDoesNotTake() {
    PngEncoder encoder = new PngEncoder();
    assertEquals(
        "Raster 1 x 1 x 2 UINT8: PNG takes 1, 3 or 4 bands",
        assertThrows(
                IllegalArgumentException.class,
                () -> encoder.encode(Raster.ofBytes(1, 1, 2, new byte[2])))
            .getMessage());
    Raster wide = new Raster(1, 1, 1, SampleType.UINT16, new byte[2]);
    assertEquals(
        "Raster 1 x 1 x 1 UINT16: only 8-bit samples are written as PNG",
        assertThrows(IllegalArgumentException.class, () -> encoder.encode(wide)).getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () -> new PngEncoder.Options(PngEncoder.Filter.SUB, PngEncoder.Strategy.DEFAULT, 10));
  }

  @Test
  void defaultsAreUpAndHuffmanForImages() {
    assertEquals(
        new PngEncoder.Options(PngEncoder.Filter.UP, PngEncoder.Strategy.HUFFMAN_ONLY, 6),
        PngEncoder.Options.forImages());
    assertEquals(
        new PngEncoder.Options(PngEncoder.Filter.NONE, PngEncoder.Strategy.DEFAULT, 1),
        PngEncoder.Options.forMasks());
  }

  @Test
  void refusesDamageByName() {
    byte[] png = new PngEncoder().encode(Raster.ofBytes(4, 4, 1, new byte[16]));
    String name = "PNG of " + png.length + " bytes: ";
    byte[] flipped = png.clone();
    flipped[45] ^= 1;
    assertEquals(name + "is damaged: checksum of the chunk at 33", refusal(DECODER, flipped));
    byte[] cut = Arrays.copyOf(png, png.length - 20);
    assertTrue(refusal(DECODER, cut).contains("is truncated: "), refusal(DECODER, cut));
    assertEquals("PNG of 0 bytes: is not a PNG", refusal(DECODER, new byte[0]));
    assertEquals(name + "has 4 x 4 pixels; 1 to 15 are read", refusal(new PngDecoder(15), png));
    byte[] few = png(4, 4, new byte[19]);
    assertEquals(
        "PNG of " + few.length + " bytes: is truncated: 19 of 20 bytes of pixels",
        refusal(DECODER, few));
    byte[] huge = png(8000, 8000, new byte[19]);
    assertEquals(
        "PNG of " + huge.length + " bytes: cannot hold 8000 x 8000 x 1 samples",
        refusal(DECODER, huge));
    byte[] filter = png(1, 1, new byte[] {5, 0});
    assertEquals(
        "PNG of " + filter.length + " bytes: is damaged: filter 5 in row 0",
        refusal(DECODER, filter));
  }

  private static String refusal(PngDecoder decoder, byte[] png) {
    return assertThrows(SceneFormatException.class, () -> decoder.decode(png)).getMessage();
  }

  @Test
  void randomDamageIsRefused() {
    long seed = Long.getLong("landloom.seed", 20261120L);
    System.out.println("PngTest seed " + seed);
    Random random = new Random(seed);
    byte[] png =
        new PngEncoder()
            .encode(JdkImages.raster(JdkImages.pattern(BufferedImage.TYPE_3BYTE_BGR, 16, 16, 7)));
    for (int i = 0; i < 3000; i++) {
      byte[] mutant = png.clone();
      int place = random.nextInt(mutant.length);
      mutant[place] ^= (byte) (1 + random.nextInt(255));
      try {
        DECODER.decode(mutant);
        fail("seed " + seed + ": damage at " + place + " was not noticed");
      } catch (SceneFormatException expected) {
        assertTrue(expected.getMessage().startsWith("PNG of "));
      } catch (RuntimeException | Error e) {
        fail("seed " + seed + ": " + HexFormat.of().formatHex(mutant), e);
      }
    }
  }
}
