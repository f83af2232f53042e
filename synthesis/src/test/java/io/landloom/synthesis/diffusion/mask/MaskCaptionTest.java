package io.landloom.synthesis.diffusion.mask;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MaskCaptionTest {
  private static final List<String> NAMES = List.of("pond", "natural grassland", "road");
  private static final MaskCaption CAPTION = new MaskCaption(NAMES);
  private static final int SIZE = 30;

  /** All pond; unknown is 3. */
  private static byte[] pond() {
    return new byte[SIZE * SIZE];
  }

  private static void rectangle(byte[] mask, int position, int x, int y, int width, int height) {
    for (int row = y; row < y + height; row++) {
      Arrays.fill(mask, row * SIZE + x, row * SIZE + x + width, (byte) position);
    }
  }

  private static String caption(byte[] mask) {
    String text = CAPTION.of(mask, SIZE);
    LayoutPrompt prompt =
        LayoutPrompt.of(text, NAMES, TargetShares.of(mask, NAMES.size()).toArray());
    assertEquals(prompt, LayoutPrompt.parse(prompt.text()), "a prompt with it can be read back");
    return text;
  }

  @Test
  void tellsWhereAndHowMuch() {
    byte[] mask = pond();
    assertEquals("mostly pond", caption(mask));
    rectangle(mask, 1, 0, 0, 8, 8);
    assertEquals("mostly pond, one area of natural grassland in the north west", caption(mask));
    rectangle(mask, 2, 14, 15, 3, 4);
    rectangle(mask, 2, 14, 11, 3, 3);
    assertEquals(
        "mostly pond, one area of natural grassland in the north west, a few areas of road in the"
            + " middle",
        caption(mask));
    assertEquals("nothing known", CAPTION.of(new byte[] {3, 3, 3, 3}, 2));
  }

  @Test
  void tellsManyAndWhatIsMixed() {
    byte[] mask = pond();
    for (int i = 0; i < 25; i++) {
      rectangle(mask, 2, 6 * (i % 5), 6 * (i / 5), 2, 2);
      if (i % 5 < 2 && i < 10) {
        rectangle(mask, 1, 6 * (i % 5) + 3, 6 * (i / 5), 2, 5);
      }
    }
    assertEquals(
        "mostly pond, many areas of road, several areas of natural grassland in the north west",
        caption(mask));
    rectangle(mask, 1, 0, 0, 30, 12);
    rectangle(mask, 2, 0, 12, 30, 8);
    assertEquals(
        "mixed, most of it natural grassland, one area of pond in the south, several areas of road in"
            + " the middle",
        caption(mask));
  }

  @Test
  void aMaskOfSpecksAloneIsToldByItsLargestClass() {
    List<String> names = IntStream.range(0, 120).mapToObj(k -> "c" + k).toList();
    byte[] mask = new byte[120 * 2];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = (byte) (i % 120);
    }
    assertEquals("mixed, most of it c0", new MaskCaption(names).of(mask, 120));
  }

  @Test
  void specksAndUnknownPixelsAreNotTold() {
    byte[] mask = pond();
    rectangle(mask, 1, 3, 3, 2, 2); // under a hundredth
    rectangle(mask, 3, 10, 0, 20, 14);
    assertEquals("mostly pond", caption(mask));
  }

  /** A caption comes behind the shares, so that these are never cut off. */
  @Test
  void tokensOfCaptionsTellMirrorImagesApart() {
    byte[] west = pond();
    byte[] east = pond();
    rectangle(west, 1, 0, 12, 8, 6);
    rectangle(east, 1, 22, 12, 8, 6);
    PromptTokens tokens = new PromptTokens(NAMES, 16);
    TargetShares shares = TargetShares.of(west, NAMES.size());
    assertArrayEquals(tokens.of(shares), tokens.of(TargetShares.of(east, NAMES.size())));
    int[] ofWest = tokens.of(shares, CAPTION.of(west, SIZE));
    int[] ofEast = tokens.of(shares, CAPTION.of(east, SIZE));
    assertFalse(Arrays.equals(ofWest, ofEast));
    assertArrayEquals(Arrays.copyOf(tokens.of(shares), 4), Arrays.copyOf(ofWest, 4));
    assertArrayEquals(tokens.of(shares), tokens.of(shares, ""));
    assertEquals(4, new PromptTokens(NAMES, 4).of(shares, "a b c").length);
  }
}
