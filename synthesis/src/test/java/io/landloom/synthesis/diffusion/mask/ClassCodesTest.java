package io.landloom.synthesis.diffusion.mask;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClassCodesTest {
  @ParameterizedTest
  @CsvSource({"2,1", "3,2", "4,2", "5,3", "8,3", "9,4", "16,4", "17,5", "256,8"})
  void bitsAreTheLogarithmRoundedUp(int classes, int bits) {
    assertEquals(bits, new ClassCodes(classes).bits());
  }

  @Test
  void codesAreTheBitsOfThePosition() {
    // 5 is 101 and 2 is 010, lowest bit first
    assertArrayEquals(
        new float[] {1, -1, -1, 1, 1, -1}, new ClassCodes(6).encode(new byte[] {5, 2}));
  }

  @Test
  void everyClassComesBackThroughAnyNumbersOfItsSigns() {
    for (int classes = 2; classes <= 256; classes++) {
      ClassCodes codes = new ClassCodes(classes);
      byte[] positions = new byte[classes];
      for (int k = 0; k < classes; k++) {
        positions[k] = (byte) k;
      }
      float[] planes = codes.encode(positions);
      for (int i = 0; i < planes.length; i++) {
        planes[i] *= 0.01f + i % 7;
      }
      assertArrayEquals(positions, codes.decode(planes), classes + " classes");
    }
  }

  @Test
  void aBlendOfTwoClassesIsNeverAThird() {
    for (int classes = 2; classes <= 16; classes++) {
      ClassCodes codes = new ClassCodes(classes);
      for (int a = 0; a < classes; a++) {
        for (int b = 0; b < classes; b++) {
          for (int tenth = 0; tenth <= 10; tenth++) {
            float[] planes = new float[codes.bits()];
            for (int bit = 0; bit < planes.length; bit++) {
              planes[bit] =
                  codes.bit(a, bit) + (codes.bit(b, bit) - codes.bit(a, bit)) * tenth / 11;
            }
            int decoded = codes.decode(planes)[0];
            assertTrue(decoded == a || decoded == b, a + " and " + b + " gave " + decoded);
          }
        }
      }
    }
  }

  @Test
  void bitsOfNoClassAreTheNearest() {
    // 111 is 7 of six classes; the middle bit is the least sure, and 101 is 5
    assertArrayEquals(new byte[] {5}, new ClassCodes(6).decode(new float[] {1, 0.1f, 1}));
    // the highest bit is the least sure, and 011 is 3
    assertArrayEquals(new byte[] {3}, new ClassCodes(6).decode(new float[] {1, 1, 0.1f}));
  }

  @Test
  void theTemperatureLeavesOtherClassesAFifthOfAPerCent() {
    double temperature = new ClassCodes(6).temperature();
    assertEquals(0.511, temperature, 0.001);
    // five classes at the least distance together
    assertEquals(0.002, 5 * Math.exp(-4 / temperature), 1e-12);
  }

  @Test
  void refusesPositionsThatAreNoClass() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> new ClassCodes(6).encode(new byte[] {0, 6}));
    assertEquals("pixel 1: position 6 is outside 0..5", e.getMessage());
    e = assertThrows(IllegalArgumentException.class, () -> new ClassCodes(1));
    assertEquals("1 classes are outside 2..256", e.getMessage());
  }
}
