package io.landloom.jobs.plan;

/**
 * Makes the copies of the masks of a file whole, so that their classes stay what they were.
 *
 * <p>Mask by mask, up or down is chosen so that the sum of squares of what the classes, and the
 * number of pairs, have come off by until then is least; so they come off by about one mask a file,
 * not by the root of their number. At last copies are added or taken where that hurts least, until
 * there are as many as there should be.
 */
final class WholeCopies {
  private final MaskCounts file;
  private final Mix mix;
  private final int classes;
  private final double[] off;
  private final int[] copies;
  private final double[] wanted;
  private double offPairs;
  private long sum;

  private WholeCopies(MaskCounts file, Mix mix, int classes) {
    this.file = file;
    this.mix = mix;
    this.classes = classes;
    this.off = new double[classes];
    this.copies = new int[file.size()];
    this.wanted = new double[file.size()];
  }

  /**
   * Copies of each mask.
   *
   * @param quota copies of all together
   * @param maskUnits units of pixels of a mask, by which pairs too many or too few are weighed
   */
  static int[] of(MaskCounts file, Mix mix, int classes, long quota, double maskUnits) {
    WholeCopies whole = new WholeCopies(file, mix, classes);
    for (int i = 0; i < file.size(); i++) {
      whole.decide(i, maskUnits);
    }
    whole.settle(quota, maskUnits);
    return whole.copies;
  }

  private void decide(int mask, double maskUnits) {
    wanted[mask] = mix.copies(file, mask);
    int down = (int) Math.floor(wanted[mask] + 1e-9);
    double rest = Math.max(0, wanted[mask] - down);
    copies[mask] = down;
    if (rest > 0) {
      move(mask, -rest);
      if (costOf(mask, 1, maskUnits) <= 0) {
        copies[mask]++;
        move(mask, 1);
      }
    }
    sum += copies[mask];
  }

  private void move(int mask, double times) {
    for (int k = 0; k < classes; k++) {
      off[k] += times * file.count(mask, k);
    }
    offPairs += times;
  }

  /** By how much the sum of squares grows if a mask is used once more, or once less. */
  private double costOf(int mask, int times, double maskUnits) {
    double cost = maskUnits * maskUnits * (2 * offPairs * times + 1);
    for (int k = 0; k < classes; k++) {
      double count = file.count(mask, k);
      cost += count * (2 * off[k] * times + count);
    }
    return cost;
  }

  private void settle(long quota, double maskUnits) {
    while (sum != quota) {
      int times = sum < quota ? 1 : -1;
      int best = -1;
      double least = Double.MAX_VALUE;
      for (int i = 0; i < copies.length; i++) {
        boolean free = times > 0 ? copies[i] < mix.maxReuse() : copies[i] > 0;
        if (free) {
          double cost = costOf(i, times, maskUnits);
          if (cost < least) {
            least = cost;
            best = i;
          }
        }
      }
      if (best < 0) {
        throw new IllegalStateException(
            "a file of " + copies.length + " masks cannot give " + quota + " pairs");
      }
      copies[best] += times;
      sum += times;
      move(best, times);
    }
  }
}
