package io.landloom.jobs.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class KeysTest {
  @Test
  void writesWholeNumbersWithTenDigits() {
    assertEquals("a\u00010000000000\u00012147483647", Keys.of("a", 0, Integer.MAX_VALUE));
  }

  @Test
  void ordersByOnePartAfterTheOther() {
    assertTrue(Keys.of("a", 9).compareTo(Keys.of("a", 10)) < 0);
    assertTrue(Keys.of("a", 99, 1).compareTo(Keys.of("a", 100, 0)) < 0);
    assertTrue(Keys.of("a", 5).compareTo(Keys.of("a/b", 0)) < 0);
  }

  @Test
  void refusesNegativeParts() {
    assertEquals(
        "key with the negative part -1",
        assertThrows(IllegalArgumentException.class, () -> Keys.of("a", -1)).getMessage());
  }
}
