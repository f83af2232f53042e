package io.landloom.synthesis.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchHalvingTest {
  private static final String MEMORY = "CUDA out of memory. Tried to allocate 2.00 GiB";

  /** Squares numbers in batches that hold a limited number of them. */
  private static final class Squares implements BatchHalving.Work<Integer, Integer> {
    private final int room;
    private final List<String> calls = new ArrayList<>();

    Squares(int room) {
      this.room = room;
    }

    @Override
    public List<Integer> on(List<Integer> items, int shape) {
      assertTrue(!items.isEmpty() && items.size() <= shape);
      calls.add(items.size() + "/" + shape);
      if (shape > room) {
        throw new ai.djl.engine.EngineException(MEMORY + ".");
      }
      return items.stream().map(item -> item * item).toList();
    }
  }

  private static List<Integer> numbers(int count) {
    return IntStream.range(0, count).boxed().toList();
  }

  @Test
  void aBatchThatFitsIsNotSplit() {
    Squares squares = new Squares(8);
    BatchHalving halving = new BatchHalving();
    assertEquals(List.of(0, 1, 4), halving.run(numbers(3), 8, squares));
    assertEquals(List.of("3/8"), squares.calls);
    assertEquals(0, halving.splits());
  }

  @Test
  void halvesAreHalvedUntilTheyFit() {
    Squares squares = new Squares(3);
    BatchHalving halving = new BatchHalving();
    assertEquals(List.of(0, 1, 4, 9, 16, 25, 36, 49, 64), halving.run(numbers(9), 10, squares));
    assertEquals(List.of("9/10", "5/5", "3/3", "2/3", "4/5", "3/3", "1/3"), squares.calls);
    assertEquals(3, halving.splits());
    // the next one is tried whole again
    halving.run(numbers(2), 10, squares);
    assertEquals("2/10", squares.calls.get(7));
    assertEquals(5, halving.splits());
  }

  @Test
  void whatFitsNoDeviceIsNamed() {
    Squares squares = new Squares(0);
    BatchHalving halving = new BatchHalving();
    DeviceMemoryException e =
        assertThrows(DeviceMemoryException.class, () -> halving.run(numbers(4), 4, squares));
    assertEquals(
        "0 does not fit the device's memory even alone: "
            + MEMORY
            + "; let fewer tasks share the device, or use one with more memory",
        e.getMessage());
    assertEquals(List.of("4/4", "2/2", "1/1"), squares.calls);
  }

  @Test
  void otherFailuresAreNotRepeated() {
    RuntimeException failure = new IllegalStateException(MEMORY);
    BatchHalving halving = new BatchHalving();
    assertSame(
        failure,
        assertThrows(
            IllegalStateException.class,
            () ->
                halving.run(
                    numbers(4),
                    4,
                    (items, shape) -> {
                      throw failure;
                    })));
    assertEquals(0, halving.splits());
  }

  @Test
  void nothingIsLostDoubledOrMovedWhereverMemoryRunsOut() {
    for (long seed = 1; seed <= 300; seed++) {
      Random random = new Random(seed);
      int shape = 1 + random.nextInt(40);
      int count = 1 + random.nextInt(shape);
      BatchHalving halving = new BatchHalving();
      int[] failed = new int[1];
      List<Integer> results =
          halving.run(
              numbers(count),
              shape,
              (items, padded) -> {
                if (padded > 1 && random.nextInt(3) == 0) {
                  failed[0]++;
                  throw new ai.djl.engine.EngineException(MEMORY);
                }
                return items;
              });
      assertEquals(numbers(count), results, "seed " + seed);
      assertEquals(failed[0], halving.splits(), "seed " + seed);
    }
  }
}
