package io.landloom.jobs.synthesize;

import io.landloom.geo.image.PngEncoder;
import io.landloom.geo.image.Raster;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.metrics.Meters;
import io.landloom.jobs.run.Bucket;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.Staging;
import io.landloom.jobs.source.Captions;
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
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
  private static final int NO_SPARES = -1;

  /** Footer entry of the device that drew. */
  public static final String DEVICE = "landloom.device";

  /** Footer entry that counts the draws. */
  public static final String DRAWS = "landloom.draws";

  /** Footer entry that counts how often a batch was split for want of memory. */
  public static final String BATCH_SPLITS = "landloom.batch_splits";

  /** Footer entry that counts the pairs made in the place of others that gates gave up. */
  public static final String TOPPED_UP = "landloom.topped_up";

  /** Prefix of the footer entries that count rejected draws by gate. */
  public static final String REJECTED_DRAWS = "landloom.rejected_draws.";

  /**
   * Prefix of the footer entries that count the pairs that were rejected and not made good, by the
   * gate that rejected the last draw.
   */
  public static final String REJECTED = "landloom.rejected.";

  /**
   * Writes and stages the bucket's files.
   *
   * @param captions what was written about the masks
   * @param made receives the number of pairs decided, batch by batch
   */
  public void run(
      SharedSynthesizer.Loaded model,
      int redraws,
      Captions captions,
      PairsTable.Lineage lineage,
      Staging.Target target,
      String attempt,
      Configuration configuration,
      LongConsumer made)
      throws IOException {
    PixelFormat images = PixelFormat.fitting(model.synthesizer().bands());
    try (TableFile<PairRow> pairs =
            file(new PairsTable(images), PairsTable.NAME, target, attempt, configuration);
        TableFile<DecisionRow> decisions =
            file(
                new GateDecisionsTable(), GateDecisionsTable.NAME, target, attempt, configuration);
        PlannedMasks masks = new PlannedMasks(configuration, layouts(model))) {
      Results results = new Results(pairs, decisions, captions, lineage, made);
      GatedSynthesis synthesis =
          new GatedSynthesis(new TimedSynthesizer(model.synthesizer()), model.gates(), redraws);
      for (Planned mask = masks.next(); mask != null; mask = masks.next()) {
        for (int copy = 0; copy < mask.copies(); copy++) {
          results.add(mask.numbered(copy), mask.instead(copy), synthesis);
        }
        results.topUp(mask, synthesis);
      }
      results.write(synthesis.finish());
      results.flush();
      results.note(synthesis.splits());
      masks.layouts().ifPresent(drawn -> drawn.notes().forEach(decisions::note));
    }
    target.stage(number, attempt, configuration);
  }

  private Optional<DrawnLayouts> layouts(SharedSynthesizer.Loaded model) {
    return Optional.ofNullable(model.layouts()).map(net -> new DrawnLayouts(scheme, net));
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

  /**
   * The place of a planned pair: what is drawn for it, and then in its stead.
   *
   * @param planned what is drawn now
   * @param instead what is drawn if that is given up
   */
  private record Place(Planned planned, List<Planned> instead) {
    Place next() {
      return new Place(instead.get(0), instead.subList(1, instead.size()));
    }
  }

  /** Writes what became of the planned pairs, and counts it. */
  private final class Results {
    private final TableFile<PairRow> pairs;
    private final TableFile<DecisionRow> decisions;
    private final CopyOrder<PairRow> pairsByCopy;
    private final CopyOrder<DecisionRow> decisionsByCopy;
    private final Captions captions;
    private final PairsTable.Lineage lineage;
    private final LongConsumer made;
    private final Deque<Place> expected = new ArrayDeque<>();
    private final TopUp topUp = new TopUp(scheme);
    private final PngEncoder png = new PngEncoder();
    private final Map<String, Long> rejectedDraws = new TreeMap<>();
    private String mask = "";
    private long draws;

    Results(
        TableFile<PairRow> pairs,
        TableFile<DecisionRow> decisions,
        Captions captions,
        PairsTable.Lineage lineage,
        LongConsumer made) {
      this.pairs = pairs;
      this.decisions = decisions;
      this.pairsByCopy = new CopyOrder<>(pairs::append);
      this.decisionsByCopy = new CopyOrder<>(decisions::append);
      this.captions = captions;
      this.lineage = lineage;
      this.made = made;
    }

    /** Has a pair drawn, or another instead. */
    void add(Planned planned, List<Planned> instead, GatedSynthesis synthesis) throws IOException {
      expected.add(new Place(planned, instead));
      write(synthesis.add(condition(planned), instead.stream().map(this::condition).toList()));
    }

    private Condition condition(Planned planned) {
      return planned.condition().captioned(captions.of(planned.key()));
    }

    /** Has further pairs of a mask drawn for those that were lost by then. */
    void topUp(Planned planned, GatedSynthesis synthesis) throws IOException {
      int more = topUp.more(planned.pixels(scheme), planned.spares());
      for (int i = 0; i < more; i++) {
        add(planned.numbered(2 * planned.copies() + i), List.of(), synthesis);
      }
    }

    void write(List<GatedSynthesis.Result> results) throws IOException {
      int decided = 0;
      for (GatedSynthesis.Result result : results) {
        Place place = expected.remove();
        write(place.planned(), result);
        if (result.pair().isEmpty() && !place.instead().isEmpty()) {
          expected.addFirst(place.next());
        } else {
          decided++;
        }
        if (result.pair().isEmpty() && place.instead().isEmpty()) {
          lose(place.planned(), result.rejectedBy().orElseThrow());
        }
      }
      if (decided > 0) {
        made.accept(decided);
        Meters.PAIRS.inc(decided);
        NativeHeap.tidy();
      }
    }

    private void write(Planned planned, GatedSynthesis.Result result) throws IOException {
      if (!planned.key().equals(mask)) {
        flush();
        mask = planned.key();
      }
      List<DecisionRow> its = new ArrayList<>();
      for (GatedSynthesis.Draw draw : result.draws()) {
        draws++;
        draw.rejectedBy().ifPresent(this::reject);
        for (int i = 0; i < draw.decisions().size(); i++) {
          its.add(planned.decision(draw, i));
        }
      }
      decisionsByCopy.add(planned.copy(), planned.copies(), its);
      if (result.pair().isPresent()) {
        PairRow row = row(planned, result.pair().get(), png, lineage);
        pairsByCopy.add(planned.copy(), planned.copies(), List.of(row));
        if (planned.isMore()) {
          topUp.made();
        } else if (planned.copy() >= planned.copies()) {
          topUp.madeInPlace();
        }
      }
    }

    /** Writes what became of the last mask. */
    void flush() throws IOException {
      decisionsByCopy.flush();
      pairsByCopy.flush();
    }

    private void reject(String gate) {
      rejectedDraws.merge(gate, 1L, Long::sum);
      Meters.rejectedDraws(gate).inc();
    }

    private void lose(Planned planned, String gate) {
      if (planned.isMore()) {
        topUp.failed(planned.pixels(scheme));
        return;
      }
      topUp.lost(planned.pixels(scheme), gate);
      long sum = topUp.missing();
      // no other task can make good what this one alone has lost
      if (sum > mostRejected) {
        throw JobException.rejected(
            String.format(
                "%d pairs of bucket %d are rejected by gates %s, the last one of condition %s; a"
                    + " run may lose %d (gates.maxRejected); look at what the model draws, or use"
                    + " another",
                sum, number, topUp.rejected(), planned.key(), mostRejected));
      }
    }

    void note(long splits) {
      Meters.BATCH_SPLITS.inc(splits);
      pairs.note(DEVICE, lineage.device());
      decisions.note(DRAWS, Long.toString(draws));
      decisions.note(BATCH_SPLITS, Long.toString(splits));
      decisions.note(TOPPED_UP, Long.toString(topUp.toppedUp()));
      rejectedDraws.forEach(
          (gate, count) -> decisions.note(REJECTED_DRAWS + gate, count.toString()));
      topUp.rejected().forEach((gate, count) -> decisions.note(REJECTED + gate, count.toString()));
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
        image(pair.image(), path, png),
        new EncodedImage(planned.maskPng(png, scheme), path + "_mask.png"),
        pair.image().width(),
        pair.image().height(),
        pair.image().bands(),
        planned.pixels(scheme),
        scheme.name(),
        lineage);
  }

  private static EncodedImage image(Raster image, String path, PngEncoder png) {
    PixelFormat format = PixelFormat.fitting(image.bands());
    byte[] bytes = format == PixelFormat.PNG ? png.encode(image) : image.samples();
    return new EncodedImage(bytes, path + "." + format.text());
  }

  /**
   * One pair to make.
   *
   * @param spares pairs more of the mask that may be made for others that are lost; {@link
   *     #NO_SPARES} where the plan makes nothing good
   */
  private record Planned(
      String key,
      int copy,
      int copies,
      int spares,
      OptionalInt redrawn,
      String patchesRun,
      StoredMask stored,
      ClassMask mask) {
    Planned numbered(int number) {
      return new Planned(key, number, copies, spares, redrawn, patchesRun, stored, mask);
    }

    /** Another pair of the mask for one of its own that is given up. */
    List<Planned> instead(int number) {
      return spares == NO_SPARES ? List.of() : List.of(numbered(copies + number));
    }

    /** Whether it is drawn for a lost pair of another mask. */
    boolean isMore() {
      return copy >= 2 * copies;
    }

    long[] pixels(LandCoverScheme scheme) {
      return mask.counts(scheme).pixels();
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

  /**
   * Reads the plan's rows, and beside them the masks they name, which lie in the same order; draws
   * those that are not there, all of a bucket at once.
   */
  private final class PlannedMasks implements AutoCloseable {
    private final Configuration configuration;
    private final ParquetReader<Group> plan;
    private final PixelDecoder pixels = new PixelDecoder();
    private StoredMask.Masks masks;
    private final Optional<DrawnLayouts> layouts;
    private final Deque<Planned> drawn = new ArrayDeque<>();
    private String open = "";

    PlannedMasks(Configuration configuration, Optional<DrawnLayouts> layouts) throws IOException {
      this.configuration = configuration;
      this.layouts = layouts;
      this.plan =
          ParquetReader.builder(new GroupReadSupport(), new Path(planFile))
              .withConf(configuration)
              .build();
    }

    Optional<DrawnLayouts> layouts() {
      return layouts;
    }

    Planned next() throws IOException {
      if (!drawn.isEmpty()) {
        return drawn.remove();
      }
      Group row = plan.read();
      if (row == null) {
        return null;
      }
      if (DrawnLayouts.asks(row)) {
        draw(row);
        return drawn.remove();
      }
      StoredMask stored = find(row);
      ClassMask mask = pixels.mask(stored.bytes(), stored.shape());
      return new Planned(
          row.getString("condition", 0),
          0,
          row.getInteger("copies", 0),
          spares(row),
          row.getFieldRepetitionCount("redrawn_class") > 0
              ? OptionalInt.of(row.getInteger("redrawn_class", 0))
              : OptionalInt.empty(),
          row.getString("patches_run", 0),
          stored,
          mask);
    }

    /** Draws the layouts of this row and of all after it: a bucket has layouts alone or none. */
    private void draw(Group first) throws IOException {
      DrawnLayouts drawing =
          layouts.orElseThrow(
              () -> JobException.user(planFile + " asks for layouts; give layouts.model"));
      List<Group> rows = new ArrayList<>();
      for (Group row = first; row != null; row = plan.read()) {
        rows.add(row);
      }
      List<ClassMask> masks = drawing.draw(rows.stream().map(DrawnLayouts::request).toList());
      for (int i = 0; i < masks.size(); i++) {
        Group row = rows.get(i);
        drawn.add(
            new Planned(
                row.getString("condition", 0),
                0,
                row.getInteger("copies", 0),
                spares(row),
                OptionalInt.empty(),
                row.getString("patches_run", 0),
                DrawnLayouts.unstored(row, masks.get(i).width()),
                masks.get(i)));
      }
    }

    /** A plan of an older version has no such column. */
    private static int spares(Group row) {
      return row.getType().containsField("spares") && row.getFieldRepetitionCount("spares") > 0
          ? row.getInteger("spares", 0)
          : NO_SPARES;
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
        masks = StoredMask.open(file, configuration);
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
