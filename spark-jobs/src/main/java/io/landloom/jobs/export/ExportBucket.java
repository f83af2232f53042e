package io.landloom.jobs.export;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * What one task exports: whole files of the dataset, as many as make a shard.
 *
 * @param number number of the bucket
 * @param files its files, in order
 * @param first number of its first image in the export, from 1
 * @param rows images by split
 * @param shards for each of these splits, the number of the bucket's shard of it, from 0
 */
public record ExportBucket(
    int number,
    List<SourceFile> files,
    long first,
    TreeMap<String, Long> rows,
    TreeMap<String, Integer> shards)
    implements Serializable {
  /** Images of the bucket. */
  public long total() {
    return rows.values().stream().mapToLong(Long::longValue).sum();
  }

  /**
   * Puts files together.
   *
   * @param files the files, in order
   * @param contents what there is to export in each
   * @param least images under which another file is added to a bucket
   */
  public static List<ExportBucket> plan(
      List<SourceFile> files, List<SourceFile.Contents> contents, int least) {
    List<ExportBucket> buckets = new ArrayList<>();
    TreeMap<String, Integer> nextShard = new TreeMap<>();
    List<SourceFile> held = new ArrayList<>();
    TreeMap<String, Long> rows = new TreeMap<>();
    long first = 1;
    for (int i = 0; i < files.size(); i++) {
      if (contents.get(i).total() > 0) {
        held.add(files.get(i));
        contents.get(i).rows().forEach((split, count) -> rows.merge(split, count, Long::sum));
      }
      long total = rows.values().stream().mapToLong(Long::longValue).sum();
      if (total >= least || (total > 0 && i == files.size() - 1)) {
        TreeMap<String, Integer> shards = new TreeMap<>();
        for (String split : rows.keySet()) {
          shards.put(split, nextShard.merge(split, 1, Integer::sum) - 1);
        }
        buckets.add(
            new ExportBucket(
                buckets.size(), new ArrayList<>(held), first, new TreeMap<>(rows), shards));
        first += total;
        held.clear();
        rows.clear();
      }
    }
    return buckets;
  }

  /** Name of the bucket's shard of a split. */
  String shard(String split, String extension) {
    return String.format("%s-%06d.%s", split, shards.get(split), extension);
  }

  /** Name of a part of the bucket that the driver puts together with those of others. */
  String part(String split, String of) {
    return io.landloom.jobs.run.StagedFiles.PARTS + "/" + split + "-" + of + "-" + number;
  }
}
