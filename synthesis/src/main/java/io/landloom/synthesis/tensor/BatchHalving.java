package io.landloom.synthesis.tensor;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works on batches, and on the halves of one that the device has not the memory for, down to single
 * items.
 *
 * <p>The next batch is tried whole again: what a batch gives never depends on the ones before it,
 * and memory that another task held may be free by then. Not safe for use by several threads.
 */
public final class BatchHalving {
  private static final Logger log = LoggerFactory.getLogger(BatchHalving.class);

  private long splits;

  /**
   * What is done with a batch.
   *
   * @param <T> items
   * @param <R> what each gives
   */
  @FunctionalInterface
  public interface Work<T, R> {
    /**
     * Works on items at once.
     *
     * @param shape how many the batch is padded to, at least the number of items
     * @return one result an item, in their order
     */
    List<R> on(List<T> items, int shape);
  }

  /**
   * Works on a batch.
   *
   * @param shape how many the whole batch is padded to; its halves have half of it, rounded up
   * @throws DeviceMemoryException if there is not the memory for one item alone
   */
  public <T, R> List<R> run(List<T> items, int shape, Work<T, R> work) {
    try {
      return work.on(items, shape);
    } catch (RuntimeException e) {
      if (DeviceFault.of(e) != DeviceFault.OUT_OF_MEMORY) {
        throw e;
      }
      if (shape == 1) {
        throw new DeviceMemoryException(items.get(0), e);
      }
      splits++;
      log.warn(
          "a batch of {} does not fit the device's memory and is split; if that happens often, make"
              + " batches smaller or let fewer tasks share a device: {}",
          shape,
          DeviceFault.line(e));
    }
    // out of the catch block, so that nothing keeps what the failed call held
    int half = (shape + 1) / 2;
    List<R> results = new ArrayList<>();
    for (int from = 0; from < items.size(); from += half) {
      results.addAll(run(items.subList(from, Math.min(from + half, items.size())), half, work));
    }
    return results;
  }

  /** How often a batch was split. */
  public long splits() {
    return splits;
  }
}
