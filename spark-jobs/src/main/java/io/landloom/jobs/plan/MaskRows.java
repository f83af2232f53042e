package io.landloom.jobs.plan;

import io.landloom.jobs.table.MaskSource;
import java.io.Closeable;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.InitContext;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.io.api.RecordMaterializer;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/**
 * Reads the training masks of a file of patches as their keys and counts, without an object a
 * value, since a plan reads all masks of a dataset.
 */
final class MaskRows implements Closeable {
  private static final MessageType COLUMNS =
      MessageTypeParser.parseMessageType(
          """
          message patches {
            required binary scene_id (STRING);
            required int32 row;
            required int32 col;
            required binary split (STRING);
            optional binary mask_source (STRING);
            optional group class_pixels (LIST) { repeated group list { required int64 element; } }
          }
          """);
  private static final Binary TRAIN = Binary.fromString("train");
  private static final Binary LABELLED = Binary.fromString(MaskSource.LABELLED.text());
  private static final Binary PREDICTED = Binary.fromString(MaskSource.PREDICTED.text());

  private final ParquetReader<Row> reader;
  private Row row;

  /** Opens a file before its first mask. */
  MaskRows(String file, int classes, Configuration configuration) throws IOException {
    this.reader =
        ParquetReader.builder(new Support(classes), new Path(file)).withConf(configuration).build();
  }

  /** Goes to the next mask of the training split; false behind the last. */
  boolean next() throws IOException {
    for (row = reader.read(); row != null; row = reader.read()) {
      if (row.train && row.source != null) {
        return true;
      }
    }
    return false;
  }

  /** Where the mask comes from. */
  MaskSource source() {
    return row.source;
  }

  /** The mask's scene. */
  String sceneId() {
    return row.scene.toStringUsingUTF8();
  }

  /** The row of its patch. */
  int row() {
    return row.numbers[0];
  }

  /** The column of its patch. */
  int column() {
    return row.numbers[1];
  }

  /** Its pixels by position of the scheme; overwritten by the next mask. */
  long[] pixels() {
    return row.pixels;
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }

  /** The one row that every record is read into. */
  private static final class Row extends GroupConverter {
    private final Converter[] fields;
    private final int[] numbers = new int[2];
    private final long[] pixels;
    private Binary scene;
    private boolean train;
    private MaskSource source;
    private int counted;

    Row(int classes) {
      pixels = new long[classes];
      fields =
          new Converter[] {
            new PrimitiveConverter() {
              @Override
              public void addBinary(Binary value) {
                scene = value.copy();
              }
            },
            number(0),
            number(1),
            new PrimitiveConverter() {
              @Override
              public void addBinary(Binary value) {
                train = value.equals(TRAIN);
              }
            },
            new PrimitiveConverter() {
              @Override
              public void addBinary(Binary value) {
                source =
                    value.equals(LABELLED)
                        ? MaskSource.LABELLED
                        : value.equals(PREDICTED) ? MaskSource.PREDICTED : null;
              }
            },
            new Nested(new Nested(counts()))
          };
    }

    private PrimitiveConverter number(int place) {
      return new PrimitiveConverter() {
        @Override
        public void addInt(int value) {
          numbers[place] = value;
        }
      };
    }

    private PrimitiveConverter counts() {
      return new PrimitiveConverter() {
        @Override
        public void addLong(long value) {
          pixels[counted++] = value;
        }
      };
    }

    @Override
    public Converter getConverter(int field) {
      return fields[field];
    }

    @Override
    public void start() {
      source = null;
      train = false;
      counted = 0;
      Arrays.fill(pixels, 0);
    }

    @Override
    public void end() {}
  }

  private static final class Nested extends GroupConverter {
    private final Converter only;

    Nested(Converter only) {
      this.only = only;
    }

    @Override
    public Converter getConverter(int field) {
      return only;
    }

    @Override
    public void start() {}

    @Override
    public void end() {}
  }

  private static final class Support extends ReadSupport<Row> {
    private final int classes;

    Support(int classes) {
      this.classes = classes;
    }

    @Override
    public ReadContext init(InitContext context) {
      return new ReadContext(COLUMNS);
    }

    @Override
    public RecordMaterializer<Row> prepareForRead(
        Configuration configuration,
        Map<String, String> keyValueMetaData,
        MessageType fileSchema,
        ReadContext readContext) {
      Row row = new Row(classes);
      return new RecordMaterializer<>() {
        @Override
        public Row getCurrentRecord() {
          return row;
        }

        @Override
        public GroupConverter getRootConverter() {
          return row;
        }
      };
    }
  }
}
