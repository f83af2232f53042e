package io.landloom.jobs;

import io.landloom.jobs.synthesize.FakeGpus;
import io.landloom.synthesis.tensor.TorchEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.spark.resource.ResourceInformation;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorAdded;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The driver of {@link StageLevelTest}: jobs on a Spark of two workers with a GPU each, which run
 * in this JVM and start executors as processes.
 *
 * <p>Says on standard output which executors a job's tasks started on and with which GPUs, how
 * executors ended, and which devices the pairs name.
 */
final class StageLevelRun {
  private static final String GROUP = "spark.jobGroup.id";

  private StageLevelRun() {}

  /** Takes an empty folder, the discovery script and the class path of executors. */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    // unpacks libtorch once, before executors do so side by side
    TorchEngine.visibleGpus();
    SparkSession spark = session(arguments[1], arguments[2]);
    Seen seen = new Seen();
    spark.sparkContext().addSparkListener(seen);
    String root = "output.root=" + folder.resolve("dataset");
    run(spark, "simulate", root, "simulate.scenes=1", "simulate.width=256", "simulate.height=200");
    run(
        spark,
        "tile",
        root,
        "input.scenes=" + folder.resolve("dataset/images"),
        "input.labels=" + folder.resolve("dataset/labels"),
        "splits.block=1",
        "output.bucketRows=8",
        "patch.size=32");
    run(spark, "train", TinyNetworks.with(root, "csebgan.steps=1"));
    run(spark, "plan", root, "output.bucketRows=8");
    synthesize(spark, folder, root);
    spark.sparkContext().setJobGroup("query", "query", false);
    List<Row> devices =
        spark
            .read()
            .parquet(published(folder, "synthesize").resolve("pairs").toString())
            .select("device")
            .distinct()
            .collectAsList();
    spark.stop(); // with the listener's queue
    devices.forEach(row -> System.out.println("pairs drawn on " + row.getString(0)));
    seen.print();
  }

  private static SparkSession session(String discovery, String classPath) {
    return SparkSession.builder()
        .master("local-cluster[2,1,1024]")
        .config("spark.worker.resource.gpu.amount", "1")
        .config("spark.worker.resource.gpu.discoveryScript", discovery)
        .config("spark.dynamicAllocation.enabled", "true")
        .config("spark.dynamicAllocation.shuffleTracking.enabled", "true")
        .config("spark.dynamicAllocation.shuffleTracking.timeout", "2s")
        .config("spark.dynamicAllocation.executorIdleTimeout", "2s")
        .config("spark.executor.cores", "1")
        .config("spark.executor.memory", "640m")
        .config("spark.executor.extraClassPath", classPath)
        .config(
            "spark.executor.extraJavaOptions",
            "-Dai.djl.offline=true -DOPT_OUT_TRACKING=true -Dai.djl.pytorch.num_threads=1"
                + " -Dai.djl.pytorch.num_interop_threads=1")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.hadoop.parquet.page.verify-checksum.enabled", "true")
        .getOrCreate();
  }

  private static void run(SparkSession spark, String job, String... sets) {
    spark.sparkContext().setJobGroup(job, job, false);
    JobName name =
        Arrays.stream(JobName.values()).filter(n -> n.text().equals(job)).findFirst().orElseThrow();
    JobRunner.run(name, new JobContext(spark, Settings.of(List.of(), List.of(sets)), System.out));
  }

  /** With GPUs of its own, of which the first is lost and one batch in ten has no memory. */
  private static void synthesize(SparkSession spark, Path folder, String root) throws IOException {
    spark.sparkContext().setJobGroup("synthesize", "synthesize", false);
    Settings settings =
        Settings.of(
            List.of(),
            List.of(
                root,
                "model=" + published(folder, "train").resolve("bundle"),
                "gpus.from=stage",
                "synthesize.device=gpu",
                "synthesize.batch=2",
                "gates.leastRange=0",
                "gates.mostSaturated=1"));
    new SynthesizePairs(new FakeGpus(10, folder.resolve("lost").toString()))
        .run(new JobContext(spark, settings, System.out));
  }

  private static Path published(Path folder, String job) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("dataset"))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("run_id=" + job + "-"))
          .findFirst()
          .orElseThrow();
    }
  }

  /** What Spark says of executors and tasks. */
  private static final class Seen extends SparkListener {
    private final Map<String, List<String>> gpus = new ConcurrentHashMap<>();
    private final Map<Integer, String> groups = new ConcurrentHashMap<>();
    private final Map<String, Set<String>> executors = new TreeMap<>();
    private final Map<String, String> ends = new TreeMap<>();

    @Override
    public void onExecutorAdded(SparkListenerExecutorAdded event) {
      scala.Option<ResourceInformation> gpu = event.executorInfo().resourcesInfo().get("gpu");
      gpus.put(event.executorId(), gpu.isEmpty() ? List.of() : List.of(gpu.get().addresses()));
    }

    @Override
    public void onExecutorRemoved(SparkListenerExecutorRemoved event) {
      ends.put(event.executorId(), event.reason());
    }

    @Override
    public void onStageSubmitted(SparkListenerStageSubmitted event) {
      groups.put(event.stageInfo().stageId(), event.properties().getProperty(GROUP));
    }

    @Override
    public void onTaskStart(SparkListenerTaskStart event) {
      executors
          .computeIfAbsent(groups.get(event.stageId()), group -> new TreeSet<>())
          .add(event.taskInfo().executorId());
    }

    void print() {
      executors.forEach(
          (group, ids) ->
              ids.forEach(id -> System.out.println(group + " had GPUs " + gpus.get(id))));
      ends.forEach((id, reason) -> System.out.println("executor ended: " + reason));
    }
  }
}
