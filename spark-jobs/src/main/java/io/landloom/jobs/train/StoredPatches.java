package io.landloom.jobs.train;

import io.landloom.geo.image.Raster;
import io.landloom.geo.image.SampleType;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.source.SceneFormatException;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.source.Captions;
import io.landloom.jobs.synthesize.PatchesFile;
import io.landloom.jobs.table.PixelDecoder;
import io.landloom.jobs.tile.Draw;
import io.landloom.synthesis.training.TrainingSet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.example.GroupReadSupport;

/** Patches held in memory as they are stored, decoded when they are drawn. */
public final class StoredPatches implements TrainingSet {
  private static final String SCENE = "scene_id";

  private final PixelDecoder pixels = new PixelDecoder();
  private final List<Stored> images = new ArrayList<>();
  private final List<Stored> masks = new ArrayList<>();
  private final List<String> scenes = new ArrayList<>();
  private final List<String> captions = new ArrayList<>();

  /**
   * An image or a mask.
   *
   * @param bytes as it is stored
   * @param shape what its row says of it
   */
  private record Stored(byte[] bytes, PixelDecoder.Shape shape) {
    static Stored of(Group row, String column, PixelDecoder.Shape shape) {
      return new Stored(row.getGroup(column, 0).getBinary("bytes", 0).getBytes(), shape);
    }
  }

  /**
   * Which patches are read.
   *
   * @param split train, val or test
   * @param learned labelled ones with their masks, or the images of all
   */
  record Wanted(String split, TrainableSystem.Learned learned) {
    boolean of(Group row) {
      return switch (learned) {
        case LABELLED_PATCHES -> PatchesFile.labelled(row, split);
        case IMAGES -> PatchesFile.ofSplit(row, split);
      };
    }

    long count(PatchesFile file, Configuration configuration) throws IOException {
      return switch (learned) {
        case LABELLED_PATCHES -> file.count(split, configuration);
        case IMAGES -> file.countAll(split, configuration);
      };
    }
  }

  /**
   * Reads the labelled patches of a split; there may be none.
   *
   * @param most about how many patches to keep: of more, a share drawn by their keys
   */
  public static StoredPatches read(
      List<PatchesFile> files,
      Captions captions,
      String split,
      TrainableSystem.Sizes sizes,
      int most,
      Configuration configuration)
      throws IOException {
    Wanted labelled = new Wanted(split, TrainableSystem.Learned.LABELLED_PATCHES);
    return read(files, captions, labelled, sizes, most, configuration);
  }

  /**
   * Reads the patches that are wanted; there may be none. Where images are, no mask is read.
   *
   * @param most about how many patches to keep: of more, a share drawn by their keys
   */
  static StoredPatches read(
      List<PatchesFile> files,
      Captions captions,
      Wanted wanted,
      TrainableSystem.Sizes sizes,
      int most,
      Configuration configuration)
      throws IOException {
    long count = 0;
    for (PatchesFile file : files) {
      count += wanted.count(file, configuration);
    }
    double share = Math.min(1.0, (double) most / Math.max(1, count));
    StoredPatches patches = new StoredPatches();
    for (PatchesFile file : files) {
      patches.add(file, captions, wanted, share, sizes, configuration);
    }
    return patches;
  }

  /** Some of the patches, in the given order. */
  public StoredPatches only(List<Integer> items) {
    StoredPatches some = new StoredPatches();
    for (int item : items) {
      some.images.add(images.get(item));
      some.scenes.add(scenes.get(item));
      some.captions.add(captions.get(item));
      if (!masks.isEmpty()) {
        some.masks.add(masks.get(item));
      }
    }
    return some;
  }

  private void add(
      PatchesFile file,
      Captions written,
      Wanted wanted,
      double share,
      TrainableSystem.Sizes sizes,
      Configuration configuration)
      throws IOException {
    try (ParquetReader<Group> reader =
        ParquetReader.builder(new GroupReadSupport(), new Path(file.uri()))
            .withConf(configuration)
            .build()) {
      for (Group row = reader.read(); row != null; row = reader.read()) {
        if (!wanted.of(row) || position(row) >= share) {
          continue;
        }
        PixelDecoder.Shape shape = shape(row);
        check(file, shape, sizes);
        images.add(Stored.of(row, "image", shape));
        scenes.add(row.getString(SCENE, 0));
        captions.add(written.of(key(row)));
        if (wanted.learned() == TrainableSystem.Learned.LABELLED_PATCHES) {
          masks.add(
              Stored.of(
                  row,
                  "mask",
                  PixelDecoder.Shape.ofMask(
                      row.getString("mask_format", 0), shape.width(), shape.height())));
        }
      }
    }
  }

  private static PixelDecoder.Shape shape(Group row) {
    return new PixelDecoder.Shape(
        row.getString("image_format", 0),
        row.getString("dtype", 0),
        row.getInteger("width", 0),
        row.getInteger("height", 0),
        row.getInteger("bands", 0));
  }

  private static void check(
      PatchesFile file, PixelDecoder.Shape shape, TrainableSystem.Sizes sizes) {
    boolean any = sizes.bands() == TrainableSystem.Sizes.ANY_BANDS;
    if (any && shape.width() != sizes.patchSize()) {
      throw JobException.user(
          String.format(
              "%s: patches of %d pixels, and the model's masks have %d",
              file.uri(), shape.width(), sizes.patchSize()));
    }
    boolean fits =
        shape.width() == sizes.patchSize()
            && shape.bands() == sizes.bands()
            && shape.dtype().equals(SampleType.UINT8.dtype());
    if (!any && !fits) {
      throw JobException.user(
          String.format(
              "%s: patches of %d pixels and %d bands of %s, patch.size is %d and the model learns"
                  + " from %d bands of uint8; tile with input.bands and input.stretch to make them"
                  + " so",
              file.uri(),
              shape.width(),
              shape.bands(),
              shape.dtype(),
              sizes.patchSize(),
              sizes.bands()));
    }
  }

  /** A patch's place between 0 and 1, spread evenly and the same in every run. */
  private static double position(Group row) {
    return Draw.point(0, key(row));
  }

  private static String key(Group row) {
    return row.getString(SCENE, 0)
        + "/"
        + row.getInteger("row", 0)
        + "/"
        + row.getInteger("col", 0);
  }

  @Override
  public int size() {
    return images.size();
  }

  @Override
  public String caption(int i) {
    return captions.get(i);
  }

  /** Whether somebody wrote about one of the patches. */
  boolean isCaptioned() {
    return captions.stream().anyMatch(caption -> !caption.isEmpty());
  }

  /** The scene a patch was cut from. */
  public String scene(int i) {
    return scenes.get(i);
  }

  @Override
  public Raster image(int i) {
    try {
      return pixels.image(images.get(i).bytes(), images.get(i).shape());
    } catch (SceneFormatException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public ClassMask mask(int i) {
    try {
      return pixels.mask(masks.get(i).bytes(), masks.get(i).shape());
    } catch (SceneFormatException e) {
      throw new UncheckedIOException(e);
    }
  }
}
