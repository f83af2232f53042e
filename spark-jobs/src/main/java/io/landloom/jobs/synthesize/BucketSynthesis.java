package io.landloom.jobs.synthesize;

import io.landloom.geo.image.PngEncoder;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.run.Bucket;
import io.landloom.jobs.run.Staging;
import io.landloom.jobs.table.EncodedImage;
import io.landloom.jobs.table.PairsTable;
import io.landloom.jobs.table.PairsTable.PairRow;
import io.landloom.jobs.table.PatchesTable;
import io.landloom.jobs.table.PixelDecoder;
import io.landloom.jobs.table.PixelFormat;
import io.landloom.jobs.table.SynthesisPlanTable;
import io.landloom.jobs.table.TableFile;
import io.landloom.synthesis.Condition;
import io.landloom.synthesis.Pair;
import io.landloom.synthesis.Synthesizer;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.LongConsumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.example.GroupReadSupport;

/**
 * One task: makes the pairs of a bucket of a plan and writes their file.
 *
 * @param number number of the bucket
 * @param planFile file of the plan's bucket
 * @param datasetRoot the dataset, for the masks
 * @param scheme the land-cover scheme
 * @param footer lineage for the footer
 */
public record BucketSynthesis(
    int number,
    String planFile,
    String datasetRoot,
    LandCoverScheme scheme,
    Map<String, String> footer)
    implements Serializable {

  /**
   * Writes and stages the bucket's file.
   *
   * @param made receives the number of pairs made, batch by batch
   */
  public void run(
      Synthesizer synthesizer,
      PairsTable.Lineage lineage,
      Staging.Target target,
      String attempt,
      Configuration configuration,
      LongConsumer made)
      throws IOException {
    try (TableFile<PairRow> pairs =
            TableFile.create(
                new PairsTable(),
                target.attempt(PairsTable.NAME, number, attempt),
                number,
                attempt,
                footer,
                configuration);
        PlannedMasks masks = new PlannedMasks(configuration)) {
      List<Planned> batch = new ArrayList<>();
      for (Planned mask = masks.next(); mask != null; mask = masks.next()) {
        for (int copy = 0; copy < mask.copies(); copy++) {
          batch.add(mask.numbered(copy));
          if (batch.size() == synthesizer.batchSize()) {
            write(batch, synthesizer, lineage, pairs, made);
          }
        }
      }
      if (!batch.isEmpty()) {
        write(batch, synthesizer, lineage, pairs, made);
      }
    }
    target.stage(number, attempt, configuration);
  }

  private void write(
      List<Planned> batch,
      Synthesizer synthesizer,
      PairsTable.Lineage lineage,
      TableFile<PairRow> pairs,
      LongConsumer made)
      throws IOException {
    List<Condition> conditions = batch.stream().map(Planned::condition).toList();
    PngEncoder png = new PngEncoder();
    List<Pair> results = synthesizer.synthesize(conditions);
    for (int i = 0; i < results.size(); i++) {
      pairs.append(row(batch.get(i), results.get(i), png, lineage));
    }
    made.accept(batch.size());
    batch.clear();
  }

  private PairRow row(Planned planned, Pair pair, PngEncoder png, PairsTable.Lineage lineage) {
    String path = planned.key() + "/" + planned.copy();
    return new PairRow(
        planned.key(),
        planned.copy(),
        0,
        planned.stored().sceneId(),
        planned.stored().row(),
        planned.stored().column(),
        planned.stored().split(),
        planned.patchesRun(),
        planned.redrawn().isPresent() ? planned.redrawn().getAsInt() : null,
        new EncodedImage(png.encode(pair.image()), path + ".png"),
        new EncodedImage(planned.maskPng(png, scheme), path + "_mask.png"),
        pair.image().width(),
        pair.image().height(),
        pair.image().bands(),
        planned.mask().counts(scheme).pixels(),
        scheme.name(),
        lineage);
  }

  /** One pair to make. */
  private record Planned(
      String key,
      int copy,
      int copies,
      OptionalInt redrawn,
      String patchesRun,
      StoredMask stored,
      ClassMask mask) {
    Planned numbered(int number) {
      return new Planned(key, number, copies, redrawn, patchesRun, stored, mask);
    }

    /** The mask's PNG: that of the patch, byte for byte, where it has one. */
    byte[] maskPng(PngEncoder png, LandCoverScheme scheme) {
      return stored.shape().format().equals(PixelFormat.PNG.text())
          ? stored.bytes()
          : png.encodeMask(mask, scheme);
    }

    Condition condition() {
      return new Condition(key, copy, 0, mask, redrawn);
    }
  }

  /** Reads the plan's rows, and beside them the masks they name, which lie in the same order. */
  private final class PlannedMasks implements AutoCloseable {
    private final Configuration configuration;
    private final ParquetReader<Group> plan;
    private final PixelDecoder pixels = new PixelDecoder();
    private StoredMask.Masks masks;
    private String open = "";

    PlannedMasks(Configuration configuration) throws IOException {
      this.configuration = configuration;
      this.plan =
          ParquetReader.builder(new GroupReadSupport(), new Path(planFile))
              .withConf(configuration)
              .build();
    }

    Planned next() throws IOException {
      Group row = plan.read();
      if (row == null) {
        return null;
      }
      StoredMask stored = find(row);
      ClassMask mask = pixels.mask(stored.bytes(), stored.shape());
      return new Planned(
          row.getString("condition", 0),
          0,
          row.getInteger("copies", 0),
          row.getFieldRepetitionCount("redrawn_class") > 0
              ? OptionalInt.of(row.getInteger("redrawn_class", 0))
              : OptionalInt.empty(),
          row.getString("patches_run", 0),
          stored,
          mask);
    }

    private StoredMask find(Group row) throws IOException {
      String file =
          String.join(
              "/",
              datasetRoot,
              "run_id=" + row.getString("patches_run", 0),
              PatchesTable.NAME,
              Bucket.fileName(row.getInteger("patches_bucket", 0)));
      if (!file.equals(open)) {
        close(masks);
        masks = StoredMask.open(file, StoredMask.ANY_CLASS, configuration);
        open = file;
      }
      for (StoredMask mask = masks.next(); mask != null; mask = masks.next()) {
        if (mask.sceneId().equals(row.getString("scene_id", 0))
            && mask.row() == row.getInteger("row", 0)
            && mask.column() == row.getInteger("col", 0)) {
          return mask;
        }
      }
      throw new IOException(
          planFile + ": condition " + row.getString("condition", 0) + " is not in " + file);
    }

    private static void close(StoredMask.Masks masks) throws IOException {
      if (masks != null) {
        masks.close();
      }
    }

    @Override
    public void close() throws IOException {
      close(masks);
      plan.close();
    }
  }

  /** Where a plan's buckets are read. */
  public static String planFile(String root, String run, int bucket) {
    return String.join(
        "/", root, "run_id=" + run, SynthesisPlanTable.NAME, Bucket.fileName(bucket));
  }
}
