package io.landloom.synthesis.diffusion.mask;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.synthesis.SeededStream;
import java.util.List;
import org.junit.jupiter.api.Test;

class MaskNoveltyTest {
  private static byte[] random(int width, int classes, long seed) {
    SeededStream stream = SeededStream.of(List.of("mask"), seed);
    byte[] mask = new byte[width * width];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = (byte) stream.nextInt(classes);
    }
    return mask;
  }

  private static byte[] turned(byte[] mask, int width) {
    byte[] turned = new byte[mask.length];
    for (int row = 0; row < width; row++) {
      for (int column = 0; column < width; column++) {
        turned[column * width + width - 1 - row] = mask[row * width + column];
      }
    }
    return turned;
  }

  private static byte[] mirrored(byte[] mask, int width) {
    byte[] mirrored = new byte[mask.length];
    for (int i = 0; i < mask.length; i++) {
      mirrored[i / width * width + width - 1 - i % width] = mask[i];
    }
    return mirrored;
  }

  @Test
  void aTurnedAndMirroredCopyIsNotNewOnAGridEither() {
    for (int width : new int[] {5, 64, 100, 128}) {
      List<byte[]> known = List.of(random(width, 3, 1), random(width, 3, 2));
      byte[] copy = known.get(1);
      for (int turn = 0; turn < 4; turn++) {
        copy = turned(copy, width);
        assertEquals(
            List.of(0.0, 0.0),
            MaskNovelty.of(List.of(copy, mirrored(copy, width)), known, width, 3),
            width + " pixels, turn " + turn);
      }
      assertTrue(MaskNovelty.of(List.of(random(width, 3, 3)), known, width, 3).get(0) > 0.3);
    }
  }

  @Test
  void noveltyIsOneLessTheMeanIntersectionOverUnion() {
    byte[] known = {0, 0, 0, 1};
    // class 0: 2 of 3, class 1: 1 of 2; turned copies have less in common
    assertEquals(
        1 - (2 / 3.0 + 1 / 2.0) / 2,
        MaskNovelty.of(List.of(new byte[] {0, 0, 1, 1}), List.of(known), 2, 2).get(0),
        1e-12);
    // a pixel of no class is in neither: class 0 is 2 of 3, class 1 is whole
    assertEquals(
        1 - (2 / 3.0 + 1) / 2,
        MaskNovelty.of(List.of(new byte[] {9, 0, 0, 1}), List.of(known), 2, 2).get(0),
        1e-12);
  }

  @Test
  void withoutKnownMasksThereIsNoAnswer() {
    assertEquals(
        "there is no known mask to compare with",
        assertThrows(
                IllegalArgumentException.class,
                () -> MaskNovelty.of(List.of(new byte[4]), List.of(), 2, 2))
            .getMessage());
  }
}
