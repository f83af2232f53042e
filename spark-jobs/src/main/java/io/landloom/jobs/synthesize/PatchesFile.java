package io.landloom.jobs.synthesize;

import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.run.Bucket;
import io.landloom.jobs.run.DatasetRoot;
import io.landloom.jobs.run.RunRecord;
import io.landloom.jobs.table.PatchesTable;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;

/**
 * One published file of {@code patches}.
 *
 * @param run the run that published it
 * @param bucket its bucket
 * @param uri where it is
 */
public record PatchesFile(String run, int bucket, String uri) implements Serializable {
  /** The files of every published tiling with a scheme, ordered by run and bucket. */
  public static List<PatchesFile> published(DatasetRoot dataset, LandCoverScheme scheme)
      throws IOException {
    List<PatchesFile> files = new ArrayList<>();
    for (RunRecord record : dataset.runs("tile", scheme)) {
      for (FileStatus status : dataset.files(record.runId(), PatchesTable.NAME)) {
        Path path = status.getPath();
        files.add(
            new PatchesFile(record.runId().text(), Bucket.number(path.getName()), path.toString()));
      }
    }
    files.sort(
        java.util.Comparator.comparing(PatchesFile::run).thenComparingInt(PatchesFile::bucket));
    return files;
  }

  /** Whether a row is a labelled patch of a split; a model may learn from those of train alone. */
  public static boolean labelled(Group row, String split) {
    return StoredMask.labelled(row, split);
  }

  /** Whether a row is of a split, labelled or not. */
  public static boolean ofSplit(Group row, String split) {
    return StoredMask.ofSplit(row, split);
  }

  /** Patches of a split in the file, labelled or not. */
  public long countAll(String split, Configuration configuration) throws IOException {
    return StoredMask.countAll(uri, split, configuration);
  }

  /** Labelled patches of a split in the file. */
  public long count(String split, Configuration configuration) throws IOException {
    return StoredMask.count(uri, split, configuration);
  }

  /**
   * Masks of the file that a model may be conditioned on for a redraw.
   *
   * @param drawn positions of classes; masks that show one are left out
   */
  public long countUsable(
      MaskChoice choice, Redraw redraw, Set<Integer> drawn, Configuration configuration)
      throws IOException {
    return StoredMask.countUsable(uri, choice, redraw.position(), drawn, configuration);
  }
}
