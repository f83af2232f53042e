package io.landloom.geo.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValidityTest {
  private static final byte[] DATA = {1, 0, 2, 0, 0, -1};
  private static final Validity VALIDITY = new Validity(3, 2, DATA);

  @Test
  void countsThePixelsWithData() {
    assertEquals(3, VALIDITY.count());
    assertEquals(3, VALIDITY.width());
    assertEquals(2, VALIDITY.height());
    assertSame(DATA, VALIDITY.data());
    assertTrue(VALIDITY.holdsData(0, 0));
    assertFalse(VALIDITY.holdsData(1, 0));
    assertFalse(VALIDITY.holdsData(1, 1));
    assertTrue(VALIDITY.holdsData(2, 1));
    assertEquals("Validity 3 x 2, 3 with data", VALIDITY.toString());
  }

  @ParameterizedTest
  @CsvSource({"-1, 0", "0, -1", "3, 0", "0, 2"})
  void refusesPixelsOutside(int x, int y) {
    assertEquals(
        "pixel " + x + ", " + y + " of a validity of 3 x 2",
        assertThrows(IllegalArgumentException.class, () -> VALIDITY.holdsData(x, y)).getMessage());
  }

  @Test
  void crops() {
    assertEquals(new Validity(2, 2, new byte[] {0, 2, 0, -1}), VALIDITY.crop(1, 0, 2, 2));
    assertEquals(new Validity(3, 1, new byte[] {0, 0, -1}), VALIDITY.crop(0, 1, 3, 1));
    assertNotEquals(VALIDITY, VALIDITY.crop(0, 0, 3, 1));
    assertEquals(VALIDITY.hashCode(), new Validity(3, 2, DATA.clone()).hashCode());
    assertNotEquals(VALIDITY.hashCode(), VALIDITY.crop(0, 0, 2, 2).hashCode());
  }

  @ParameterizedTest
  @CsvSource({"-1, 0, 1, 1", "0, -1, 1, 1", "2, 0, 2, 1", "0, 1, 1, 2"})
  void refusesCropsThatReachOut(int x, int y, int columns, int rows) {
    assertEquals(
        String.format("crop of %d x %d at %d, %d of a validity of 3 x 2", columns, rows, x, y),
        assertThrows(IllegalArgumentException.class, () -> VALIDITY.crop(x, y, columns, rows))
            .getMessage());
  }

  @ParameterizedTest
  @CsvSource({"0, 2, 0", "3, 0, 0", "3, 2, 5", "3, 2, 7"})
  void refusesSizesThatDoNotAgree(int width, int height, int bytes) {
    assertEquals(
        "validity of " + width + " x " + height + " pixels over " + bytes + " bytes",
        assertThrows(
                IllegalArgumentException.class, () -> new Validity(width, height, new byte[bytes]))
            .getMessage());
  }
}
