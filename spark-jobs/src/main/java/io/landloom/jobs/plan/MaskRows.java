package io.landloom.jobs.plan;

import io.landloom.jobs.run.JobException;
import io.landloom.jobs.table.MaskSource;
import java.io.Closeable;
import java.io.IOException;
import java.util.Arrays;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.column.ColumnReadStore;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.DummyRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.ParquetDecodingException;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/**
 * Reads the training masks of a file of patches as their keys and counts, without an object a value
 * and, since row groups of images are small, without a record reader a row group: a plan reads all
 * masks of a dataset.
 */
final class MaskRows implements Closeable {
  private static final Binary TRAIN = Binary.fromString("train");
  private static final Binary LABELLED = Binary.fromString(MaskSource.LABELLED.text());
  private static final Binary PREDICTED = Binary.fromString(MaskSource.PREDICTED.text());
  private static final String[] COUNTS = {"split", "mask_source", "class_pixels"};
  private static final String[] KEYED = {
    "split", "mask_source", "class_pixels", "scene_id", "row", "col"
  };

  private final String name;
  private final ParquetFileReader file;
  private final MessageType columns;
  private final GroupConverter converter;
  private final int mostLevels;
  private final long[] pixels;
  private final boolean keyed;
  private long left;
  private ColumnReader split;
  private ColumnReader source;
  private ColumnReader counts;
  private ColumnReader scene;
  private ColumnReader row;
  private ColumnReader column;
  private MaskSource itsSource;
  private String itsScene;
  private Binary itsSceneBytes;
  private int itsRow;
  private int itsColumn;

  private MaskRows(String name, int classes, String[] wanted, Configuration configuration)
      throws IOException {
    this.name = name;
    this.pixels = new long[classes];
    this.keyed = wanted == KEYED;
    Path path = new Path(name);
    this.file =
        ParquetFileReader.open(
            HadoopInputFile.fromPath(path, configuration),
            HadoopReadOptions.builder(configuration, path).build());
    try {
      this.columns = columns(wanted);
      this.mostLevels = columns.getMaxDefinitionLevel("class_pixels", "list", "element");
      this.converter = new DummyRecordConverter(columns).getRootConverter();
      file.setRequestedSchema(columns);
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private MessageType columns(String... wanted) {
    MessageType all = file.getFileMetaData().getSchema();
    for (String column : wanted) {
      if (!all.containsField(column)) {
        throw JobException.rejected(name + " has no column " + column + "; tile its scenes again");
      }
    }
    return new MessageType(
        all.getName(), Arrays.stream(wanted).map(all::getType).toArray(Type[]::new));
  }

  /** Opens a file before its first mask; of the masks there are counts alone. */
  static MaskRows counts(String file, int classes, Configuration configuration) throws IOException {
    return new MaskRows(file, classes, COUNTS, configuration);
  }

  /** Opens a file before its first mask; of the masks there are keys as well. */
  static MaskRows keyed(String file, int classes, Configuration configuration) throws IOException {
    return new MaskRows(file, classes, KEYED, configuration);
  }

  /** Goes to the next mask of the training split; false behind the last. */
  boolean next() throws IOException {
    try {
      while (left > 0 || open(file.readNextRowGroup())) {
        left--;
        if (read()) {
          return true;
        }
      }
      return false;
    } catch (ParquetDecodingException e) {
      throw new ParquetDecodingException("can not read " + name, e);
    }
  }

  private boolean open(PageReadStore group) {
    if (group == null) {
      return false;
    }
    left = group.getRowCount();
    ColumnReadStore store =
        new ColumnReadStoreImpl(group, converter, columns, file.getFileMetaData().getCreatedBy());
    split = reader(store, "split");
    source = reader(store, "mask_source");
    counts = reader(store, "class_pixels", "list", "element");
    if (keyed) {
      scene = reader(store, "scene_id");
      row = reader(store, "row");
      column = reader(store, "col");
    }
    return true;
  }

  private ColumnReader reader(ColumnReadStore store, String... path) {
    return store.getColumnReader(columns.getColumnDescription(path));
  }

  /** Reads a row; whether it is a mask of the training split. */
  private boolean read() {
    boolean train = split.getBinary().equals(TRAIN);
    split.consume();
    itsSource = null;
    if (source.getCurrentDefinitionLevel() > 0) {
      Binary text = source.getBinary();
      itsSource =
          text.equals(LABELLED)
              ? MaskSource.LABELLED
              : text.equals(PREDICTED) ? MaskSource.PREDICTED : null;
    }
    source.consume();
    int counted = readCounts();
    if (keyed) {
      readKey();
    }
    if (!train || itsSource == null) {
      return false;
    }
    if (counted != pixels.length) {
      throw JobException.rejected(
          name + ": a mask has counts of " + counted + " classes, the scheme has " + pixels.length);
    }
    for (long count : pixels) {
      if (count < 0 || count > Integer.MAX_VALUE) {
        throw JobException.rejected(name + ": a mask has " + count + " pixels of a class");
      }
    }
    return true;
  }

  private int readCounts() {
    int counted = 0;
    do {
      if (counts.getCurrentDefinitionLevel() == mostLevels) {
        // what is not read is not skipped
        long count = counts.getLong();
        if (counted < pixels.length) {
          pixels[counted] = count;
        }
        counted++;
      }
      counts.consume();
    } while (counts.getCurrentRepetitionLevel() > 0);
    return counted;
  }

  /** Masks of a scene come one after the other. */
  private void readKey() {
    Binary bytes = scene.getBinary();
    if (!bytes.equals(itsSceneBytes)) {
      itsSceneBytes = bytes.copy();
      itsScene = itsSceneBytes.toStringUsingUTF8();
    }
    scene.consume();
    itsRow = row.getInteger();
    row.consume();
    itsColumn = column.getInteger();
    column.consume();
  }

  /** Where the mask comes from. */
  MaskSource source() {
    return itsSource;
  }

  /** The mask's scene, where keys are read. */
  String sceneId() {
    return itsScene;
  }

  /** The row of its patch, where keys are read. */
  int row() {
    return itsRow;
  }

  /** The column of its patch, where keys are read. */
  int column() {
    return itsColumn;
  }

  /** Its pixels by position of the scheme; overwritten by the next mask. */
  long[] pixels() {
    return pixels;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
