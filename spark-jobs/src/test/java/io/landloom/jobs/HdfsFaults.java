package io.landloom.jobs;

import java.io.Closeable;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * {@code synthesize} on an HDFS of four data nodes, while executors are killed and a data node is
 * stopped; started by {@code benchmarks/reliability/check}, in short by a test.
 */
final class HdfsFaults implements Closeable {
  /** A key of {@code train} by which images of other noise differ by more than a grey level. */
  static final String VISIBLE_NOISE = "csebgan.initialGain=0.5";

  private static final int SCENES = 8;
  private static final int PAIRS = SCENES * 25 * 4;
  private static final int NODES = 4;
  private static final int MOST_SECONDS = 600;

  private final SparkSession spark;
  private final java.nio.file.Path folder;
  private final Random random;
  private final MiniDFSCluster cluster;
  private final FileSystem fileSystem;
  private final String root;
  private final String model;
  private final List<Row> expected;
  private int runs;

  /**
   * Tiles, trains, plans, and synthesizes once without a fault.
   *
   * @param folder an empty local folder
   * @param seed of when executors are killed
   */
  HdfsFaults(SparkSession spark, java.nio.file.Path folder, long seed) throws IOException {
    this.spark = spark;
    this.folder = folder;
    this.random = new Random(seed);
    Configuration configuration = new Configuration();
    configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.resolve("dfs").toString());
    this.cluster = new MiniDFSCluster.Builder(configuration).numDataNodes(NODES).build();
    cluster.waitActive();
    this.fileSystem = cluster.getFileSystem();
    this.root = fileSystem.getUri() + "/landloom/dataset";
    for (int i = 0; i < SCENES; i++) {
      TestScenes.striped(folder, String.format("scene-%02d", i), 160, 160);
    }
    String output = "output.root=" + root;
    SparkTest.succeed(
        "tile",
        output,
        "input.scenes=file:" + folder.resolve("images"),
        "input.labels=file:" + folder.resolve("labels"),
        "scheme=mbrsc",
        "splits.shares=[1,0,0]",
        "patch.size=32");
    SparkTest.succeed(
        "train", TinyNetworks.with(output, "scheme=mbrsc", "csebgan.steps=1", VISIBLE_NOISE));
    this.model = published("train") + "/bundle";
    SparkTest.succeed("plan", output, "scheme=mbrsc", "plan.copies=4", "output.bucketRows=40");
    SparkTest.succeed("synthesize", keys());
    this.expected = takePairs();
    require(expected.size() == PAIRS, expected.size() + " pairs, expected " + PAIRS);
  }

  private String[] keys() {
    return new String[] {
      "output.root=" + root,
      "scheme=mbrsc",
      "model=" + model,
      "synthesize.batch=2",
      "gates.leastRange=0",
      "gates.mostSaturated=1"
    };
  }

  /**
   * What became of a run whose executors were killed.
   *
   * @param killed executors that were killed
   * @param inABucket those that were about to write a bucket
   */
  record Kills(int killed, int inABucket) {}

  /** Synthesizes while executors are killed, all that run at a time, until so many were. */
  Kills killExecutors(int most) throws IOException, InterruptedException {
    java.nio.file.Path log = folder.resolve("driver-" + runs++ + ".log");
    Process driver = cluster().redirectOutput(log.toFile()).start();
    Set<String> underWay = new HashSet<>();
    int killed = 0;
    try {
      boolean ended = false;
      while (killed < most && !ended) {
        int next = underWay.size() + 1 + random.nextInt(3);
        Set<String> attempts = attempts();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(MOST_SECONDS);
        while (union(attempts, underWay).size() < next && !ended) {
          require(System.nanoTime() < end, "nothing new in " + MOST_SECONDS + " s, see " + log);
          ended = driver.waitFor(20, TimeUnit.MILLISECONDS);
          attempts = attempts();
        }
        if (!ended) {
          killed += killAll(driver);
          underWay.addAll(attempts());
        }
      }
      require(driver.waitFor(MOST_SECONDS, TimeUnit.SECONDS), "still running, see " + log);
    } finally {
      driver.descendants().forEach(ProcessHandle::destroyForcibly);
      driver.destroyForcibly();
    }
    String said = Files.readString(log, StandardCharsets.UTF_8);
    require(driver.exitValue() == 0, said);
    require(said.contains("pairs: " + PAIRS + " of " + PAIRS + " planned"), said);
    underWay.removeAll(winners());
    SparkTest.succeed("verify", "output.root=" + root, "scheme=mbrsc");
    require(takePairs().equals(expected), "pairs differ from those of a run without a kill");
    return new Kills(killed, underWay.size());
  }

  private static Set<String> union(Set<String> one, Set<String> other) {
    Set<String> all = new HashSet<>(one);
    all.addAll(other);
    return all;
  }

  /** Executors are the JVMs that the driver has started: a worker of a local cluster is in it. */
  private static int killAll(Process driver) {
    List<ProcessHandle> executors =
        driver
            .descendants()
            .filter(ProcessHandle::isAlive)
            .filter(one -> one.info().command().orElse("").endsWith("/java"))
            .toList();
    executors.forEach(ProcessHandle::destroyForcibly);
    return executors.size();
  }

  /** A driver with two executors of its own, from the jars of the build. */
  private ProcessBuilder cluster() throws IOException {
    java.nio.file.Path home = folder.resolve("spark");
    Files.createDirectories(home.resolve("jars"));
    List<String> options =
        new ArrayList<>(
            List.of(
                "-Dspark.master=local-cluster[2,1,512]",
                "-Dspark.executor.memory=512m",
                "-Dspark.executor.extraClassPath=" + System.getProperty("java.class.path"),
                "-Dspark.executor.extraJavaOptions=-Dai.djl.offline=true -DOPT_OUT_TRACKING=true"
                    + " -Dai.djl.pytorch.num_threads=1 -Dai.djl.pytorch.num_interop_threads=1"
                    + " -XX:TieredStopAtLevel=1",
                "-Dspark.driver.host=127.0.0.1",
                "-Dspark.driver.bindAddress=127.0.0.1",
                // each kill counts as a failure of the task that ran
                "-Dspark.task.maxFailures=1000",
                "-Dspark.deploy.maxExecutorRetries=-1"));
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("-Dai.djl") || argument.startsWith("-DOPT_OUT"))
        .forEach(options::add);
    ProcessBuilder builder = DriverKills.driver(options, "synthesize", keys());
    builder.environment().put("SPARK_HOME", home.toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.12");
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    return builder;
  }

  /** Attempts at buckets that were begun. */
  private Set<String> attempts() throws IOException {
    Set<String> names = new HashSet<>();
    for (FileStatus attempt :
        fileSystem.globStatus(new Path(root + "/_staging/synthesize-*/_attempts/*"))) {
      names.add(attempt.getPath().getName());
    }
    return names;
  }

  /** Attempts whose files were published. */
  private Set<String> winners() throws IOException {
    Set<String> names = new HashSet<>();
    for (FileStatus file :
        fileSystem.globStatus(new Path(root + "/run_id=synthesize-*/pairs/*.parquet"))) {
      try (ParquetFileReader reader =
          ParquetFileReader.open(HadoopInputFile.fromStatus(file, fileSystem.getConf()))) {
        names.add(reader.getFileMetaData().getKeyValueMetaData().get("landloom.attempt"));
      }
    }
    return names;
  }

  /** Synthesizes, and stops one of the data nodes when so many buckets are made. */
  void loseADataNode(int afterBuckets) throws IOException, InterruptedException {
    int stopped = random.nextInt(NODES);
    MiniDFSCluster.DataNodeProperties[] node = new MiniDFSCluster.DataNodeProperties[1];
    AtomicInteger ended = new AtomicInteger();
    SparkListener stopper =
        new SparkListener() {
          @Override
          public void onTaskEnd(SparkListenerTaskEnd event) {
            if (ended.incrementAndGet() == afterBuckets) {
              node[0] = cluster.stopDataNode(stopped);
            }
          }
        };
    spark.sparkContext().addSparkListener(stopper);
    try {
      SparkTest.succeed("synthesize", keys());
    } finally {
      spark.sparkContext().removeSparkListener(stopper);
    }
    require(node[0] != null, "the run ended before a data node was stopped");
    SparkTest.succeed("verify", "output.root=" + root, "scheme=mbrsc");
    require(takePairs().equals(expected), "pairs differ from those of a run without a fault");
    require(cluster.restartDataNode(node[0], true), "the data node does not start again");
    cluster.waitActive();
  }

  /** The published pairs, which then leave the dataset: it holds those of a mask once. */
  private List<Row> takePairs() throws IOException {
    Path run = new Path(published("synthesize"));
    List<Row> rows =
        spark
            .read()
            .parquet(run + "/pairs")
            .orderBy("condition", "copy")
            .selectExpr(
                "condition", "copy", "draw", "sha2(image.bytes, 256)", "sha2(mask.bytes, 256)")
            .collectAsList();
    require(fileSystem.delete(run, true), run + " cannot be removed");
    return rows;
  }

  private String published(String job) throws IOException {
    FileStatus[] found = fileSystem.globStatus(new Path(root + "/run_id=" + job + "-*"));
    require(found.length == 1, found.length + " runs of " + job);
    return found[0].getPath().toString();
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }

  @Override
  public void close() {
    cluster.shutdown(true);
  }
}
