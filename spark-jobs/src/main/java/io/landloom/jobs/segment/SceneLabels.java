package io.landloom.jobs.segment;

import io.landloom.geo.image.Raster;
import io.landloom.geo.image.Validity;
import io.landloom.geo.landcover.LandCoverClass;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.geo.tiff.TiffWriter;
import io.landloom.jobs.run.StagedFiles;
import io.landloom.jobs.run.StagedFiles.BucketFiles;
import io.landloom.jobs.synthesize.BundleFiles;
import io.landloom.jobs.synthesize.TaskDevice;
import io.landloom.jobs.tile.PixelRule;
import io.landloom.jobs.tile.SceneEntry;
import io.landloom.jobs.tile.SceneFile;
import io.landloom.jobs.tile.SceneRows;
import io.landloom.synthesis.ddpm.HeadSegmenter;
import io.landloom.synthesis.segment.SceneSegmentation;
import io.landloom.synthesis.segment.Segmenter;
import io.landloom.synthesis.segment.Windows;
import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.ModelException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;

/**
 * Segments scenes: tasks write the classes of their rows and how uncertain these are, and then a
 * task a scene puts them together as two GeoTIFFs, one of classes with a palette.
 *
 * @param model the bundle of the model
 * @param scheme the land-cover scheme
 * @param pixels what becomes of the scenes' pixels
 * @param windows where the model looks
 * @param device auto, cpu or gpu
 * @param files where files are written
 */
public record SceneLabels(
    BundleFiles model,
    LandCoverScheme scheme,
    PixelRule pixels,
    Windows windows,
    String device,
    StagedFiles files)
    implements Serializable {
  private static final String EXTENSION = ".tif";
  private static final int TILE = 256;

  /**
   * Checks that a card is of a model that segments.
   *
   * @throws ModelException if it is not
   */
  public static void requireSegments(ModelCard card) {
    if (!Segmenter.reads(card) && !HeadSegmenter.reads(card)) {
      throw new ModelException(
          "model '" + card.name() + "'",
          "is " + card.architecture() + ", which is neither a segmenter nor a head");
    }
  }

  /**
   * Segments buckets with a model that is loaded once.
   *
   * @param attempt the attempt of this task
   * @param done takes the number of rows that were segmented
   */
  public void segment(
      Iterator<SegmentBucket> buckets,
      String attempt,
      Configuration configuration,
      LongConsumer done)
      throws IOException {
    if (!buckets.hasNext()) {
      return;
    }
    try (SceneModel net = SceneModel.load(model.open(), scheme, TaskDevice.choose(device))) {
      SceneSegmentation segmentation = new SceneSegmentation(net.scores(), windows);
      while (buckets.hasNext()) {
        SegmentBucket bucket = buckets.next();
        BucketFiles out = files.bucket(bucket.number(), attempt, configuration);
        SceneSegmentation.Found found = segment(bucket, segmentation, configuration);
        out.write(bucket.classes(), found.positions());
        out.write(bucket.uncertainty(), found.uncertainty());
        out.stage(Integer.toString(bucket.rows()));
        done.accept(bucket.rows());
      }
    }
  }

  /** Class indices of a bucket's pixels; unknown, for certain, where the scene holds no data. */
  private SceneSegmentation.Found segment(
      SegmentBucket bucket, SceneSegmentation segmentation, Configuration configuration)
      throws IOException {
    SceneEntry scene = bucket.scene();
    SceneSegmentation.Part part =
        new SceneSegmentation.Part(scene.width(), scene.height(), bucket.top(), bucket.rows());
    List<LandCoverClass> classes = scheme.validClasses();
    try (SceneRows rows = SceneRows.open(scene, pixels, configuration)) {
      SceneSegmentation.Found found = segmentation.of(part, rows::read);
      byte[] indices = found.positions();
      for (int pixel = 0; pixel < indices.length; pixel++) {
        indices[pixel] = (byte) classes.get(indices[pixel]).index();
      }
      Optional<Validity> validity = rows.validity(bucket.top(), bucket.rows());
      if (validity.isPresent()) {
        hide(found, validity.get());
      }
      return found;
    }
  }

  private void hide(SceneSegmentation.Found found, Validity validity) {
    for (int pixel = 0; pixel < found.positions().length; pixel++) {
      if (!validity.holdsData(pixel % validity.width(), pixel / validity.width())) {
        found.positions()[pixel] = (byte) scheme.unknownIndex();
        found.uncertainty()[pixel] = 0;
      }
    }
  }

  /**
   * Puts the rows of a scene together.
   *
   * @param number of the file among buckets
   * @param rows the scene's buckets, all of them, from its top
   */
  public void assemble(
      int number, List<SegmentBucket> rows, String attempt, Configuration configuration)
      throws IOException {
    SceneEntry scene = rows.get(0).scene();
    BucketFiles out = files.bucket(number, attempt, configuration);
    String name = scene.id().name() + EXTENSION;
    TiffWriter.Options plain = options(scene);
    TiffWriter.Options colored = plain.withPalette(scheme.palette());
    out.write(name, file -> write(file, colored, rows, SegmentBucket::classes, configuration));
    out.write(
        SceneFile.UNCERTAINTY + "/" + name,
        file -> write(file, plain, rows, SegmentBucket::uncertainty, configuration));
    out.stage("1");
  }

  private static TiffWriter.Options options(SceneEntry scene) {
    TiffWriter.Options options =
        TiffWriter.Options.of(scene.width(), scene.height(), 1)
            .withLayout(new TiffWriter.Layout.Tiles(TILE))
            .withCompression(TiffWriter.Compression.DEFLATE);
    return scene.georeference() == null ? options : options.withGeoreference(scene.georeference());
  }

  private void write(
      Path file,
      TiffWriter.Options options,
      List<SegmentBucket> rows,
      Function<SegmentBucket, String> parts,
      Configuration configuration)
      throws IOException {
    try (TiffWriter writer = TiffWriter.create(file, options)) {
      for (SegmentBucket bucket : rows) {
        org.apache.hadoop.fs.Path part = files.path(parts.apply(bucket));
        FileSystem fileSystem = part.getFileSystem(configuration);
        int width = bucket.scene().width();
        byte[] samples = new byte[bucket.rows() * width];
        try (InputStream in = fileSystem.open(part)) {
          if (in.readNBytes(samples, 0, samples.length) != samples.length) {
            throw new IOException(part + ": ends before its " + samples.length + " bytes");
          }
        }
        writer.writeRows(Raster.ofBytes(width, bucket.rows(), 1, samples));
      }
    }
  }
}
