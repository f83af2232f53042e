package io.landloom.geo.tiff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.geo.JdkImages;
import io.landloom.geo.image.Raster;
import io.landloom.geo.source.CountingByteSource;
import io.landloom.geo.source.SceneFormatException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TiffDamageTest {
  private static String refusal(byte[] file) {
    return assertThrows(SceneFormatException.class, () -> readAll(file)).getMessage();
  }

  private static Raster readAll(byte[] file) throws IOException {
    try (TiffReader reader = TiffReaderTest.open(file)) {
      return reader.rows(0, reader.header().height());
    }
  }

  private static TiffBytes small() {
    return TiffBytes.gray(ByteOrder.LITTLE_ENDIAN, 2, 2, new byte[4]);
  }

  @ParameterizedTest
  @CsvSource({"none,1,NONE", "LZW,4,LZW", "ZLib,1,Deflate", "PackBits,1,PACKBITS"})
  void refusesEveryTruncationOfABlock(String jdkName, int fewest, String named) throws IOException {
    BufferedImage image = JdkImages.pattern(BufferedImage.TYPE_3BYTE_BGR, 60, 8, 3);
    byte[] whole = TiffReaderTest.jdkTiff(image, jdkName.equals("none") ? null : jdkName, 0);
    assertEquals(JdkImages.raster(image), readAll(whole));
    int stored = (int) TiffBytes.number(whole, 279);
    for (int cut = fewest; cut < stored; cut++) {
      String message = refusal(TiffBytes.patch(whole, 279, stored - cut));
      assertTrue(message.startsWith("scene.tif: IFD 0: strip 0 "), message);
      assertTrue(
          message.contains(named) || message.contains(named.toUpperCase(Locale.ROOT)),
          cut + " bytes cut: " + message);
    }
    assertEquals(
        "scene.tif: IFD 0: strip 0 has no bytes at "
            + TiffBytes.number(whole, 273)
            + "; a sparse one has offset 0 too",
        refusal(TiffBytes.patch(whole, 279, 0)));
  }

  @Test
  void namesTheTruncatedTile() throws IOException {
    byte[] tile = TiffReaderTest.deflated(new int[256]);
    TiffBytes bytes =
        TiffBytes.gray(ByteOrder.LITTLE_ENDIAN, 32, 16, tile)
            .without(273)
            .without(279)
            .shorts(259, 8)
            .shorts(322, 16)
            .shorts(323, 16)
            .longs(324, 8, 8)
            .longs(325, tile.length, tile.length);
    assertEquals(32, readAll(bytes.build()).width());
    bytes.longs(325, tile.length, tile.length - 5);
    assertEquals(
        "scene.tif: IFD 0: tile 1 is corrupt: Deflate: stream does not end after 256 bytes",
        refusal(bytes.build()));
    byte[] shortTile = TiffReaderTest.deflated(new int[255]);
    bytes.blocks(shortTile).longs(325, shortTile.length, shortTile.length);
    assertEquals(
        "scene.tif: IFD 0: tile 0 ends after 255 of 256 bytes (DEFLATE)", refusal(bytes.build()));
  }

  @Test
  void refusesDamagedDeflateByItsChecksum() throws IOException {
    byte[] strip = TiffReaderTest.deflated(1, 2, 3, 4);
    strip[strip.length - 1] ^= 1;
    assertEquals(
        "scene.tif: IFD 0: strip 0 is corrupt: Deflate: incorrect data check, after 4 bytes",
        refusal(TiffBytes.gray(ByteOrder.LITTLE_ENDIAN, 2, 2, strip).shorts(259, 8).build()));
  }

  @Test
  void refusesLzwCodesThatCannotBe() {
    // clear (256), then 300 where only 256 literals are known: 100000000 100101100 in 9-bit codes
    byte[] strip = {(byte) 0b10000000, 0b01001011, 0b00000000, 0};
    assertEquals(
        "scene.tif: IFD 0: strip 0 is corrupt: LZW: code 300 where 256 are known",
        refusal(TiffBytes.gray(ByteOrder.LITTLE_ENDIAN, 2, 2, strip).shorts(259, 5).build()));
    byte[] old = {0, 1, 0, 0};
    assertEquals(
        "scene.tif: IFD 0: strip 0 is corrupt: LZW: old style with codes from the least significant"
            + " bit is not supported",
        refusal(TiffBytes.gray(ByteOrder.LITTLE_ENDIAN, 2, 2, old).shorts(259, 5).build()));
  }

  @ParameterizedTest
  @CsvSource({
    "1,NONE,1",
    "5,LZW,1500",
    "8,DEFLATE,1100",
    "32773,PACKBITS,64",
    "50000,ZSTD,32768",
    "34925,LZMA,7100"
  })
  void refusesAFewBytesThatClaimAHugeImage(int compression, String name, int ratio) {
    byte[] file =
        TiffBytes.gray(ByteOrder.LITTLE_ENDIAN, 30000, 30000, new byte[60])
            .shorts(259, compression)
            .build();
    assertTrue(file.length < 180);
    assertEquals(
        "scene.tif: IFD 0: strip 0 stores 60 bytes for 900000000; "
            + name
            + " yields at most "
            + ratio
            + " a byte",
        refusal(file));
  }

  @Test
  void refusesSizesOverTheLimits() {
    assertEquals(
        "scene.tif: IFD 0: 131073 x 131072 pixels, more than 17179869184",
        refusal(small().longs(256, 131073).longs(257, 131072).build()));
    assertEquals(
        "scene.tif: IFD 0: a strip of 50000 x 45000 pixels exceeds 1073741824 bytes",
        refusal(small().shorts(256, 50000).shorts(257, 45000).build()));
    assertEquals(
        "scene.tif: IFD 0: ImageWidth (256) is 4294967295, outside 1..2147483647",
        refusal(small().longs(256, 0xFFFFFFFFL).build()));
    assertEquals(
        "scene.tif: IFD 0: ImageLength (257) is 0, outside 1..2147483647",
        refusal(small().shorts(257, 0).build()));
    assertEquals(
        "scene.tif: IFD 0: a row of a tile of 2147483647 bytes, more than 67108864",
        refusal(small().longs(322, Integer.MAX_VALUE).longs(323, Integer.MAX_VALUE).build()));
  }

  @Test
  void refusesRowsThatAreHeldWholeHoweverFewBytesTheyAreMadeFrom() {
    // 4 KiB of Zstd may be 128 MiB, and 1 GiB if those are packed samples
    TiffBytes row = TiffBytes.gray(ByteOrder.LITTLE_ENDIAN, 1 << 30, 1, new byte[1 << 12]);
    assertEquals(
        "scene.tif: IFD 0: a row of pixels of 1073741824 bytes, more than 67108864",
        refusal(row.longs(256, 1 << 30).shorts(258, 1).shorts(259, 50000).build()));
    assertEquals(
        "scene.tif: IFD 0: a row of pixels of 67108866 bytes, more than 67108864",
        refusal(row.longs(256, (1 << 25) + 1).shorts(258, 16).build()));
    TiffBytes tile = TiffBytes.gray(ByteOrder.LITTLE_ENDIAN, 1, 1, new byte[1 << 12]);
    assertEquals(
        "scene.tif: IFD 0: a row of a tile of 67108880 bytes, more than 67108864",
        refusal(tile.shorts(259, 50000).longs(322, (1 << 26) + 16).shorts(323, 16).build()));
    assertEquals(
        "scene.tif: IFD 0: strip 0 stores 4096 bytes for 67108864; NONE yields at most 1 a byte",
        refusal(row.longs(256, 1 << 25).shorts(258, 16).shorts(259, 1).build()));
  }

  @Test
  void refusesTagsOverTheLimits() {
    assertEquals(
        "scene.tif: IFD 0: BitsPerSample (258) has 4294967295 values of 2 bytes; between 1 value and"
            + " 8388608 bytes are allowed",
        refusal(small().claim(258, 3, 0xFFFFFFFFL, 8).build()));
    assertEquals(
        "scene.tif: IFD 0: BitsPerSample (258): 2000 bytes at 8 reach past the file's end at 102",
        refusal(small().claim(258, 3, 1000, 8).build()));
    assertEquals(
        "scene.tif: IFD 0: StripOffsets (273) has 8388608 values for 1 strips",
        refusal(small().claim(273, 1, 8388608, 8).build()));
    assertEquals(
        "scene.tif: IFD 0: StripByteCounts (279) has 4294967295 values for 1 strips",
        refusal(small().claim(279, 1, 0xFFFFFFFFL, 8).build()));
    assertEquals(
        "scene.tif: IFD 0: StripOffsets (273) has 2 values for 1 strips",
        refusal(small().longs(273, 8, 8).build()));
    assertEquals(
        "scene.tif: IFD 0: StripByteCounts (279) is missing",
        refusal(small().without(279).build()));
  }

  @Test
  void refusesLoopsOfIfds() {
    TiffBytes bytes = small();
    int start = bytes.ifdStart();
    assertEquals(
        "scene.tif: IFD 0: next IFD at " + start + " was already visited",
        refusal(bytes.next(start).build()));
    assertEquals(
        "scene.tif: IFD 1: entry count: 2 bytes at 5000 reach past the file's end at 102",
        refusal(bytes.next(5000).build()));
  }

  @Test
  void refusesMoreIfdsThanTheLimit() {
    byte[] file = small().build();
    TiffLimits one = new TiffLimits(1 << 20, 1, 6, 1 << 20, 1 << 20, 1 << 20, 1 << 20, 1100, 1500);
    byte[] two = small().next(file.length).build();
    byte[] joined = java.util.Arrays.copyOf(two, two.length + 2);
    CountingByteSource source = new CountingByteSource("scene.tif", joined);
    assertEquals(
        "scene.tif: IFD 0: 7 entries, outside 1..6",
        assertThrows(SceneFormatException.class, () -> TiffReader.open(source, one)).getMessage());
    assertTrue(source.closed());
    TiffLimits entries =
        new TiffLimits(1 << 20, 1, 9, 1 << 20, 1 << 20, 1 << 20, 1 << 20, 1100, 1500);
    assertEquals(
        "scene.tif: more than 1 IFDs",
        assertThrows(
                SceneFormatException.class,
                () -> TiffReader.open(new CountingByteSource("scene.tif", joined), entries))
            .getMessage());
    TiffLimits bytes = new TiffLimits(50, 1, 9, 1 << 20, 1 << 20, 1 << 20, 1 << 20, 1100, 1500);
    assertEquals(
        "scene.tif: IFD 0: entries: IFDs and tags exceed 50 bytes",
        assertThrows(
                SceneFormatException.class,
                () -> TiffReader.open(new CountingByteSource("scene.tif", file), bytes))
            .getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "258|3|BitsPerSample (258) is 3 for unsigned integers, only 1, 2, 4, 8, 16 and 32 are supported",
        "258|64|BitsPerSample (258) is 64 for unsigned integers, only 1, 2, 4, 8, 16 and 32 are supported",
        "259|2|Compression (259) CCITT RLE (2) is not supported",
        "259|3|Compression (259) CCITT T.4 (3) is not supported",
        "259|4|Compression (259) CCITT T.6 (4) is not supported",
        "259|6|Compression (259) old-style JPEG (6) is not supported",
        "259|32766|Compression (259) NeXT (32766) is not supported",
        "259|32809|Compression (259) ThunderScan (32809) is not supported",
        "259|34712|Compression (259) JPEG 2000 (34712) is not supported",
        "259|34887|Compression (259) LERC (34887) is not supported",
        "259|50001|Compression (259) WebP (50001) is not supported",
        "259|50002|Compression (259) JPEG XL (50002) is not supported",
        "259|12345|Compression (259) unknown (12345) is not supported",
        "262|6|PhotometricInterpretation (262) YCbCr (6) of 1 bands with NONE: only 3 interleaved bands of JPEG are supported",
        "262|8|PhotometricInterpretation (262) L*a*b* (8) is not supported",
        "262|10|PhotometricInterpretation (262) L*a*b* (10) is not supported",
        "262|32803|PhotometricInterpretation (262) colour filter array (32803) is not supported",
        "262|34892|PhotometricInterpretation (262) linear raw (34892) is not supported",
        "262|7|PhotometricInterpretation (262) 7 is not supported",
        "262|3|ColorMap (320) has 0 values, not 768",
        "266|2|FillOrder (266) 2 is not supported, only 1 is",
        "274|6|Orientation (274) 6 is not supported, only 1 is",
        "277|17|SamplesPerPixel (277) is 17, outside 1..16",
        "278|0|RowsPerStrip (278) is 0",
        "284|3|PlanarConfiguration (284) is 3, neither 1 nor 2",
        "339|2147483647|SampleFormat (339) is 2147483647: not supported",
        "339|5|SampleFormat (339) is complex integer (5): not supported",
        "339|6|SampleFormat (339) is complex floating point (6): not supported",
        "339|3|BitsPerSample (258) is 8 for floating-point numbers, only 32 and 64 are supported",
      })
  void refusesByName(int tag, int value, String problem) {
    assertEquals("scene.tif: IFD 0: " + problem, refusal(small().longs(tag, value).build()));
  }

  @Test
  void refusesBlocksOutsideTheFile() {
    assertEquals(
        "scene.tif: IFD 0: strip 0 of 4 bytes at 4294967295 reaches past the file's end at 102",
        refusal(small().longs(273, 0xFFFFFFFFL).build()));
  }

  @Test
  void refusesHeadersThatAreNone() {
    assertEquals(
        "scene.tif: header: 8 bytes at 0 reach past the file's end at 3", refusal(new byte[3]));
    assertEquals("scene.tif: not a TIFF: byte order mark missing", refusal(new byte[8]));
    assertEquals(
        "scene.tif: not a TIFF: version 44, not 42 or 43",
        refusal(new byte[] {'I', 'I', 44, 0, 8, 0, 0, 0}));
    assertEquals(
        "scene.tif: BigTIFF header with offset size 4 and filler 0",
        refusal(new byte[] {'M', 'M', 0, 43, 0, 4, 0, 0}));
    assertEquals(
        "scene.tif: no IFD: first offset is 0", refusal(new byte[] {'I', 'I', 42, 0, 0, 0, 0, 0}));
  }

  @Test
  void refusesGeoreferencesThatMapToNothing() {
    TiffBytes bytes =
        small()
            .doubles(33550, 0, 4, 0)
            .doubles(33922, 0, 0, 0, 1, 2, 0)
            .shorts(34735, 1, 1, 0, 2, 1024, 0, 1, 1, 3072, 0, 1, 32650);
    assertEquals(
        "scene.tif: IFD 0: its georeference maps pixels to no area", refusal(bytes.build()));
    assertEquals(
        "scene.tif: IFD 0: ModelTiepoint (33922) has 3 values, not 6",
        refusal(bytes.doubles(33922, 0, 0, 0).build()));
    assertEquals(
        "scene.tif: IFD 0: GeoKeyDirectory (34735) of 4 values is shorter than the number of keys"
            + " it states",
        refusal(bytes.shorts(34735, 1, 1, 0, 2).build()));
  }

  @Test
  void skipsOverviewsAndMasksInFrontOfTheImage() {
    assertEquals(
        "scene.tif: none of 1 IFDs holds a full-resolution image",
        refusal(small().longs(254, 1).build()));
    assertEquals(
        "scene.tif: none of 1 IFDs holds a full-resolution image",
        refusal(small().longs(254, 4).build()));
  }
}
