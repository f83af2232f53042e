package io.landloom.geo.tiff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStream;
import io.landloom.geo.image.Raster;
import io.landloom.geo.source.CountingByteSource;
import io.landloom.geo.source.MemoryByteSource;
import io.landloom.geo.source.SceneFormatException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** A damaged block is refused with its file, IFD and number, whatever its compression. */
class BlockDamageTest {
  private static final String BLOCK = "damaged.tif: IFD 0: ";

  private static Raster read(byte[] file) throws IOException {
    try (TiffReader reader =
        TiffReader.open(new CountingByteSource("damaged.tif", file), TiffLimits.defaults())) {
      return reader.rows(0, reader.header().height());
    }
  }

  private static String refusal(byte[] file) {
    return assertThrows(SceneFormatException.class, () -> read(file)).getMessage();
  }

  @ParameterizedTest
  @CsvSource({
    // the fewest bytes that can be cut off before pixels are missing: LZW's end code and its
    // padding, the second byte of EOI
    "strip-lzw, 2",
    "strip-deflate, 1",
    "strip-packbits, 1",
    "strip-zstd, 1",
    "strip-lzma, 1",
    "jpeg-gray, 1",
    "jpeg-rgb, 1",
    "jpeg-ycbcr, 1",
    "uint16-none, 1"
  })
  void everyTruncationOfABlockIsRefused(String name, int fewest) throws IOException {
    byte[] whole = GdalFixture.named(name).bytes();
    int stored = (int) TiffBytes.number(whole, 279);
    for (int cut = 1; cut < stored; cut++) {
      byte[] damaged = TiffBytes.patch(whole, 279, stored - cut);
      if (cut < fewest) {
        assertEquals(read(whole), read(damaged));
      } else {
        String message = refusal(damaged);
        assertTrue(message.startsWith(BLOCK + "strip 0 "), cut + " bytes cut: " + message);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "uint8-deflate-2, 325",
    "zstd-2, 325",
    "lzma-planes, 325",
    "jpeg-ycbcr-tiles, 325",
    "uint8-lzw-2-big, 279"
  })
  void theTruncatedBlockIsNamed(String name, int tag) throws IOException {
    byte[] whole = GdalFixture.named(name).bytes();
    int blocks = TiffBytes.count(whole, tag);
    assertTrue(blocks > 2, blocks + " blocks");
    for (int block = 0; block < blocks; block++) {
      long stored = TiffBytes.number(whole, tag, block);
      String message = refusal(TiffBytes.patch(whole, tag, block, stored / 2));
      String named = BLOCK + (tag == 325 ? "tile " : "strip ") + block + " ";
      assertTrue(message.startsWith(named), message);
    }
  }

  /** A strip of 4 x 4 gray pixels in a compression. */
  private static byte[] gray(int compression, byte[] strip) {
    return TiffBytes.gray(ByteOrder.LITTLE_ENDIAN, 4, 4, strip).shorts(259, compression).build();
  }

  private static byte[] sixteen() {
    byte[] pixels = new byte[16];
    for (int i = 0; i < 16; i++) {
      pixels[i] = (byte) (i * 11);
    }
    return pixels;
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  @Test
  void readsZstdInSeveralFrames() throws IOException {
    byte[] pixels = sixteen();
    byte[] first = Zstd.compress(Arrays.copyOfRange(pixels, 0, 7));
    byte[] second = Zstd.compress(Arrays.copyOfRange(pixels, 7, 16));
    assertEquals(Raster.ofBytes(4, 4, 1, pixels), read(gray(50000, joined(first, second))));
  }

  @Test
  void refusesZstdThatIsTooShortDamagedOrNone() throws IOException {
    byte[] pixels = sixteen();
    assertEquals(
        BLOCK + "strip 0 ends after 15 of 16 bytes (ZSTD)",
        refusal(gray(50000, Zstd.compress(Arrays.copyOf(pixels, 15)))));
    assertEquals(
        BLOCK + "strip 0 is corrupt: Zstd: Unknown frame descriptor", refusal(gray(50000, pixels)));
    byte[] whole = Zstd.compress(pixels);
    assertEquals(
        BLOCK + "strip 0 is corrupt: Zstd: Unknown frame descriptor",
        refusal(gray(50000, joined(whole, new byte[] {1, 2, 3, 4, 5}))));
    ByteArrayOutputStream checked = new ByteArrayOutputStream();
    try (ZstdOutputStream zstd = new ZstdOutputStream(checked).setChecksum(true)) {
      zstd.write(pixels);
    }
    byte[] wrong = checked.toByteArray();
    wrong[wrong.length - 1] ^= 1;
    assertTrue(
        refusal(gray(50000, wrong)).contains("strip 0 is corrupt: Zstd: "),
        refusal(gray(50000, wrong)));
  }

  @Test
  void refusesZstdThatAsksForALargeWindow() throws IOException {
    assertEquals(
        BLOCK + "strip 0 is corrupt: Zstd: Frame requires too much memory for decoding",
        refusal(gray(50000, zstdOfWindow(28))));
    assertEquals(Raster.ofBytes(4, 4, 1, sixteen()), read(gray(50000, zstdOfWindow(27))));
  }

  /** A frame of one raw block (RFC 8878, section 3.1.1), with a window of 2 to the power of log. */
  private static byte[] zstdOfWindow(int log) {
    byte[] head = {0x28, (byte) 0xB5, 0x2F, (byte) 0xFD, 0, (byte) ((log - 10) << 3)};
    return joined(head, new byte[] {(byte) (16 << 3 | 1), 0, 0}, sixteen());
  }

  @ParameterizedTest
  @CsvSource({"50000, Zstd", "34925, LZMA", "8, Deflate"})
  void refusesABlockThatGoesOnAndOn(int compression, String name) throws IOException {
    byte[] tooMuch = new byte[(1 << 20) + 17];
    byte[] strip =
        switch (compression) {
          case 50000 -> Zstd.compress(tooMuch);
          case 34925 -> xz(tooMuch, new LZMA2Options(0));
          default -> TiffReaderTest.deflated(new int[tooMuch.length]);
        };
    String message = refusal(gray(compression, strip));
    assertTrue(message.startsWith(BLOCK + "strip 0 is corrupt: " + name + ": "), message);
    byte[] enough =
        switch (compression) {
          case 50000 -> Zstd.compress(new byte[(1 << 20) + 15]);
          case 34925 -> xz(new byte[(1 << 20) + 15], new LZMA2Options(0));
          default -> TiffReaderTest.deflated(new int[(1 << 20) + 15]);
        };
    assertEquals(
        new Raster(4, 4, 1, read(gray(1, sixteen())).type(), new byte[16]),
        read(gray(compression, enough)));
  }

  private static byte[] xz(byte[] bytes, LZMA2Options options) throws IOException {
    ByteArrayOutputStream target = new ByteArrayOutputStream();
    try (XZOutputStream xz = new XZOutputStream(target, options)) {
      xz.write(bytes);
    }
    return target.toByteArray();
  }

  @Test
  void refusesLzmaThatIsTooShortDamagedOrNone() throws IOException {
    byte[] pixels = sixteen();
    LZMA2Options options = new LZMA2Options(1);
    assertEquals(Raster.ofBytes(4, 4, 1, pixels), read(gray(34925, xz(pixels, options))));
    assertEquals(
        BLOCK + "strip 0 ends after 15 of 16 bytes (LZMA)",
        refusal(gray(34925, xz(Arrays.copyOf(pixels, 15), options))));
    assertEquals(
        BLOCK + "strip 0 is corrupt: LZMA: Input is not in the XZ format",
        refusal(gray(34925, pixels)));
    byte[] wrong = xz(pixels, options);
    wrong[28] ^= 1;
    assertTrue(
        refusal(gray(34925, wrong)).startsWith(BLOCK + "strip 0 is corrupt: LZMA: "),
        refusal(gray(34925, wrong)));
    assertEquals(
        BLOCK + "strip 0 is corrupt: LZMA: ends early or is damaged",
        refusal(gray(34925, Arrays.copyOf(xz(pixels, options), 6))));
  }

  @Test
  void refusesLzmaThatAsksForALargeDictionary() throws IOException {
    LZMA2Options options = new LZMA2Options(0);
    options.setDictSize(64 << 20);
    assertEquals(Raster.ofBytes(4, 4, 1, sixteen()), read(gray(34925, xz(sixteen(), options))));
    options.setDictSize(96 << 20);
    String message = refusal(gray(34925, xz(sixteen(), options)));
    assertTrue(message.startsWith(BLOCK + "strip 0 is corrupt: LZMA: "), message);
    assertTrue(message.contains("memory"), message);
  }

  @Test
  void aBlockIsSparseOnlyIfBothItsNumbersAre0() {
    TiffBytes bytes = TiffBytes.gray(ByteOrder.LITTLE_ENDIAN, 2, 2, new byte[4]);
    assertEquals(
        BLOCK + "strip 0 has no bytes at 8; a sparse one has offset 0 too",
        refusal(bytes.longs(279, 0).build()));
    assertEquals(
        BLOCK + "strip 0 stores 1 bytes for 4; NONE yields at most 1 a byte",
        refusal(bytes.longs(273, 0).longs(279, 1).build()));
  }

  @Test
  void aFewBytesCannotClaimAHugeSparseImage() throws IOException {
    TiffBytes bytes =
        TiffBytes.gray(ByteOrder.LITTLE_ENDIAN, 4096, 4097, new byte[4])
            .longs(273, 0)
            .longs(279, 0);
    assertEquals(
        BLOCK + "strip 0 is sparse and stands for 16781312 bytes, more than 16777216",
        refusal(bytes.build()));
    assertEquals(4096, read(bytes.shorts(257, 4096).build()).height());
  }

  @Test
  void sparseBlocksWithoutNodataAreZerosThatHoldNoData() throws IOException {
    // two planes of two strips; the second strip of the second plane is sparse
    byte[] file =
        TiffBytes.classic(ByteOrder.LITTLE_ENDIAN)
            .image(2, 2, 16, new byte[] {1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3})
            .shorts(258, 16, 16)
            .shorts(277, 2)
            .shorts(278, 1)
            .shorts(284, 2)
            .longs(273, 8, 12, 16, 0)
            .longs(279, 4, 4, 4, 0)
            .build();
    try (TiffReader reader =
        TiffReader.open(new CountingByteSource("sparse.tif", file), TiffLimits.defaults())) {
      Raster rows = reader.rows(0, 2);
      byte[] expected = {1, 1, 3, 3, 1, 1, 3, 3, 2, 2, 0, 0, 2, 2, 0, 0};
      assertEquals(new Raster(2, 2, 2, rows.type(), expected), rows);
      assertEquals(
          new io.landloom.geo.image.Validity(2, 2, new byte[] {1, 1, 0, 0}),
          reader.validity(0, rows).orElseThrow());
      assertEquals(reader.rows(1, 1), rows.crop(0, 1, 2, 1));
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 1", "2, 2"})
  void fillsSparseTilesAmongOthersInBothLayouts(int bands, int planar) throws IOException {
    // 2 x 2 tiles of 16 x 16 for 21 x 19 pixels of 16 bits; the tiles of the lower row are sparse
    int tileBytes = 16 * 16 * 2 * (planar == 2 ? 1 : bands);
    byte[] ones = new byte[tileBytes];
    Arrays.fill(ones, (byte) 1);
    int planes = planar == 2 ? bands : 1;
    double[] offsets = new double[4 * planes];
    double[] counts = new double[4 * planes];
    for (int plane = 0; plane < planes; plane++) {
      for (int tile = 0; tile < 2; tile++) {
        offsets[4 * plane + tile] = 8;
        counts[4 * plane + tile] = tileBytes;
      }
    }
    byte[] file =
        TiffBytes.classic(ByteOrder.LITTLE_ENDIAN)
            .image(21, 19, 16, ones)
            .shorts(277, bands)
            .shorts(284, planar)
            .shorts(322, 16)
            .shorts(323, 16)
            .without(273)
            .without(279)
            .longs(324, offsets)
            .longs(325, counts)
            .text(42113, "770")
            .build();
    Raster rows = read(file);
    for (int i = 0; i < 21 * 19 * bands; i++) {
      int expected = i < 21 * 16 * bands ? 257 : 770;
      assertEquals(expected, rows.type().value(rows.samples(), i), "sample " + i);
    }
  }

  @Test
  void aFileSystemThatFailsInABlockIsNoDamage() throws IOException {
    for (String name : new String[] {"strip-zstd", "strip-lzma", "jpeg-rgb", "strip-deflate"}) {
      byte[] file = GdalFixture.named(name).bytes();
      IOException broken = new IOException("the disk is gone");
      boolean[] failing = new boolean[1];
      MemoryByteSource source =
          new MemoryByteSource("broken.tif", file) {
            @Override
            public void read(long position, byte[] target, int offset, int length)
                throws IOException {
              if (failing[0]) {
                throw broken;
              }
              super.read(position, target, offset, length);
            }
          };
      try (TiffReader reader = TiffReader.open(source, TiffLimits.defaults())) {
        failing[0] = true;
        assertSame(broken, assertThrows(IOException.class, () -> reader.rows(0, 1)), name);
      }
    }
  }

  @Test
  void randomBytesInABlockAreRefusedOrReadNeverMore() throws IOException {
    long seed = Long.getLong("landloom.seed", 20261120L);
    Random random = new Random(seed);
    for (String name : new String[] {"strip-zstd", "strip-lzma", "jpeg-ycbcr", "jpeg-gray"}) {
      byte[] whole = GdalFixture.named(name).bytes();
      int start = (int) TiffBytes.number(whole, 273);
      int stored = (int) TiffBytes.number(whole, 279);
      int refused = 0;
      for (int i = 0; i < 300; i++) {
        byte[] damaged = whole.clone();
        for (int change = random.nextInt(3); change >= 0; change--) {
          damaged[start + random.nextInt(stored)] = (byte) random.nextInt();
        }
        try {
          assertReadsTheSameRowByRow(damaged);
        } catch (SceneFormatException e) {
          assertTrue(e.getMessage().startsWith(BLOCK + "strip 0 "), "seed " + seed + ": " + e);
          refused++;
        }
      }
      assertTrue(refused > 0, name + ": " + refused + " refused");
    }
  }

  /** Damage that decodes is read as the same pixels however few rows are asked for. */
  private static void assertReadsTheSameRowByRow(byte[] file) throws IOException {
    Raster whole = read(file);
    assertEquals(19, whole.height());
    assertEquals(21, whole.width());
    assertEquals(21 * 19 * whole.bands(), whole.samples().length);
    try (TiffReader reader =
        TiffReader.open(new CountingByteSource("damaged.tif", file), TiffLimits.defaults())) {
      for (int y = 0; y < 19; y++) {
        assertEquals(whole.crop(0, y, whole.width(), 1), reader.rows(y, 1), "row " + y);
      }
    }
  }
}
