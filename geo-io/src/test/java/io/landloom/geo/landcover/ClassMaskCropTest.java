package io.landloom.geo.landcover;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class ClassMaskCropTest {
  /** Three rows of four: 0 to 3, 10 to 13, 200 to 203. */
  private static final ClassMask MASK =
      new ClassMask(
          4,
          3,
          new byte[] {0, 1, 2, 3, 10, 11, 12, 13, (byte) 200, (byte) 201, (byte) 202, (byte) 203});

  @Test
  void indicesAreUnsignedAndByColumnAndRow() {
    assertEquals(0, MASK.at(0, 0));
    assertEquals(13, MASK.at(3, 1));
    assertEquals(201, MASK.at(1, 2));
  }

  @Test
  void aCropIsARectangle() {
    assertArrayEquals(new byte[] {12, 13, (byte) 202, (byte) 203}, MASK.crop(2, 1, 2, 2).indices());
    assertArrayEquals(new byte[] {(byte) 203}, MASK.crop(3, 2, 1, 1).indices());
    assertArrayEquals(MASK.indices(), MASK.crop(0, 0, 4, 3).indices());
    for (int[] wrong : new int[][] {{-1, 0, 1, 1}, {0, -1, 1, 1}, {3, 0, 2, 1}, {0, 2, 1, 2}}) {
      assertEquals(
          "crop of "
              + wrong[2]
              + " x "
              + wrong[3]
              + " at "
              + wrong[0]
              + ", "
              + wrong[1]
              + " of a mask of 4 x 3",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> MASK.crop(wrong[0], wrong[1], wrong[2], wrong[3]))
              .getMessage());
    }
  }
}
