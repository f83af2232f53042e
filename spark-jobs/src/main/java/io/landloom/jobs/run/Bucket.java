package io.landloom.jobs.run;

/**
 * One fixed share of a run's work: one task writes all of its files.
 *
 * <p>Buckets are a function of the plan and not of the cluster, so that a resumed run computes just
 * those that are missing.
 */
public final class Bucket {
  private static final int SMALLEST_COUNT = 32;

  private Bucket() {}

  /** Name of the file that holds a bucket of a table. */
  public static String fileName(int number) {
    return String.format("part-%05d.parquet", number);
  }

  /** Number of the bucket whose file has this name. */
  public static int number(String fileName) {
    return Integer.parseInt(fileName.substring("part-".length(), fileName.lastIndexOf('.')));
  }

  static boolean isPart(String fileName) {
    return fileName.matches("part-\\d{5,9}\\.parquet");
  }

  /**
   * Rows a bucket should hold: enough buckets for a cluster to share small runs, and files of a
   * good size in large ones.
   *
   * @param total rows of the run
   * @param least rows under which a bucket is not worth a task
   * @param most rows a file should not exceed
   */
  public static long rows(long total, long least, long most) {
    long even = (total + SMALLEST_COUNT - 1) / SMALLEST_COUNT;
    return Math.max(Math.min(least, most), Math.min(most, even));
  }
}
