package io.landloom.jobs.synthesize;

import io.landloom.geo.image.PngEncoder;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.metrics.Meters;
import io.landloom.jobs.run.Bucket;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.Staging;
import io.landloom.jobs.table.EncodedImage;
import io.landloom.jobs.table.GateDecisionsTable;
import io.landloom.jobs.table.GateDecisionsTable.DecisionRow;
import io.landloom.jobs.table.PairsTable;
import io.landloom.jobs.table.PairsTable.PairRow;
import io.landloom.jobs.table.PatchesTable;
import io.landloom.jobs.table.PixelDecoder;
import io.landloom.jobs.table.PixelFormat;
import io.landloom.jobs.table.SynthesisPlanTable;
import io.landloom.jobs.table.Table;
import io.landloom.jobs.table.TableFile;
import io.landloom.synthesis.Condition;
import io.landloom.synthesis.Pair;
import io.landloom.synthesis.gate.GatedSynthesis;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
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
 * @param mostRejected pairs of the whole run that may be rejected
 */
public record BucketSynthesis(
    int number,
    String planFile,
    String datasetRoot,
    LandCoverScheme scheme,
    Map<String, String> footer,
    long mostRejected)
    implements Serializable {
  /** Footer entry of the device that drew. */
  public static final String DEVICE = "landloom.device";

  /** Footer entry that counts the draws. */
  public static final String DRAWS = "landloom.draws";

  /** Footer entry that counts how often a batch was split for want of memory. */
  public static final String BATCH_SPLITS = "landloom.batch_splits";

  /** Prefix of the footer entries that count rejected draws by gate. */
  public static final String REJECTED_DRAWS = "landloom.rejected_draws.";

  /** Prefix of the footer entries that count rejected pairs by the gate that rejected the last. */
  public static final String REJECTED = "landloom.rejected.";

  /**
   * Writes and stages the bucket's files.
   *
   * @param made receives the number of pairs decided, batch by batch
   */
  public void run(
      SharedSynthesizer.Loaded model,
      int redraws,
      PairsTable.Lineage lineage,
      Staging.Target target,
      String attempt,
      Configuration configuration,
      LongConsumer made)
      throws IOException {
    try (TableFile<PairRow> pairs =
            file(new PairsTable(), PairsTable.NAME, target, attempt, configuration);
        TableFile<DecisionRow> decisions =
            file(
                new GateDecisionsTable(), GateDecisionsTable.NAME, target, attempt, configuration);
        PlannedMasks masks = new PlannedMasks(configuration)) {
      Results results = new Results(pairs, decisions, lineage, made);
      GatedSynthesis synthesis =
          new GatedSynthesis(new TimedSynthesizer(model.synthesizer()), model.gates(), redraws);
      for (Planned mask = masks.next(); mask != null; mask = masks.next()) {
        for (int copy = 0; copy < mask.copies(); copy++) {
          Planned planned = mask.numbered(copy);
          results.expect(planned);
          results.write(synthesis.add(planned.condition()));
        }
      }
      results.write(synthesis.finish());
      results.note(synthesis.splits());
    }
    target.stage(number, attempt, configuration);
  }

  private <R> TableFile<R> file(
      Table<R> table,
      String name,
      Staging.Target target,
      String attempt,
      Configuration configuration)
      throws IOException {
    return TableFile.create(
        table, target.attempt(name, number, attempt), number, attempt, footer, configuration);
  }

  /** Writes what became of the planned pairs, and counts it. */
  private final class Results {
    private final TableFile<PairRow> pairs;
    private final TableFile<DecisionRow> decisions;
    private final PairsTable.Lineage lineage;
    private final LongConsumer made;
    private final Deque<Planned> expected = new ArrayDeque<>();
    private final PngEncoder png = new PngEncoder();
    private final Map<String, Long> rejectedDraws = new TreeMap<>();
    private final Map<String, Long> rejected = new TreeMap<>();
    private long draws;

    Results(
        TableFile<PairRow> pairs,
        TableFile<DecisionRow> decisions,
        PairsTable.Lineage lineage,
        LongConsumer made) {
      this.pairs = pairs;
      this.decisions = decisions;
      this.lineage = lineage;
      this.made = made;
    }

    /** The pair that a later result will be of. */
    void expect(Planned planned) {
      expected.add(planned);
    }

    void write(List<GatedSynthesis.Result> results) throws IOException {
      for (GatedSynthesis.Result result : results) {
        write(expected.remove(), result);
      }
      if (!results.isEmpty()) {
        made.accept(results.size());
        Meters.PAIRS.inc(results.size());
      }
    }

    private void write(Planned planned, GatedSynthesis.Result result) throws IOException {
      for (GatedSynthesis.Draw draw : result.draws()) {
        draws++;
        draw.rejectedBy().ifPresent(this::reject);
        for (int i = 0; i < draw.decisions().size(); i++) {
          decisions.append(planned.decision(draw, i));
        }
      }
      if (result.pair().isPresent()) {
        pairs.append(row(planned, result.pair().get(), png, lineage));
      } else {
        rejected.merge(result.rejectedBy().orElseThrow(), 1L, Long::sum);
        stopIfTooMany(planned);
      }
    }

    private void reject(String gate) {
      rejectedDraws.merge(gate, 1L, Long::sum);
      Meters.rejectedDraws(gate).inc();
    }

    /** No other task can make good what this one alone has lost. */
    private void stopIfTooMany(Planned planned) {
      long sum = rejected.values().stream().mapToLong(Long::longValue).sum();
      if (sum > mostRejected) {
        throw JobException.rejected(
            String.format(
                "%d pairs of bucket %d are rejected by gates %s, the last one of condition %s; a"
                    + " run may lose %d (gates.maxRejected); look at what the model draws, or use"
                    + " another",
                sum, number, rejected, planned.key(), mostRejected));
      }
    }

    void note(long splits) {
      Meters.BATCH_SPLITS.inc(splits);
      pairs.note(DEVICE, lineage.device());
      decisions.note(DRAWS, Long.toString(draws));
      decisions.note(BATCH_SPLITS, Long.toString(splits));
      rejectedDraws.forEach(
          (gate, count) -> decisions.note(REJECTED_DRAWS + gate, count.toString()));
      rejected.forEach((gate, count) -> decisions.note(REJECTED + gate, count.toString()));
    }
  }

  private PairRow row(Planned planned, Pair pair, PngEncoder png, PairsTable.Lineage lineage) {
    String path = planned.key() + "/" + planned.copy();
    return new PairRow(
        planned.key(),
        planned.copy(),
        pair.condition().draw(),
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

    DecisionRow decision(GatedSynthesis.Draw draw, int place) {
      return new DecisionRow(
          key,
          copy,
          draw.number(),
          stored.sceneId(),
          stored.row(),
          stored.column(),
          patchesRun,
          place,
          draw.decisions().get(place));
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
