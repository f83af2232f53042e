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
import java.util.function.LongConsumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;

/**
 * Segments scenes: tasks write the classes of their rows, and then a task a scene puts them
 * together as a GeoTIFF with a palette.
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
        byte[] indices = indices(bucket, segmentation, configuration);
        BucketFiles out = files.bucket(bucket.number(), attempt, configuration);
        out.write(bucket.part(), indices);
        out.stage(Integer.toString(bucket.rows()));
        done.accept(bucket.rows());
      }
    }
  }

  /** Class indices of a bucket's pixels; unknown where the scene holds no data. */
  private byte[] indices(
      SegmentBucket bucket, SceneSegmentation segmentation, Configuration configuration)
      throws IOException {
    SceneEntry scene = bucket.scene();
    SceneSegmentation.Part part =
        new SceneSegmentation.Part(scene.width(), scene.height(), bucket.top(), bucket.rows());
    List<LandCoverClass> classes = scheme.validClasses();
    try (SceneRows rows = SceneRows.open(scene, pixels, configuration)) {
      byte[] indices = segmentation.positions(part, rows::read);
      for (int pixel = 0; pixel < indices.length; pixel++) {
        indices[pixel] = (byte) classes.get(indices[pixel]).index();
      }
      Optional<Validity> validity = rows.validity(bucket.top(), bucket.rows());
      if (validity.isPresent()) {
        hide(indices, validity.get());
      }
      return indices;
    }
  }

  private void hide(byte[] indices, Validity validity) {
    for (int pixel = 0; pixel < indices.length; pixel++) {
      if (!validity.holdsData(pixel % validity.width(), pixel / validity.width())) {
        indices[pixel] = (byte) scheme.unknownIndex();
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
    out.write(scene.id().name() + EXTENSION, file -> write(file, scene, rows, configuration));
    out.stage("1");
  }

  private void write(
      Path file, SceneEntry scene, List<SegmentBucket> rows, Configuration configuration)
      throws IOException {
    TiffWriter.Options options =
        TiffWriter.Options.of(scene.width(), scene.height(), 1)
            .withLayout(new TiffWriter.Layout.Tiles(TILE))
            .withCompression(TiffWriter.Compression.DEFLATE)
            .withPalette(scheme.palette());
    if (scene.georeference() != null) {
      options = options.withGeoreference(scene.georeference());
    }
    try (TiffWriter writer = TiffWriter.create(file, options)) {
      for (SegmentBucket bucket : rows) {
        org.apache.hadoop.fs.Path part = files.path(bucket.part());
        FileSystem fileSystem = part.getFileSystem(configuration);
        byte[] indices = new byte[bucket.rows() * scene.width()];
        try (InputStream in = fileSystem.open(part)) {
          if (in.readNBytes(indices, 0, indices.length) != indices.length) {
            throw new IOException(part + ": ends before its " + indices.length + " bytes");
          }
        }
        writer.writeRows(Raster.ofBytes(scene.width(), bucket.rows(), 1, indices));
      }
    }
  }
}
