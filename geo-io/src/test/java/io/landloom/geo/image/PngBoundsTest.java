package io.landloom.geo.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.landloom.geo.source.SceneFormatException;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;

/** PNGs made by hand, chunk by chunk, after the specification (ISO/IEC 15948). */
class PngBoundsTest {
  private static final PngDecoder DECODER = new PngDecoder();

  /** A file of chunks, each a name and its data. */
  private static byte[] file(Object... namesAndData) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeLong(0x89504E470D0A1A0AL);
    for (int i = 0; i < namesAndData.length; i += 2) {
      byte[] name = ((String) namesAndData[i]).getBytes(StandardCharsets.US_ASCII);
      byte[] data = (byte[]) namesAndData[i + 1];
      CRC32 crc = new CRC32();
      crc.update(name);
      crc.update(data);
      out.writeInt(data.length);
      out.write(name);
      out.write(data);
      out.writeInt((int) crc.getValue());
    }
    return bytes.toByteArray();
  }

  private static byte[] head(int width, int height, int colorType) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(width);
    out.writeInt(height);
    out.write(new byte[] {8, (byte) colorType, 0, 0, 0});
    return bytes.toByteArray();
  }

  private static byte[] deflated(int... bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflate = new DeflaterOutputStream(out)) {
      for (int value : bytes) {
        deflate.write(value);
      }
    }
    return out.toByteArray();
  }

  private static String refusal(byte[] png) {
    String message =
        assertThrows(SceneFormatException.class, () -> DECODER.decode(png)).getMessage();
    return message.replace("PNG of " + png.length + " bytes: ", "");
  }

  @Test
  void thePredictorOfPaethTakesTheNearestOfThree() throws IOException {
    // rows of four; the second by Paeth: to 10 left 0, then the nearest of left, above and corner
    byte[] png =
        file(
            "IHDR",
            head(4, 2, 0),
            "IDAT",
            deflated(0, 10, 20, 15, 100, 4, 1, 1, 1, 1),
            "IEND",
            new byte[0]);
    // (1,0): left 0, above 10, corner 0: estimate 10, above is nearest: 11
    // (1,1): left 11, above 20, corner 10: estimate 21, above by 1: 21
    // (1,2): left 21, above 15, corner 20: estimate 16, above by 1: 16
    // (1,3): left 16, above 100, corner 15: estimate 101, above by 1: 101
    assertEquals(
        Raster.ofBytes(4, 2, 1, new byte[] {10, 20, 15, 100, 11, 21, 16, 101}),
        DECODER.decode(png));
  }

  @Test
  void paethTakesTheCornerAndTheLeftWhereTheyAreNearest() throws IOException {
    byte[] png =
        file(
            "IHDR",
            head(3, 2, 0),
            "IDAT",
            deflated(0, 50, 40, 90, 4, 10, 0, 0),
            "IEND",
            new byte[0]);
    // (1,0): above 50 is nearest: 60
    // (1,1): left 60, above 40, corner 50: estimate 50, the corner: 50
    // (1,2): left 50, above 90, corner 40: estimate 100, above by 10: 90
    assertEquals(Raster.ofBytes(3, 2, 1, new byte[] {50, 40, 90, 60, 50, 90}), DECODER.decode(png));
    byte[] flat =
        file("IHDR", head(2, 2, 0), "IDAT", deflated(0, 30, 30, 4, 200, 5), "IEND", new byte[0]);
    // (1,0): 230; (1,1): left 230, above 30, corner 30: estimate 230, the left: 235
    assertEquals(
        Raster.ofBytes(2, 2, 1, new byte[] {30, 30, (byte) 230, (byte) 235}), DECODER.decode(flat));
  }

  @Test
  void chunksThatDescribeArePassedAndOthersThatDecideAreRefused() throws IOException {
    byte[] pixels = deflated(0, 7);
    byte[] text = file("IHDR", head(1, 1, 0), "tEXt", new byte[3], "IDAT", pixels, "IEND", none());
    assertEquals(Raster.ofBytes(1, 1, 1, new byte[] {7}), DECODER.decode(text));
    byte[] unheard = file("IHDR", head(1, 1, 0), "ABCD", none(), "IDAT", pixels, "IEND", none());
    assertEquals("has an unknown critical chunk 0x41424344", refusal(unheard));
  }

  private static byte[] none() {
    return new byte[0];
  }

  @Test
  void pixelsMayLieInSeveralChunks() throws IOException {
    byte[] pixels = deflated(0, 7, 8, 9);
    byte[] first = java.util.Arrays.copyOf(pixels, 3);
    byte[] second = java.util.Arrays.copyOfRange(pixels, 3, pixels.length);
    byte[] png =
        file("IHDR", head(3, 1, 0), "IDAT", first, "IDAT", none(), "IDAT", second, "IEND", none());
    assertEquals(Raster.ofBytes(3, 1, 1, new byte[] {7, 8, 9}), DECODER.decode(png));
  }

  @Test
  void damageOfTheHeaderIsFoundByItsChecksum() throws IOException {
    byte[] png = file("IHDR", head(3, 1, 0), "IDAT", deflated(0, 7, 8, 9), "IEND", none());
    png[19] = 2;
    assertEquals("is damaged: checksum of the chunk at 8", refusal(png));
  }

  @Test
  void sizesAreBounded() throws IOException {
    byte[] pixels = deflated(0, 7);
    assertEquals(
        "has 0 x 1 pixels; 1 to 67108864 are read",
        refusal(file("IHDR", head(0, 1, 0), "IDAT", pixels, "IEND", none())));
    assertEquals(
        "has 1 x 0 pixels; 1 to 67108864 are read",
        refusal(file("IHDR", head(1, 0, 0), "IDAT", pixels, "IEND", none())));
    assertEquals(
        "cannot hold 8192 x 8192 x 3 samples",
        refusal(file("IHDR", head(8192, 8192, 2), "IDAT", pixels, "IEND", none())));
    assertEquals(
        "maximum of 0 pixels",
        assertThrows(IllegalArgumentException.class, () -> new PngDecoder(0)).getMessage());
    byte[] one = file("IHDR", head(1, 1, 0), "IDAT", pixels, "IEND", none());
    assertEquals(Raster.ofBytes(1, 1, 1, new byte[] {7}), new PngDecoder(1).decode(one));
  }
}
