package io.landloom.jobs.source;

import io.landloom.geo.scene.SceneId;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.tile.HeaderReading;
import io.landloom.jobs.tile.Refusal;
import io.landloom.jobs.tile.SceneEntry;
import io.landloom.jobs.tile.SceneFile;
import io.landloom.jobs.tile.TileRule;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.connector.catalog.SupportsRead;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The scenes of one load, on the driver: their files, listed once, and what was read of their
 * headers so far.
 */
final class SceneTable implements SupportsRead {
  private static final Logger LOG = LoggerFactory.getLogger(SceneTable.class);

  private final SparkSession spark;
  private final SourceOptions options;
  private final List<SceneFile> files;
  private final Broadcast<SerializableConfiguration> hadoop;
  private final Map<SceneId, SceneEntry> entries = new TreeMap<>();

  /** Scenes left out by queries before, so that they are neither read nor logged again. */
  private final Set<SceneId> leftOut = new TreeSet<>();

  private SceneTable(
      SparkSession spark,
      SourceOptions options,
      List<SceneFile> files,
      Broadcast<SerializableConfiguration> hadoop) {
    this.spark = spark;
    this.options = options;
    this.files = files;
    this.hadoop = hadoop;
  }

  /**
   * Lists the scenes; opens none.
   *
   * @throws JobException if there are none, or labels are missing
   */
  static SceneTable list(SparkSession spark, SourceOptions options) {
    Configuration configuration = spark.sessionState().newHadoopConf();
    try {
      return new SceneTable(
          spark,
          options,
          options.list(configuration),
          java(spark).broadcast(new SerializableConfiguration(configuration)));
    } catch (IOException e) {
      throw new JobException(
          JobException.Kind.INFRA, "path = " + options.path() + ": " + e.getMessage(), e);
    }
  }

  private static JavaSparkContext java(SparkSession spark) {
    return JavaSparkContext.fromSparkContext(spark.sparkContext());
  }

  SparkSession spark() {
    return spark;
  }

  SourceOptions options() {
    return options;
  }

  List<SceneFile> files() {
    return files;
  }

  /**
   * The entries of scenes, without those left out, where the headers of all were read already; this
   * reads nothing.
   */
  synchronized Optional<List<SceneEntry>> known(List<SceneFile> scenes) {
    return scenes.stream().allMatch(this::isKnown)
        ? Optional.of(entriesOf(scenes))
        : Optional.empty();
  }

  private boolean isKnown(SceneFile scene) {
    return entries.containsKey(scene.id()) || leftOut.contains(scene.id());
  }

  private List<SceneEntry> entriesOf(List<SceneFile> scenes) {
    return scenes.stream().map(scene -> entries.get(scene.id())).filter(Objects::nonNull).toList();
  }

  /**
   * The entries of scenes, in their order; those not known yet are read in a Spark job of their
   * own.
   *
   * @throws JobException if a scene is refused and {@code badScenes} is {@code fail}
   */
  synchronized List<SceneEntry> entries(List<SceneFile> scenes) {
    List<SceneFile> missing = scenes.stream().filter(scene -> !isKnown(scene)).toList();
    List<Refusal> refusals = new ArrayList<>();
    for (HeaderReading reading : read(missing)) {
      if (reading.refusal() == null) {
        entries.put(reading.entry().id(), reading.entry());
      } else {
        refusals.add(reading.refusal());
      }
    }
    check(refusals, scenes.size());
    return entriesOf(scenes);
  }

  private List<HeaderReading> read(List<SceneFile> scenes) {
    if (scenes.isEmpty()) {
      return List.of();
    }
    JavaSparkContext java = java(spark);
    TileRule rule = options.rule();
    Broadcast<SerializableConfiguration> shared = hadoop;
    int slices = Math.min(scenes.size(), 4 * java.defaultParallelism());
    return java
        .parallelize(scenes.stream().map(JavaBytes::of).toList(), slices)
        .map(
            scene ->
                JavaBytes.of(
                    HeaderReading.withoutChecksums(
                        JavaBytes.value(scene, SceneFile.class),
                        rule,
                        SourceOptions.KEYS,
                        shared.value().value())))
        .collect()
        .stream()
        .map(reading -> JavaBytes.value(reading, HeaderReading.class))
        .toList();
  }

  private void check(List<Refusal> refusals, int scenes) {
    if (refusals.isEmpty()) {
      return;
    }
    if (options.badScenes() == SourceOptions.BadScenes.SKIP) {
      for (Refusal refusal : refusals) {
        LOG.warn("scene left out: {}", refusal.message());
        leftOut.add(refusal.scene());
      }
      return;
    }
    String others =
        refusals.size() == 1
            ? ""
            : " (and " + (refusals.size() - 1) + " more of " + scenes + " scenes)";
    throw JobException.rejected(
        refusals.get(0).message() + others + "; badScenes=skip leaves such scenes out");
  }

  /** What makes the readers of a scan's columns. */
  PatchReader.Factory readers(List<PatchColumn> columns) {
    return new PatchReader.Factory(columns, options.rule(), options.badScenes(), hadoop);
  }

  @Override
  public String name() {
    return "landloom " + options.path();
  }

  @Override
  public StructType schema() {
    return PatchColumn.schema(PatchColumn.all());
  }

  @Override
  public Set<TableCapability> capabilities() {
    return Set.of(TableCapability.BATCH_READ);
  }

  @Override
  public ScanBuilder newScanBuilder(CaseInsensitiveStringMap scanOptions) {
    return new PatchScanBuilder(this);
  }
}
