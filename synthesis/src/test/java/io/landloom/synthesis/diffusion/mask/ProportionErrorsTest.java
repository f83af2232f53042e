package io.landloom.synthesis.diffusion.mask;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class ProportionErrorsTest {
  @Test
  void errorsAreThoseCountedByHand() {
    double[][] asked = {{0.5, 0.3, 0.2}, {0.6, 0.4, 0}};
    double[][] drawn = {{0.6, 0.2, 0.2}, {0.5, 0.4, 0.1}};
    ProportionErrors errors = ProportionErrors.of(drawn, asked);
    // differences 10, -10, 0 and -10, 0, 10
    assertEquals(40.0 / 6, errors.mean(), 1e-12);
    assertEquals(10, errors.ofClasses().get(0), 1e-12);
    assertEquals(5, errors.ofClasses().get(1), 1e-12);
    assertEquals(5, errors.ofClasses().get(2), 1e-12);
    assertEquals(10, errors.largest(), 1e-12);
    // the first class is off both ways; of means 0, -5 and 5
    assertEquals(10.0 / 3, errors.dataset(), 1e-12);
  }

  @Test
  void refusesSetsThatDoNotMatch() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> ProportionErrors.of(new double[1][2], new double[2][2]));
    assertEquals("1 masks drawn and 2 asked for", e.getMessage());
    e =
        assertThrows(
            IllegalArgumentException.class,
            () -> ProportionErrors.of(new double[1][2], new double[1][3]));
    assertEquals("mask 0: 2 classes drawn and 3 asked for, not 3", e.getMessage());
  }
}
