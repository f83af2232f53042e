package io.landloom.jobs.synthesize;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CopyOrderTest {
  private final List<String> written = new ArrayList<>();
  private final CopyOrder<String> order = new CopyOrder<>(written::add);

  /** Of three copies, the second is given up, and so is the first one drawn in its stead. */
  @Test
  void whatIsDrawnInAnothersSteadComesBehind() throws IOException {
    order.add(0, 3, List.of("0"));
    order.add(1, 3, List.of());
    order.add(4, 3, List.of());
    order.add(7, 3, List.of("7"));
    order.add(2, 3, List.of("2a", "2b"));
    order.add(5, 3, List.of("5"));
    assertEquals(List.of("0", "2a", "2b"), written);
    order.flush();
    assertEquals(List.of("0", "2a", "2b", "5", "7"), written);
    order.add(0, 1, List.of("of the next mask"));
    order.flush();
    assertEquals("of the next mask", written.get(5));
    assertEquals(6, written.size());
  }

  /** A mask of very many copies needs the memory of one. */
  @Test
  void plannedCopiesAreNotHeldBack() throws IOException {
    for (int copy = 0; copy < 1000; copy++) {
      order.add(copy, 1000, List.of("row " + copy));
      assertEquals(copy + 1, written.size());
    }
  }
}
