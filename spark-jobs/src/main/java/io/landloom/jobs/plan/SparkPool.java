package io.landloom.jobs.plan;

import java.util.List;
import org.apache.spark.api.java.JavaRDD;

/**
 * Masks whose counts executors hold; what comes to the driver are sums alone.
 *
 * @param files counts of each file, cached
 * @param size how many masks these are
 */
record SparkPool(JavaRDD<MaskCounts> files, long size) implements MaskPool {
  @Override
  public long[] bins(Part bins) {
    return files
        .mapPartitions(
            part -> {
              long[] sums = new long[Part.BINS];
              part.forEachRemaining(file -> file.addBins(bins, sums));
              return List.of(sums).iterator();
            })
        .reduce(SparkPool::plus);
  }

  private static long[] plus(long[] one, long[] other) {
    long[] sums = one.clone();
    for (int i = 0; i < sums.length; i++) {
      sums[i] += other[i];
    }
    return sums;
  }

  @Override
  public Tally[] sums(Part part) {
    return files.map(file -> file.sums(part)).reduce(MaskPool::plus);
  }
}
