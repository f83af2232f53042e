package io.landloom.geo.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.geo.JdkImages;
import io.landloom.geo.scene.SceneReader;
import io.landloom.geo.source.CountingByteSource;
import io.landloom.geo.source.SceneFormatException;
import io.landloom.geo.tiff.TiffLimits;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

/** What is read of a PNG, and in how many pieces: each is a call to a data node on HDFS. */
class PngReadsTest {
  private static final BufferedImage IMAGE =
      JdkImages.pattern(BufferedImage.TYPE_3BYTE_BGR, 700, 600, 4);

  private static void chunk(DataOutputStream out, String type, byte[] data) throws IOException {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(data);
    out.writeInt(data.length);
    out.write(name);
    out.write(data);
    out.writeInt((int) crc.getValue());
  }

  /** The same image with its pixels in chunks of a size, and a text of a size before each tenth. */
  private static byte[] rechunked(byte[] png, int size, int text) throws IOException {
    ByteArrayOutputStream pixels = new ByteArrayOutputStream();
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(file);
    out.write(png, 0, 8);
    ByteBuffer in = ByteBuffer.wrap(png, 8, png.length - 8);
    while (in.hasRemaining()) {
      byte[] data = new byte[in.getInt()];
      byte[] type = new byte[4];
      in.get(type).get(data).getInt();
      String name = new String(type, StandardCharsets.US_ASCII);
      if (name.equals("IDAT")) {
        pixels.writeBytes(data);
      } else if (name.equals("IHDR")) {
        chunk(out, name, data);
      }
    }
    byte[] all = pixels.toByteArray();
    for (int at = 0; at < all.length; at += size) {
      byte[] part = new byte[Math.min(size, all.length - at)];
      System.arraycopy(all, at, part, 0, part.length);
      if (text > 0 && at / size % 10 == 0) {
        byte[] words = new byte[text];
        words[0] = 'a';
        chunk(out, "tEXt", words);
      }
      chunk(out, "IDAT", part);
    }
    chunk(out, "IEND", new byte[0]);
    return file.toByteArray();
  }

  private static byte[] png() throws IOException {
    return JdkImages.write(IMAGE, "png", param -> {});
  }

  @Test
  void aHeaderTakesTwoSmallReads() throws IOException {
    CountingByteSource source = new CountingByteSource("scene", rechunked(png(), 8192, 0));
    try (SceneReader reader = SceneReaders.open(source, TiffLimits.defaults())) {
      assertEquals(700, reader.header().width());
      assertEquals(2, source.reads()); // the mark, and the first 4 KiB
      assertTrue(source.bytesRead() <= 4096 + 8, source.bytesRead() + " bytes");
    }
  }

  @Test
  void pixelsInThousandsOfChunksAreReadOnceAndInLargePieces() throws IOException {
    byte[] file = rechunked(png(), 100, 0);
    assertTrue(file.length > 500_000, file.length + " bytes");
    CountingByteSource source = new CountingByteSource("scene", file);
    try (SceneReader reader = SceneReaders.open(source, TiffLimits.defaults())) {
      assertEquals(JdkImages.raster(IMAGE), reader.rows(0, 600));
    }
    assertTrue(source.bytesRead() <= file.length + 4096 + 8, source.bytesRead() + " bytes");
    int pieces = file.length / 65_536 + 1;
    assertTrue(source.reads() <= pieces + 2, source.reads() + " reads of " + pieces + " pieces");
  }

  @Test
  void whatOnlyDescribesThePixelsIsNotRead() throws IOException {
    byte[] bare = rechunked(png(), 8192, 0);
    byte[] file = rechunked(png(), 8192, 1 << 20);
    assertTrue(file.length > 5 * bare.length, file.length + " bytes");
    CountingByteSource source = new CountingByteSource("scene", file);
    try (SceneReader reader = SceneReaders.open(source, TiffLimits.defaults())) {
      assertEquals(JdkImages.raster(IMAGE), reader.rows(0, 600));
    }
    assertTrue(source.bytesRead() < 3L * bare.length, source.bytesRead() + " bytes");
  }

  @Test
  void aSecondHeaderBehindThePixelsIsRefused() throws IOException {
    byte[] file = rechunked(png(), 8192, 0);
    ByteArrayOutputStream doubled = new ByteArrayOutputStream();
    int second = 8 + 25 + 8192 + 12; // behind signature, IHDR and the first IDAT
    doubled.write(file, 0, second);
    doubled.write(file, 8, 25);
    doubled.write(file, second, file.length - second);
    CountingByteSource source = new CountingByteSource("scene", doubled.toByteArray());
    try (SceneReader reader = SceneReaders.open(source, TiffLimits.defaults())) {
      SceneFormatException refusal =
          assertThrows(SceneFormatException.class, () -> reader.rows(0, 600));
      assertEquals("scene: PNG without a single, leading IHDR chunk", refusal.getMessage());
    }
  }
}
