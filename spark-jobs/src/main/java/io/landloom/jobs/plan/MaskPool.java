package io.landloom.jobs.plan;

import java.util.List;

/** All masks that a plan may choose from, wherever their counts are. */
interface MaskPool {
  /** How many there are. */
  long size();

  /** Number of masks in each bin of scores. */
  long[] bins(Part bins);

  /** Sums of the masks above a part's bin, and of those in it. */
  Tally[] sums(Part part);

  /** Masks whose counts the driver holds. */
  record Local(List<MaskCounts> files) implements MaskPool {
    @Override
    public long size() {
      return files.stream().mapToLong(MaskCounts::size).sum();
    }

    @Override
    public long[] bins(Part bins) {
      long[] sums = new long[Part.BINS];
      files.forEach(file -> file.addBins(bins, sums));
      return sums;
    }

    @Override
    public Tally[] sums(Part part) {
      return files.stream().map(file -> file.sums(part)).reduce(MaskPool::plus).orElseThrow();
    }
  }

  /** Sums of both, place by place. */
  static Tally[] plus(Tally[] one, Tally[] other) {
    return new Tally[] {one[0].plus(other[0]), one[1].plus(other[1])};
  }
}
