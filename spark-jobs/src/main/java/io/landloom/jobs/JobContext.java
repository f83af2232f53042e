package io.landloom.jobs;

import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.run.DatasetRoot;
import io.landloom.jobs.run.RunId;
import io.landloom.jobs.run.Schemes;
import io.landloom.jobs.source.Captions;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/**
 * What a job works with.
 *
 * @param spark the Spark session
 * @param settings the effective configuration
 * @param out where progress and summary go
 */
record JobContext(SparkSession spark, Settings settings, PrintStream out) {
  /** Spark's Java API. */
  JavaSparkContext java() {
    return JavaSparkContext.fromSparkContext(spark.sparkContext());
  }

  /** Hadoop's configuration, for file systems. */
  Configuration hadoop() {
    return spark.sparkContext().hadoopConfiguration();
  }

  /** Hadoop's configuration, for tasks. */
  Broadcast<SerializableConfiguration> sharedHadoop() {
    return java().broadcast(new SerializableConfiguration(hadoop()));
  }

  /** The dataset at {@code output.root}. */
  DatasetRoot dataset() throws IOException {
    return new DatasetRoot(settings.text("output.root"), hadoop());
  }

  /** Starts the id of a run, with a scheduler's interval where one is given. */
  RunId.Builder runId(String job) {
    RunId.Builder id = RunId.of(job);
    settings.optionalText("run.interval").ifPresent(interval -> id.with("interval", interval));
    return id;
  }

  /** The land-cover scheme. */
  LandCoverScheme scheme() {
    return Schemes.of("scheme", settings.text("scheme"));
  }

  /**
   * What was written about patches, by the key {@code captions.file}.
   *
   * @param read whether the model reads captions; of one that does not the file changes nothing
   */
  Captions captions(boolean read) throws IOException {
    Optional<String> file = settings.optionalText("captions.file");
    return read && file.isPresent() ? Captions.read(hadoop(), file.get()) : Captions.NONE;
  }

  /** The same with another configuration, for jobs that run jobs. */
  JobContext with(Settings other) {
    return new JobContext(spark, other, out);
  }

  /**
   * Most rows a file of images should hold.
   *
   * @param rowBytes bytes of the pixels of a row, before they are encoded
   */
  int bucketRows(long rowBytes) {
    int rows = settings.integer("output.bucketRows", 1, 1 << 20);
    long bytes = (long) settings.integer("output.fileMiB", 1, 1 << 20) << 20;
    return (int) Math.max(1, Math.min(rows, bytes / rowBytes));
  }

  /**
   * The GPUs that the stage of a job asks for.
   *
   * @param deviceKey the key that says which device the stage works on
   */
  StageGpus gpus(String deviceKey) {
    return StageGpus.of(settings, deviceKey, java().getConf());
  }

  /** Number of Spark partitions for a number of buckets. */
  int partitions(int buckets) {
    int wanted = settings.integer("run.partitions", 0, 1_000_000);
    return Math.max(1, wanted == 0 ? buckets : Math.min(wanted, Math.max(1, buckets)));
  }
}
