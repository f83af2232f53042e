package io.landloom.jobs.export;

import io.landloom.jobs.run.StagedFiles.BucketFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Writes Arrow IPC files, one a split, in record batches of at most {@link #BATCH} pairs, and of
 * fewer where their images are large: a batch is held in memory.
 */
final class ArrowWriter implements PairWriter {
  /** Pairs of a record batch, as in the row groups of the dataset. */
  static final int BATCH = 100;

  /** Bytes of images and masks at which a batch ends. */
  private static final long BATCH_BYTES = 1L << 26;

  private static final ArrowType TEXT = new ArrowType.Utf8();
  private static final ArrowType INTEGER = new ArrowType.Int(32, true);

  private final BucketFiles files;
  private final ExportBucket bucket;
  private final ClassMapping mapping;
  private final BufferAllocator allocator = new RootAllocator();
  private final Map<String, Shard> shards = new TreeMap<>();

  ArrowWriter(BucketFiles files, ExportBucket bucket, ClassMapping mapping) {
    this.files = files;
    this.bucket = bucket;
    this.mapping = mapping;
  }

  private static Schema schema(ClassMapping mapping) {
    return new Schema(
        List.of(
            Field.notNullable("scope", TEXT),
            Field.notNullable("split", TEXT),
            Field.notNullable("scene_id", TEXT),
            Field.notNullable("row", INTEGER),
            Field.notNullable("col", INTEGER),
            Field.nullable("copy", INTEGER),
            pixels("image"),
            pixels("mask"),
            Field.notNullable("width", INTEGER),
            Field.notNullable("height", INTEGER),
            Field.notNullable("bands", INTEGER),
            Field.notNullable("dtype", TEXT),
            Field.notNullable("image_format", TEXT),
            list("class_pixels", new ArrowType.Int(64, true)),
            Field.nullable("crs", TEXT),
            list("transform", new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE))),
        Map.of("landloom.classes", mapping.json()));
  }

  private static Field pixels(String name) {
    return new Field(
        name,
        FieldType.nullable(new ArrowType.Struct()),
        List.of(Field.nullable("bytes", new ArrowType.Binary()), Field.nullable("path", TEXT)));
  }

  private static Field list(String name, ArrowType element) {
    return new Field(
        name, FieldType.nullable(new ArrowType.List()), List.of(Field.nullable("item", element)));
  }

  @Override
  public void write(ImageMask pair, long number) throws IOException {
    Shard shard = shards.get(pair.split());
    if (shard == null) {
      shard = new Shard(files.create(bucket.shard(pair.split(), "arrow")));
      shards.put(pair.split(), shard);
    }
    shard.add(pair);
  }

  @Override
  public void close() throws IOException {
    try {
      for (Shard shard : shards.values()) {
        shard.end();
      }
    } finally {
      shards.values().forEach(Shard::release);
      allocator.close();
    }
  }

  /** One file. */
  private final class Shard {
    private final VectorSchemaRoot root = VectorSchemaRoot.create(schema(mapping), allocator);
    private final OutputStream out;
    private final ArrowFileWriter writer;
    private int rows;
    private long held;

    Shard(OutputStream out) throws IOException {
      this.out = out;
      this.writer = new ArrowFileWriter(root, null, Channels.newChannel(out));
      writer.start();
    }

    void add(ImageMask pair) throws IOException {
      text("scope", pair.isReal() ? "real" : "synthetic");
      text("split", pair.split());
      text("scene_id", pair.sceneId());
      integer("row", pair.row());
      integer("col", pair.column());
      if (!pair.isReal()) {
        integer("copy", pair.copy());
      }
      pixels("image", pair.image(), pair.name() + "." + pair.imageShape().format());
      pixels("mask", pair.palettePng(mapping), pair.name() + "_mask.png");
      integer("width", pair.imageShape().width());
      integer("height", pair.imageShape().height());
      integer("bands", pair.imageShape().bands());
      text("dtype", pair.imageShape().dtype());
      text("image_format", pair.imageShape().format());
      counts(pair.classPixels());
      pair.place()
          .ifPresent(
              place -> {
                text("crs", place.crs());
                transform(place.transform());
              });
      held += pair.image().length;
      held += pair.mask().length;
      if (++rows == BATCH || held >= BATCH_BYTES) {
        flush();
      }
    }

    private void text(String column, String value) {
      ((VarCharVector) root.getVector(column))
          .setSafe(rows, value.getBytes(StandardCharsets.UTF_8));
    }

    private void integer(String column, int value) {
      ((IntVector) root.getVector(column)).setSafe(rows, value);
    }

    private void pixels(String column, byte[] bytes, String path) {
      StructVector struct = (StructVector) root.getVector(column);
      ((VarBinaryVector) struct.getChild("bytes")).setSafe(rows, bytes);
      ((VarCharVector) struct.getChild("path"))
          .setSafe(rows, path.getBytes(StandardCharsets.UTF_8));
      struct.setIndexDefined(rows);
    }

    private void counts(long[] values) {
      ListVector list = (ListVector) root.getVector("class_pixels");
      int start = list.startNewValue(rows);
      for (int i = 0; i < values.length; i++) {
        ((BigIntVector) list.getDataVector()).setSafe(start + i, values[i]);
      }
      list.endValue(rows, values.length);
    }

    private void transform(double[] values) {
      ListVector list = (ListVector) root.getVector("transform");
      int start = list.startNewValue(rows);
      for (int i = 0; i < values.length; i++) {
        ((Float8Vector) list.getDataVector()).setSafe(start + i, values[i]);
      }
      list.endValue(rows, values.length);
    }

    private void flush() throws IOException {
      root.setRowCount(rows);
      writer.writeBatch();
      root.clear();
      rows = 0;
      held = 0;
    }

    void end() throws IOException {
      if (rows > 0) {
        flush();
      }
      writer.end();
      out.close();
    }

    void release() {
      writer.close();
      root.close();
    }
  }
}
