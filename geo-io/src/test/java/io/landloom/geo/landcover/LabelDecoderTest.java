package io.landloom.geo.landcover;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.landloom.geo.landcover.LabelDecoder.OffPalette;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LabelDecoderTest {
  private static final LandCoverScheme GID15 = LandCoverScheme.named("gid15");

  private static byte[] rgb(int... colors) {
    byte[] bytes = new byte[3 * colors.length];
    for (int i = 0; i < colors.length; i++) {
      bytes[3 * i] = (byte) (colors[i] >> 16);
      bytes[3 * i + 1] = (byte) (colors[i] >> 8);
      bytes[3 * i + 2] = (byte) colors[i];
    }
    return bytes;
  }

  @Test
  void decodesTheColoursOfTheScheme() {
    LabelDecoder decoder = LabelDecoder.byColor(GID15);
    OffPalette offPalette = new OffPalette(decoder);
    byte[] target = new byte[6];
    decoder.decode(
        rgb(0x000000, 0xC80000, 0xC80000, 0x00C8FA, 0xFA0096), 3, target, 1, 4, offPalette);
    assertArrayEquals(new byte[] {0, 1, 1, 15, 2, 0}, target);
    assertEquals(0, offPalette.pixels());
  }

  @Test
  void countsColoursOffThePaletteAndMakesThemUnknown() {
    LabelDecoder decoder = LabelDecoder.byColor(LandCoverScheme.named("mbrsc"));
    OffPalette offPalette = new OffPalette(decoder);
    byte[] target = new byte[5];
    decoder.decode(
        rgb(0x010203, 0xE2A929, 0x010203, 0xFFFFFF, 0x010203), 0, target, 0, 5, offPalette);
    assertArrayEquals(new byte[] {(byte) 255, 0, (byte) 255, (byte) 255, (byte) 255}, target);
    assertEquals(4, offPalette.pixels());
    assertEquals("#010203 x 3, #FFFFFF x 1", offPalette.describe());
  }

  @Test
  void findsEveryColourAndNoOther() {
    LabelDecoder decoder = LabelDecoder.byColor(GID15);
    Map<Integer, Integer> expected = GID15.indexOfColor();
    long seed = 20261120;
    Random random = new Random(seed);
    for (int i = 0; i < 200_000; i++) {
      int color =
          i % 3 == 0
              ? expected.keySet().stream().skip(random.nextInt(16)).findFirst().orElseThrow()
              : random.nextInt(1 << 24);
      OffPalette offPalette = new OffPalette(decoder);
      byte[] target = new byte[1];
      decoder.decode(rgb(color), 0, target, 0, 1, offPalette);
      assertEquals(expected.getOrDefault(color, 0).intValue(), target[0], "seed " + seed);
      assertEquals(expected.containsKey(color) ? 0 : 1, offPalette.pixels(), "seed " + seed);
    }
  }

  /** Runs of every length around eight, at every place, each ended by a pixel that differs. */
  @Test
  void decodesRunsOfOneColourToTheirEnd() {
    LabelDecoder decoder = LabelDecoder.byColor(GID15);
    int[] colors = {0x000000, 0xC80000, 0x00C8FA, 0x96C896, 0x960096};
    int[] indices = {0, 1, 15, 7, 0};
    for (int color = 0; color < 4; color++) {
      for (int length = 1; length < 36; length++) {
        for (int other = 0; other < 5; other++) {
          int[] pixels = new int[length + 12];
          byte[] expected = new byte[length + 12];
          for (int i = 0; i < pixels.length; i++) {
            int which = i < 3 || i >= length + 3 ? other : color;
            pixels[i] = colors[which];
            expected[i] = (byte) indices[which];
          }
          OffPalette offPalette = new OffPalette(decoder);
          byte[] target = new byte[length + 12];
          decoder.decode(rgb(pixels), 0, target, 0, pixels.length, offPalette);
          assertArrayEquals(expected, target);
          assertEquals(other == 4 ? 12 : 0, offPalette.pixels());
        }
      }
    }
  }

  /** Colours whose bytes agree with the run's but for one. */
  @Test
  void aRunEndsWhereAnyByteDiffers() {
    LabelDecoder decoder = LabelDecoder.byColor(GID15);
    for (int changed = 3; changed < 48; changed++) {
      byte[] source = rgb(new int[16]);
      source[changed] = 1;
      OffPalette offPalette = new OffPalette(decoder);
      decoder.decode(source, 0, new byte[16], 0, 16, offPalette);
      assertEquals(1, offPalette.pixels(), "byte " + changed);
      assertEquals(String.format("#%06X x 1", 1 << (8 * (2 - changed % 3))), offPalette.describe());
    }
  }

  @Test
  void decodesCodesOfANamedCoding() {
    LabelDecoder decoder = LabelDecoder.byCode(GID15, "mtl15");
    OffPalette offPalette = new OffPalette(decoder);
    byte[] target = new byte[4];
    decoder.decode(new byte[] {0, 14, 15, 16}, 0, target, 0, 4, offPalette);
    assertArrayEquals(new byte[] {1, 15, 0, 0}, target);
    assertEquals("16 x 1", offPalette.describe());
  }
}
