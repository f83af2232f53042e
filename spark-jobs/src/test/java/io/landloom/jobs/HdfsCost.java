package io.landloom.jobs;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.spark.sql.SparkSession;

/**
 * What a scene costs more from HDFS than from local files: {@code HdfsCost FOLDER RUNS}, where the
 * folder holds {@code images} and {@code labels} as {@code simulate} writes them.
 *
 * <p>Name node and data node run in this JVM, so the CPU seconds that count are those of Spark's
 * task threads: a Hadoop client reads by position in the thread that asks, and the nodes work in
 * threads of their own. Those of the whole process are printed beside them. Runs from local files
 * and from HDFS alternate, after two of each that do not count; results go to local files.
 */
final class HdfsCost {
  private static final String TASKS = "Executor task launch worker";
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private HdfsCost() {}

  /** CPU seconds and bytes of one run. */
  private record Cost(double tasks, double process, long sent) {}

  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]).toAbsolutePath();
    int runs = Integer.parseInt(arguments[1]);
    Path work = Files.createTempDirectory("landloom-hdfs-cost");
    Configuration configuration = new Configuration();
    configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, work.resolve("dfs").toString());
    configuration.setInt("dfs.replication", 1);
    try (MiniDFSCluster cluster =
            new MiniDFSCluster.Builder(configuration).numDataNodes(1).build();
        SparkSession spark =
            SparkSession.builder()
                .master("local[1]")
                .config("spark.ui.enabled", "false")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .getOrCreate()) {
      cluster.waitActive();
      FileSystem hdfs = cluster.getFileSystem();
      String there = hdfs.getUri() + "/in";
      for (String kind : List.of("images", "labels")) {
        hdfs.copyFromLocalFile(
            new org.apache.hadoop.fs.Path(folder.resolve(kind).toUri()),
            new org.apache.hadoop.fs.Path(there + "/" + kind));
      }
      List<Cost> local = new ArrayList<>();
      List<Cost> remote = new ArrayList<>();
      for (int run = -2; run < runs; run++) {
        Cost here = run(cluster, folder.toUri().toString(), work.resolve("out"));
        Cost far = run(cluster, there, work.resolve("out"));
        System.out.printf(
            Locale.ROOT,
            "run %2d  local: tasks %.2f s, process %.2f s   hdfs: tasks %.2f s, process %.2f s,"
                + " sent %d bytes%n",
            run,
            here.tasks(),
            here.process(),
            far.tasks(),
            far.process(),
            far.sent());
        if (run >= 0) {
          local.add(here);
          remote.add(far);
        }
      }
      double difference = median(remote) - median(local);
      System.out.printf(
          Locale.ROOT,
          "median of %d runs: tasks %.2f s from local files, %.2f s from HDFS, %.2f s more%n",
          runs,
          median(local),
          median(remote),
          difference);
    } finally {
      FileUtil.fullyDelete(work.toFile());
    }
  }

  private static double median(List<Cost> costs) {
    return costs.stream()
        .mapToDouble(Cost::tasks)
        .sorted()
        .skip(costs.size() / 2)
        .findFirst()
        .orElseThrow();
  }

  private static Cost run(MiniDFSCluster cluster, String input, Path output) {
    FileUtil.fullyDelete(output.toFile());
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long sent = HdfsTest.sent(cluster);
    long process = system.getProcessCpuTime();
    double tasks = taskSeconds();
    SparkTest.succeed(
        "tile",
        "output.root=" + output,
        "input.scenes=" + input + "/images",
        "input.labels=" + input + "/labels");
    return new Cost(
        taskSeconds() - tasks,
        (system.getProcessCpuTime() - process) / 1e9,
        HdfsTest.sent(cluster) - sent);
  }

  /** CPU seconds of the task threads so far; Spark keeps a thread for a minute after its task. */
  private static double taskSeconds() {
    long sum = 0;
    for (ThreadInfo thread : THREADS.getThreadInfo(THREADS.getAllThreadIds())) {
      if (thread != null && thread.getThreadName().startsWith(TASKS)) {
        sum += THREADS.getThreadCpuTime(thread.getThreadId());
      }
    }
    return sum / 1e9;
  }
}
