package io.landloom.jobs.export;

import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.export.ClassMapping.Numbering;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.StagedFiles;
import io.landloom.jobs.run.StagedFiles.BucketFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;

/** Exports buckets; travels to tasks. */
public final class BucketExport implements Serializable {
  private static final long serialVersionUID = 1L;

  /** What a user may ask for beside the names of the numberings. */
  private static final String BY_FORMAT = "auto";

  private static final String CLASSES = "classes.json";

  private final ExportFormat format;
  private final TreeSet<String> splits;
  private final ClassMapping mapping;
  private final StagedFiles files;

  /**
   * The export of some splits.
   *
   * @param indices how classes are numbered, of {@link #numberings}
   */
  public BucketExport(
      ExportFormat format,
      TreeSet<String> splits,
      LandCoverScheme scheme,
      String indices,
      StagedFiles files) {
    this.format = format;
    this.splits = splits;
    this.mapping =
        new ClassMapping(
            scheme,
            indices.equals(BY_FORMAT)
                ? format.numbering()
                : Numbering.valueOf(indices.toUpperCase(Locale.ROOT)));
    this.files = files;
  }

  /** How classes can be numbered. */
  public static String[] numberings() {
    return Stream.concat(Stream.of(BY_FORMAT), Stream.of(Numbering.values()).map(Numbering::text))
        .toArray(String[]::new);
  }

  /**
   * Writes and stages the files of a bucket.
   *
   * @param attempt id of the attempt
   * @return how many pairs it wrote
   * @throws JobException if the bucket holds other rows than were counted
   */
  public long write(ExportBucket bucket, String attempt, Configuration configuration)
      throws IOException {
    BucketFiles written = files.bucket(bucket.number(), attempt, configuration);
    long number = bucket.first();
    try (PairWriter writer = format.open(written, bucket, mapping)) {
      for (SourceFile file : bucket.files()) {
        try (SourceFile.Rows rows = file.open(splits, configuration)) {
          for (ImageMask pair = rows.next(); pair != null; pair = rows.next()) {
            writer.write(pair, number);
            number++;
          }
        }
      }
    }
    long pairs = number - bucket.first();
    if (pairs != bucket.total()) {
      throw new JobException(
          JobException.Kind.BUG,
          "bucket " + bucket.number() + " gave " + pairs + " pairs of " + bucket.total());
    }
    written.stage(Long.toString(pairs));
    return pairs;
  }

  /** Writes what the files of all buckets have in common; all buckets must be staged. */
  public void finish(List<ExportBucket> buckets, Configuration configuration) throws IOException {
    if (format == ExportFormat.COCO) {
      CocoWriter.join(files, buckets, mapping, configuration);
    }
    try (OutputStream out = files.create(CLASSES, configuration)) {
      out.write(mapping.json().getBytes(StandardCharsets.UTF_8));
    }
  }
}
