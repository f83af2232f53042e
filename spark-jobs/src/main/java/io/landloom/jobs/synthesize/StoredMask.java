package io.landloom.jobs.synthesize;

import io.landloom.jobs.table.MaskSource;
import io.landloom.jobs.table.PixelDecoder;
import java.io.Closeable;
import java.io.IOException;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/**
 * A patch's mask as it is stored.
 *
 * @param sceneId scene of the patch
 * @param row row of the patch
 * @param column column of the patch
 * @param split split of the patch
 * @param bytes the mask as it is stored
 * @param shape what its row says of it
 */
record StoredMask(
    String sceneId, int row, int column, String split, byte[] bytes, PixelDecoder.Shape shape) {
  private static final MessageType KEYS =
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
  private static final MessageType MASKS =
      MessageTypeParser.parseMessageType(
          """
          message patches {
            required binary scene_id (STRING);
            required int32 row;
            required int32 col;
            required binary split (STRING);
            optional binary mask_source (STRING);
            optional group class_pixels (LIST) { repeated group list { required int64 element; } }
            required int32 width;
            required int32 height;
            optional binary mask_format (STRING);
            optional group mask { optional binary bytes; }
          }
          """);

  /** Any class will do, see {@link #usable}. */
  static final int ANY_CLASS = -1;

  /**
   * Whether a model may be conditioned on it: a patch of the training split with a mask.
   *
   * @param choice from where masks may come
   * @param position position in the scheme of a class that it must show, or {@link #ANY_CLASS}
   */
  static boolean usable(Group row, MaskChoice choice, int position) {
    return ofSplit(row, "train")
        && row.getFieldRepetitionCount("mask_source") > 0
        && choice.takes(row.getString("mask_source", 0))
        && (position == ANY_CLASS || shows(row, position));
  }

  private static boolean shows(Group row, int position) {
    return row.getGroup("class_pixels", 0).getGroup(0, position).getLong(0, 0) > 0;
  }

  private static Predicate<Group> usable(MaskChoice choice, int position, Set<Integer> drawn) {
    return row -> usable(row, choice, position) && drawn.stream().noneMatch(one -> shows(row, one));
  }

  /** Whether it is a labelled patch of a split. */
  static boolean labelled(Group row, String split) {
    return ofSplit(row, split)
        && row.getFieldRepetitionCount("mask_source") > 0
        && row.getString("mask_source", 0).equals(MaskSource.LABELLED.text());
  }

  /** Whether it is a patch of a split, labelled or not. */
  static boolean ofSplit(Group row, String split) {
    return row.getString("split", 0).equals(split);
  }

  /** Opens all masks of the training split in a file in their order; images are not read. */
  static Masks open(String file, Configuration configuration) throws IOException {
    return open(file, MaskChoice.ANY, ANY_CLASS, Set.of(), configuration);
  }

  /**
   * Opens those of the usable masks of a file, see {@link #usable}, that show none of some classes.
   *
   * @param drawn positions of these classes
   */
  static Masks open(
      String file, MaskChoice choice, int position, Set<Integer> drawn, Configuration configuration)
      throws IOException {
    return new Masks(reader(file, MASKS, configuration), usable(choice, position, drawn));
  }

  /** Counts the masks that {@link #open} would give, from the file's narrow columns. */
  static long countUsable(
      String file, MaskChoice choice, int position, Set<Integer> drawn, Configuration configuration)
      throws IOException {
    return count(file, usable(choice, position, drawn), configuration);
  }

  /** Counts the labelled patches of a split in a file, from its narrow columns. */
  static long count(String file, String split, Configuration configuration) throws IOException {
    return count(file, row -> labelled(row, split), configuration);
  }

  /** Counts the patches of a split in a file, labelled or not. */
  static long countAll(String file, String split, Configuration configuration) throws IOException {
    return count(file, row -> ofSplit(row, split), configuration);
  }

  private static long count(String file, Predicate<Group> wanted, Configuration configuration)
      throws IOException {
    long count = 0;
    try (ParquetReader<Group> reader = reader(file, KEYS, configuration)) {
      for (Group row = reader.read(); row != null; row = reader.read()) {
        count += wanted.test(row) ? 1 : 0;
      }
    }
    return count;
  }

  private static ParquetReader<Group> reader(
      String file, MessageType schema, Configuration configuration) throws IOException {
    Configuration projected = new Configuration(configuration);
    projected.set(ReadSupport.PARQUET_READ_SCHEMA, schema.toString());
    return ParquetReader.builder(new GroupReadSupport(), new Path(file))
        .withConf(projected)
        .build();
  }

  /** The usable masks of one file, in the order of their keys. */
  static final class Masks implements Closeable {
    private final ParquetReader<Group> reader;
    private final Predicate<Group> wanted;

    private Masks(ParquetReader<Group> reader, Predicate<Group> wanted) {
      this.reader = reader;
      this.wanted = wanted;
    }

    /** The next usable mask, or null at the end. */
    StoredMask next() throws IOException {
      for (Group row = reader.read(); row != null; row = reader.read()) {
        if (wanted.test(row)) {
          return new StoredMask(
              row.getString("scene_id", 0),
              row.getInteger("row", 0),
              row.getInteger("col", 0),
              row.getString("split", 0),
              row.getGroup("mask", 0).getBinary("bytes", 0).getBytes(),
              PixelDecoder.Shape.ofMask(
                  row.getString("mask_format", 0),
                  row.getInteger("width", 0),
                  row.getInteger("height", 0)));
        }
      }
      return null;
    }

    @Override
    public void close() throws IOException {
      reader.close();
    }
  }
}
