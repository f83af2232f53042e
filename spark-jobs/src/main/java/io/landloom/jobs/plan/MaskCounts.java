package io.landloom.jobs.plan;

import java.io.Serializable;
import java.util.Arrays;

/**
 * The masks of one file that a plan may choose from, as pixels of their valid classes, in the
 * file's order; no pixels themselves.
 *
 * <p>A count is kept in 16 bits, in units of {@link #unit} pixels, which is one for masks of up to
 * 255 x 255. So all sums are whole numbers, and the same whatever the order they are made in.
 */
public final class MaskCounts implements Serializable {
  private static final int LARGEST = 0xFFFF;

  private final int classes;
  private final short[] counts;

  private MaskCounts(int classes, short[] counts) {
    this.classes = classes;
    this.counts = counts;
  }

  /** Collects masks. */
  static final class Builder {
    private final int classes;
    private final double unit;
    private short[] counts;
    private int used;

    /**
     * None yet.
     *
     * @param pixels pixels of a mask
     */
    Builder(int classes, long pixels) {
      this.classes = classes;
      this.unit = unit(pixels);
      this.counts = new short[64 * classes];
    }

    /** Adds a mask. */
    void add(long[] pixels) {
      if (used == counts.length) {
        counts = Arrays.copyOf(counts, Math.multiplyExact(counts.length, 2));
      }
      for (int k = 0; k < classes; k++) {
        // a class that is shown stays shown
        counts[used++] = (short) (pixels[k] == 0 ? 0 : Math.max(1, Math.round(pixels[k] / unit)));
      }
    }

    MaskCounts build() {
      return new MaskCounts(classes, Arrays.copyOf(counts, used));
    }
  }

  /** Pixels that a count of one stands for, in masks of so many pixels. */
  static double unit(long pixels) {
    return Math.max(1, pixels / (double) LARGEST);
  }

  /** Number of masks. */
  public int size() {
    return counts.length / classes;
  }

  /** Units of a class in a mask. */
  int count(int mask, int position) {
    return counts[mask * classes + position] & LARGEST;
  }

  /** The score of a mask. */
  double score(int mask, Score score) {
    double sum = score.constant();
    int from = mask * classes;
    for (int k = 0; k < classes; k++) {
      int count = counts[from + k] & LARGEST;
      if (count != 0) {
        sum += score.ofPixels()[k] * count + score.ofPatches()[k];
      }
    }
    return sum;
  }

  /** Adds the number of masks in each bin of scores. */
  void addBins(Part bins, long[] sums) {
    for (int i = 0; i < size(); i++) {
      sums[bins.bin(score(i, bins.score()))]++;
    }
  }

  /** Sums of the masks above a part's bin, and of those in it. */
  Tally[] sums(Part part) {
    Tally above = Tally.none(classes);
    Tally in = Tally.none(classes);
    long countAbove = 0;
    long countIn = 0;
    for (int i = 0; i < size(); i++) {
      int bin = part.bin(score(i, part.score()));
      if (bin > part.bin()) {
        countAbove++;
        add(i, 1, above.pixels(), above.patches());
      } else if (bin == part.bin()) {
        countIn++;
        add(i, 1, in.pixels(), in.patches());
      }
    }
    return new Tally[] {
      new Tally(above.pixels(), above.patches(), countAbove),
      new Tally(in.pixels(), in.patches(), countIn)
    };
  }

  private void add(int mask, int times, long[] pixels, long[] patches) {
    for (int k = 0; k < classes; k++) {
      int count = count(mask, k);
      pixels[k] += (long) times * count;
      patches[k] += count == 0 ? 0 : times;
    }
  }
}
