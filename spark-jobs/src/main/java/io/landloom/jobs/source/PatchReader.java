package io.landloom.jobs.source;

import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.tile.PatchCutter;
import io.landloom.jobs.tile.Refusal;
import io.landloom.jobs.tile.RefusedSceneException;
import io.landloom.jobs.tile.SceneEntry;
import io.landloom.jobs.tile.TileBucket;
import io.landloom.jobs.tile.TileRule;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One task: cuts the patches of a partition, a row of patches at a time.
 *
 * <p>Image and label are opened only if a column needs their pixels.
 */
final class PatchReader implements PartitionReader<InternalRow> {
  private static final Logger LOG = LoggerFactory.getLogger(PatchReader.class);

  private final Factory wanted;
  private final Configuration configuration;
  private final List<TileBucket.Band> bands;
  private int band = -1;
  private int row;
  private int end;
  private int column;
  private int columns;
  private PatchCutter cutter;
  private CutPatch.RowOfPatches pixels;
  private InternalRow current;
  private long leftOut;

  /**
   * Makes readers in tasks.
   *
   * @param columns the columns wanted, in the order wanted
   * @param rule how patches are cut
   * @param badScenes what happens where a file is damaged
   * @param hadoop configuration of the file systems
   */
  record Factory(
      List<PatchColumn> columns,
      TileRule rule,
      SourceOptions.BadScenes badScenes,
      Broadcast<SerializableConfiguration> hadoop)
      implements PartitionReaderFactory {
    private static final long serialVersionUID = 1L;

    @Override
    public PartitionReader<InternalRow> createReader(InputPartition partition) {
      return new PatchReader(this, (PatchPartition) partition);
    }
  }

  private PatchReader(Factory wanted, PatchPartition partition) {
    this.wanted = wanted;
    this.configuration = wanted.hadoop().value().value();
    this.bands = partition.bands();
  }

  @Override
  public boolean next() throws IOException {
    while (column < columns || nextRow()) {
      try {
        if (pixels == null) {
          pixels = read();
        }
        current = values(new CutPatch(pixels, column++));
        return true;
      } catch (RefusedSceneException e) {
        leaveOut(e.refusal());
      }
    }
    return false;
  }

  /** Goes to the next row of patches. */
  private boolean nextRow() throws IOException {
    row++;
    if (row >= end) {
      if (band + 1 == bands.size()) {
        return false;
      }
      band++;
      close();
      row = bands.get(band).firstRow();
      end = row + bands.get(band).rows();
      TileRule rule = wanted.rule();
      columns = bands.get(band).scene().grid(rule.size(), rule.stride()).columns();
    }
    column = 0;
    pixels = null;
    return true;
  }

  private CutPatch.RowOfPatches read() throws IOException, RefusedSceneException {
    SceneEntry scene = bands.get(band).scene();
    if (cutter == null) {
      cutter = PatchCutter.unopened(scene, wanted.rule(), SourceOptions.KEYS, configuration);
    }
    boolean needsImage = wanted.columns().stream().anyMatch(PatchColumn::needsImage);
    boolean needsLabel = wanted.columns().stream().anyMatch(PatchColumn::needsLabel);
    Raster image = needsImage ? cutter.image(row) : null;
    Optional<ClassMask> mask = needsLabel ? cutter.mask(row) : Optional.empty();
    return new CutPatch.RowOfPatches(scene, wanted.rule(), row, image, mask);
  }

  private InternalRow values(CutPatch patch) throws RefusedSceneException {
    Object[] values = new Object[wanted.columns().size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = wanted.columns().get(i).value(patch);
    }
    return new GenericInternalRow(values);
  }

  /** Leaves out the patch that was refused, or the whole row where its pixels were. */
  private void leaveOut(Refusal refusal) throws IOException {
    if (wanted.badScenes() == SourceOptions.BadScenes.FAIL) {
      throw JobException.rejected(refusal.message() + "; badScenes=skip leaves such patches out");
    }
    if (pixels == null) {
      LOG.warn("row {} of patches left out: {}", row, refusal.message());
      leftOut += columns;
      column = columns;
      close(); // what a reader holds after a failure is not to be relied on
    } else {
      LOG.warn("patch {} of row {} left out: {}", column - 1, row, refusal.message());
      leftOut++;
    }
  }

  @Override
  public InternalRow get() {
    return current;
  }

  @Override
  public CustomTaskMetric[] currentMetricsValues() {
    long value = leftOut;
    return new CustomTaskMetric[] {
      new CustomTaskMetric() {
        @Override
        public String name() {
          return PatchesLeftOut.NAME;
        }

        @Override
        public long value() {
          return value;
        }
      }
    };
  }

  @Override
  public void close() throws IOException {
    if (cutter != null) {
      cutter.close();
      cutter = null;
    }
  }
}
