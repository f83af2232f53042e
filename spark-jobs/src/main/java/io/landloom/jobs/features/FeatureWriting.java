package io.landloom.jobs.features;

import io.landloom.geo.image.SampleType;
import io.landloom.geo.source.SceneFormatException;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.Staging;
import io.landloom.jobs.synthesize.BundleFiles;
import io.landloom.jobs.synthesize.PatchesFile;
import io.landloom.jobs.synthesize.PlanBucket;
import io.landloom.jobs.synthesize.TaskDevice;
import io.landloom.jobs.table.FeaturesTable;
import io.landloom.jobs.table.PixelDecoder;
import io.landloom.jobs.table.TableFile;
import io.landloom.synthesis.ddpm.DdpmFeatures;
import io.landloom.synthesis.ddpm.FeatureChoice;
import io.landloom.synthesis.weights.HalfFloat;
import java.io.IOException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/**
 * Writes the features of patches.
 *
 * @param model the bundle of a diffusion model of pixels
 * @param digest its digest
 * @param choice which of its maps
 * @param splits the splits whose patches are looked at
 * @param numbers how numbers are stored
 * @param device auto, cpu or gpu
 */
public record FeatureWriting(
    BundleFiles model,
    String digest,
    FeatureChoice choice,
    List<String> splits,
    Numbers numbers,
    String device)
    implements Serializable {
  private static final MessageType KEYS =
      MessageTypeParser.parseMessageType(
          """
          message patches {
            required binary split (STRING);
            required int32 width;
            required int32 height;
            required int32 bands;
            required binary dtype (STRING);
          }
          """);
  private static final MessageType IMAGES =
      MessageTypeParser.parseMessageType(
          """
          message patches {
            required binary scene_id (STRING);
            required int32 row;
            required int32 col;
            required binary split (STRING);
            optional group image { optional binary bytes; }
            required int32 width;
            required int32 height;
            required int32 bands;
            required binary dtype (STRING);
            required binary image_format (STRING);
          }
          """);

  /** How numbers are stored. */
  public enum Numbers {
    /** IEEE 754 half precision. */
    FLOAT16("float16", 2),
    /** IEEE 754 single precision. */
    FLOAT32("float32", 4);

    private final String dtype;
    private final int bytes;

    Numbers(String dtype, int bytes) {
      this.dtype = dtype;
      this.bytes = bytes;
    }

    /** The numbers of a NumPy name. */
    public static Numbers of(String dtype) {
      return dtype.equals(FLOAT16.dtype) ? FLOAT16 : FLOAT32;
    }

    /** Bytes of a number. */
    public int bytes() {
      return bytes;
    }

    byte[] store(float[] values) {
      ByteBuffer stored = ByteBuffer.allocate(values.length * bytes).order(ByteOrder.LITTLE_ENDIAN);
      for (float value : values) {
        if (this == FLOAT16) {
          stored.putShort(HalfFloat.of(value));
        } else {
          stored.putFloat(value);
        }
      }
      return stored.array();
    }
  }

  /**
   * How many patches of a file are looked at.
   *
   * @param side pixels along their edges
   * @throws JobException if one is another, which the model cannot look at
   */
  public long count(PatchesFile file, int side, Configuration configuration) throws IOException {
    int bands = model.open().card().bands();
    long count = 0;
    try (ParquetReader<Group> rows = reader(file, KEYS, configuration)) {
      for (Group row = rows.read(); row != null; row = rows.read()) {
        if (splits.contains(row.getString("split", 0))) {
          requireFits(file, row, side, bands);
          count++;
        }
      }
    }
    return count;
  }

  private static void requireFits(PatchesFile file, Group row, int side, int bands) {
    boolean fits =
        row.getInteger("width", 0) == side
            && row.getInteger("height", 0) == side
            && row.getInteger("bands", 0) == bands
            && row.getString("dtype", 0).equals(SampleType.UINT8.dtype());
    if (!fits) {
      throw JobException.user(
          String.format(
              "%s: patches of %d x %d pixels and %d bands of %s, but the model looks at %d x %d"
                  + " pixels and %d bands of uint8",
              file.uri(),
              row.getInteger("width", 0),
              row.getInteger("height", 0),
              row.getInteger("bands", 0),
              row.getString("dtype", 0),
              side,
              side,
              bands));
    }
  }

  private static ParquetReader<Group> reader(
      PatchesFile file, MessageType columns, Configuration configuration) throws IOException {
    Configuration projected = new Configuration(configuration);
    projected.set(ReadSupport.PARQUET_READ_SCHEMA, columns.toString());
    return ParquetReader.builder(new GroupReadSupport(), new Path(file.uri()))
        .withConf(projected)
        .build();
  }

  /**
   * Writes and stages buckets with a model that is loaded once.
   *
   * @param attempts the name of an attempt
   * @param done takes the number of patches that were looked at
   */
  public void write(
      Iterator<PlanBucket> buckets,
      Staging.Target target,
      Supplier<String> attempts,
      Map<String, String> lineage,
      Configuration configuration,
      LongConsumer done)
      throws IOException {
    if (!buckets.hasNext()) {
      return;
    }
    try (DdpmFeatures net = DdpmFeatures.load(model.open(), choice, TaskDevice.choose(device))) {
      while (buckets.hasNext()) {
        PlanBucket bucket = buckets.next();
        String attempt = attempts.get();
        try (TableFile<FeaturesTable.FeatureRow> file =
            TableFile.create(
                new FeaturesTable(),
                target.attempt(FeaturesTable.NAME, bucket.number(), attempt),
                bucket.number(),
                attempt,
                lineage,
                configuration)) {
          for (PlanBucket.Segment segment : bucket.segments()) {
            write(segment, net, file, configuration, done);
          }
        }
        target.stage(bucket.number(), attempt, configuration);
      }
    }
  }

  private void write(
      PlanBucket.Segment segment,
      DdpmFeatures net,
      TableFile<FeaturesTable.FeatureRow> file,
      Configuration configuration,
      LongConsumer done)
      throws IOException {
    PixelDecoder pixels = new PixelDecoder();
    try (ParquetReader<Group> rows = reader(segment.file(), IMAGES, configuration)) {
      long wanted = 0;
      while (wanted < segment.first() + segment.count()) {
        Group row = rows.read();
        if (!splits.contains(row.getString("split", 0))) {
          continue;
        }
        wanted++;
        if (wanted > segment.first()) {
          write(row, segment.file(), net, pixels, file);
          done.accept(1);
        }
      }
    }
  }

  private void write(
      Group row,
      PatchesFile patches,
      DdpmFeatures net,
      PixelDecoder pixels,
      TableFile<FeaturesTable.FeatureRow> file)
      throws IOException {
    for (DdpmFeatures.FeatureMap map : maps(row, patches, net, pixels)) {
      file.append(
          new FeaturesTable.FeatureRow(
              row.getString("scene_id", 0),
              row.getInteger("row", 0),
              row.getInteger("col", 0),
              row.getString("split", 0),
              patches.run(),
              map.kind().timestep(),
              map.kind().signal(),
              choice.half().toString(),
              map.kind().block(),
              map.kind().channels(),
              map.height(),
              map.width(),
              numbers.dtype,
              numbers.store(map.values()),
              digest));
    }
  }

  private static List<DdpmFeatures.FeatureMap> maps(
      Group row, PatchesFile patches, DdpmFeatures net, PixelDecoder pixels) throws IOException {
    PixelDecoder.Shape shape =
        new PixelDecoder.Shape(
            row.getString("image_format", 0),
            row.getString("dtype", 0),
            row.getInteger("width", 0),
            row.getInteger("height", 0),
            row.getInteger("bands", 0));
    try {
      return net.of(pixels.image(row.getGroup("image", 0).getBinary("bytes", 0).getBytes(), shape));
    } catch (SceneFormatException e) {
      throw new IOException(patches.uri() + ": " + e.getMessage(), e);
    }
  }
}
