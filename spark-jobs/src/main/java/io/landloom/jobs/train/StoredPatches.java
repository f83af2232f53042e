package io.landloom.jobs.train;

import io.landloom.geo.image.PngDecoder;
import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.source.SceneFormatException;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.synthesize.PatchesFile;
import io.landloom.jobs.tile.Draw;
import io.landloom.synthesis.gan.TrainingSet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.example.GroupReadSupport;

/** Labelled training patches held in memory as PNG, decoded when they are drawn. */
final class StoredPatches implements TrainingSet {
  private final PngDecoder png = new PngDecoder();
  private final List<byte[]> images = new ArrayList<>();
  private final List<byte[]> masks = new ArrayList<>();

  /**
   * Reads the training patches of some files.
   *
   * @param most about how many patches to keep: of more, a share drawn by their keys
   */
  static StoredPatches read(
      List<PatchesFile> files, int size, int most, Configuration configuration) throws IOException {
    long usable = 0;
    for (PatchesFile file : files) {
      usable += file.countUsable(configuration);
    }
    StoredPatches patches = new StoredPatches();
    for (PatchesFile file : files) {
      patches.add(file, size, Math.min(1.0, (double) most / Math.max(1, usable)), configuration);
    }
    if (patches.size() == 0) {
      throw JobException.user("there is no labelled patch of the training split to train on");
    }
    return patches;
  }

  private void add(PatchesFile file, int size, double share, Configuration configuration)
      throws IOException {
    try (ParquetReader<Group> reader =
        ParquetReader.builder(new GroupReadSupport(), new Path(file.uri()))
            .withConf(configuration)
            .build()) {
      for (Group row = reader.read(); row != null; row = reader.read()) {
        if (!PatchesFile.usable(row) || position(row) >= share) {
          continue;
        }
        if (row.getInteger("width", 0) != size || row.getInteger("bands", 0) != 3) {
          throw JobException.user(
              file.uri()
                  + ": patches of "
                  + row.getInteger("width", 0)
                  + " pixels and "
                  + row.getInteger("bands", 0)
                  + " bands, patch.size is "
                  + size
                  + " and csebgan.bands is 3");
        }
        images.add(row.getGroup("image", 0).getBinary("bytes", 0).getBytes());
        masks.add(row.getGroup("mask", 0).getBinary("bytes", 0).getBytes());
      }
    }
  }

  /** A patch's place between 0 and 1, spread evenly and the same in every run. */
  private static double position(Group row) {
    return Draw.point(
        0,
        row.getString("scene_id", 0)
            + "/"
            + row.getInteger("row", 0)
            + "/"
            + row.getInteger("col", 0));
  }

  @Override
  public int size() {
    return images.size();
  }

  @Override
  public Raster image(int i) {
    try {
      return png.decode(images.get(i));
    } catch (SceneFormatException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public ClassMask mask(int i) {
    try {
      return png.decodeMask(masks.get(i));
    } catch (SceneFormatException e) {
      throw new UncheckedIOException(e);
    }
  }
}
