package io.landloom.jobs.synthesize;

import java.io.IOException;
import java.util.List;
import java.util.TreeMap;

/**
 * Writes the rows of a mask's copies by number: the planned ones, which come in their order, at
 * once, and those that are drawn in another's stead, whose numbers are higher, behind them. So what
 * is held back grows with what gates give up, and not with the copies.
 *
 * @param <R> a row
 */
final class CopyOrder<R> {
  /** Where rows go. */
  @FunctionalInterface
  interface Target<R> {
    /** Appends a row. */
    void append(R row) throws IOException;
  }

  private final Target<R> target;
  private final TreeMap<Integer, List<R>> heldBack = new TreeMap<>();

  CopyOrder(Target<R> target) {
    this.target = target;
  }

  /**
   * Takes the rows of a copy.
   *
   * @param planned how many copies the mask has; of lower numbers, each must be above the last
   */
  void add(int copy, int planned, List<R> rows) throws IOException {
    if (copy < planned) {
      append(rows);
    } else {
      heldBack.put(copy, rows);
    }
  }

  /** Writes what was held back, as the mask has no further copies. */
  void flush() throws IOException {
    for (List<R> rows : heldBack.values()) {
      append(rows);
    }
    heldBack.clear();
  }

  private void append(List<R> rows) throws IOException {
    for (R row : rows) {
      target.append(row);
    }
  }
}
