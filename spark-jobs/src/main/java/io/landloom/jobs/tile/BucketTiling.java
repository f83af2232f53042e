package io.landloom.jobs.tile;

import io.landloom.geo.image.PngEncoder;
import io.landloom.geo.landcover.ClassCounts;
import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.landcover.ClassProportions;
import io.landloom.geo.landcover.LandCoverClass;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.geo.patch.Footprint;
import io.landloom.geo.patch.Patch;
import io.landloom.geo.patch.PatchGrid;
import io.landloom.geo.patch.PatchId;
import io.landloom.geo.scene.Georeference;
import io.landloom.jobs.metrics.Meters;
import io.landloom.jobs.run.Staging;
import io.landloom.jobs.table.EncodedImage;
import io.landloom.jobs.table.PatchClassesTable;
import io.landloom.jobs.table.PatchRow;
import io.landloom.jobs.table.PatchesTable;
import io.landloom.jobs.table.PixelFormat;
import io.landloom.jobs.table.TableFile;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.apache.hadoop.conf.Configuration;

/** One task: cuts the patches of a bucket and writes its files. */
public final class BucketTiling {
  /** Why a patch with too many unknown pixels is dropped. */
  public static final String TOO_MUCH_UNKNOWN = "unknown";

  /** Why a patch without a mask whose image holds too little data is dropped. */
  public static final String NO_DATA = "nodata";

  /** Prefix of the footer entries that count dropped patches by reason. */
  public static final String DROPPED = "landloom.dropped.";

  private final TileBucket bucket;
  private final TileRule rule;
  private final Map<String, String> lineage;
  private final Configuration configuration;
  private final PngEncoder png;
  private final Map<String, Long> dropped = new TreeMap<>();

  /** The work of a task. */
  public BucketTiling(
      TileBucket bucket, TileRule rule, Map<String, String> lineage, Configuration configuration) {
    this.bucket = bucket;
    this.rule = rule;
    this.lineage = lineage;
    this.configuration = configuration;
    this.png = new PngEncoder(rule.pixels().png(), PngEncoder.Options.forMasks());
  }

  /**
   * Writes and stages the bucket's files.
   *
   * @param cut receives the number of patches cut, row by row
   * @return the scene that must be left out, or empty when the bucket is staged
   */
  public Optional<Refusal> run(Staging.Target target, String attempt, LongConsumer cut)
      throws IOException {
    try (TableFile<PatchRow> patches =
            TableFile.create(
                new PatchesTable(rule.pixels().images(), rule.pixels().masks()),
                target.attempt(PatchesTable.NAME, bucket.number(), attempt),
                bucket.number(),
                attempt,
                lineage,
                configuration);
        TableFile<PatchClassesTable.PatchClass> classes =
            TableFile.create(
                new PatchClassesTable(),
                target.attempt(PatchClassesTable.NAME, bucket.number(), attempt),
                bucket.number(),
                attempt,
                lineage,
                configuration)) {
      for (TileBucket.Band band : bucket.bands()) {
        tile(band, patches, classes, cut);
      }
      dropped.forEach((reason, count) -> patches.note(DROPPED + reason, count.toString()));
    } catch (RefusedSceneException e) {
      return Optional.of(e.refusal());
    }
    target.stage(bucket.number(), attempt, configuration);
    return Optional.empty();
  }

  private void tile(
      TileBucket.Band band,
      TableFile<PatchRow> patches,
      TableFile<PatchClassesTable.PatchClass> classes,
      LongConsumer cut)
      throws IOException, RefusedSceneException {
    try (PatchCutter cutter = PatchCutter.open(band.scene(), rule, configuration)) {
      PatchGrid grid = band.scene().grid(rule.size(), rule.stride());
      SplitRule.SceneSplit splits = rule.split().of(band.scene().id(), grid);
      for (int row = band.firstRow(); row < band.firstRow() + band.rows(); row++) {
        for (PatchCutter.Cut cutOut : cutter.row(row)) {
          PatchId id = cutOut.patch().id();
          write(band.scene(), cutOut, splits.of(id.row(), id.column()), patches, classes);
        }
        cut.accept(grid.columns());
        Meters.PATCHES.inc(grid.columns());
      }
    }
  }

  private void write(
      SceneEntry scene,
      PatchCutter.Cut cutOut,
      String split,
      TableFile<PatchRow> patches,
      TableFile<PatchClassesTable.PatchClass> classes)
      throws IOException, RefusedSceneException {
    Patch patch = cutOut.patch();
    ClassCounts counts = patch.mask().map(mask -> mask.counts(rule.scheme())).orElse(null);
    String dropReason = dropReason(counts, cutOut.withoutData());
    if (counts != null) {
      writeClasses(patch, split, counts, dropReason, classes);
    }
    if (dropReason == null) {
      patches.append(row(scene, cutOut, split, counts));
    } else {
      dropped.merge(dropReason, 1L, Long::sum);
    }
  }

  /** Why a patch is dropped, null to keep it; what has no data is unknown where there is a mask. */
  private String dropReason(ClassCounts counts, double withoutData) {
    if (counts == null) {
      return withoutData > rule.maxUnknown() ? NO_DATA : null;
    }
    return counts.unknownFraction() > rule.maxUnknown() ? TOO_MUCH_UNKNOWN : null;
  }

  private void writeClasses(
      Patch patch,
      String split,
      ClassCounts counts,
      String dropReason,
      TableFile<PatchClassesTable.PatchClass> classes)
      throws IOException {
    LandCoverScheme scheme = rule.scheme();
    ClassProportions proportions = counts.proportions();
    String scene = patch.id().scene().name();
    for (int position = 0; position < scheme.size(); position++) {
      LandCoverClass landCoverClass = scheme.classes().get(position);
      OptionalDouble proportion = proportions.at(position);
      classes.append(
          new PatchClassesTable.PatchClass(
              scene,
              patch.id().row(),
              patch.id().column(),
              split,
              position,
              landCoverClass.index(),
              landCoverClass.name(),
              counts.at(position),
              proportion.isPresent() ? proportion.getAsDouble() : null,
              dropReason));
    }
  }

  private EncodedImage image(Patch patch) {
    PixelFormat format = rule.pixels().images();
    byte[] bytes = format == PixelFormat.PNG ? png.encode(patch.image()) : patch.image().samples();
    return new EncodedImage(bytes, patch.id() + "." + format.text());
  }

  private EncodedImage mask(PatchId id, ClassMask mask) {
    PixelFormat format = rule.pixels().masks();
    byte[] bytes = format == PixelFormat.PNG ? png.encodeMask(mask, rule.scheme()) : mask.indices();
    return new EncodedImage(bytes, id + "_mask." + format.text());
  }

  private PatchRow row(SceneEntry scene, PatchCutter.Cut cutOut, String split, ClassCounts counts)
      throws RefusedSceneException {
    Patch patch = cutOut.patch();
    Optional<Georeference> place = Optional.ofNullable(scene.georeference());
    Optional<Footprint> footprint = scene.footprint(patch.window());
    return new PatchRow(
        scene.id().name(),
        patch.id().row(),
        patch.id().column(),
        patch.window().x(),
        patch.window().y(),
        split,
        image(patch),
        patch.mask().map(mask -> mask(patch.id(), mask)).orElse(null),
        patch.mask().isPresent() ? rule.maskSource() : null,
        cutOut.uncertainty(),
        patch.image().width(),
        patch.image().height(),
        patch.image().bands(),
        patch.image().type().dtype(),
        counts == null ? null : counts.pixels(),
        counts == null ? null : counts.unknownFraction(),
        place.map(Georeference::crs).orElse(null),
        place.map(p -> p.shifted(patch.window().x(), patch.window().y()).transform()).orElse(null),
        footprint.map(Footprint::wkb).orElse(null),
        footprint.map(Footprint::bbox).orElse(null),
        scene.file().image(),
        scene.imageChecksum(),
        rule.scheme().name());
  }
}
