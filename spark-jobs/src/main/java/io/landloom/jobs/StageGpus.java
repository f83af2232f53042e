package io.landloom.jobs;

import io.landloom.jobs.run.JobException;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.resource.ExecutorResourceRequests;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.resource.ResourceProfileBuilder;
import org.apache.spark.resource.TaskResourceRequests;

/**
 * The GPUs that one stage asks Spark for, so that executors of other stages hold none ({@code
 * gpus.from = stage}); or nothing, where the application has them.
 */
final class StageGpus {
  private static final String DYNAMIC = "spark.dynamicAllocation.enabled";
  private static final String OF_ALL = "spark.executor.resource.gpu.amount";

  private final Optional<ResourceProfile> profile;

  private StageGpus(Optional<ResourceProfile> profile) {
    this.profile = profile;
  }

  /**
   * Reads what a stage asks for.
   *
   * @param deviceKey the key that says which device the stage works on
   * @throws JobException if Spark could not give it, or nothing would use it
   */
  static StageGpus of(Settings settings, String deviceKey, SparkConf spark) {
    if (settings.choice("gpus.from", "application", "stage").equals("application")) {
      return new StageGpus(Optional.empty());
    }
    String master = spark.get("spark.master", "");
    if (master.equals("local") || master.startsWith("local[")) {
      throw JobException.user(
          "gpus.from = stage needs a cluster that starts executors, not master = " + master);
    }
    if (!spark.getBoolean(DYNAMIC, false)) {
      throw JobException.user(
          "gpus.from = stage needs "
              + DYNAMIC
              + "=true, and with it spark.dynamicAllocation.shuffleTracking.enabled=true or an"
              + " external shuffle service; set them, or take gpus.from = application");
    }
    if (spark.contains(OF_ALL)) {
      throw JobException.user(
          "gpus.from = stage, but "
              + OF_ALL
              + " = "
              + spark.get(OF_ALL)
              + " gives GPUs to the executors of all stages; leave it out, or take gpus.from ="
              + " application");
    }
    if (settings.text(deviceKey).equals("cpu")) {
      throw JobException.user(
          deviceKey + " = cpu, but gpus.from = stage asks for GPUs that nothing would use");
    }
    return new StageGpus(Optional.of(profile(settings, spark.getInt("spark.task.cpus", 1))));
  }

  private static ResourceProfile profile(Settings settings, int taskCores) {
    int gpus = settings.integer("gpus.perExecutor", 1, 64);
    int tasks = settings.integer("gpus.tasksEach", 1, 64);
    return new ResourceProfileBuilder()
        .require(
            new ExecutorResourceRequests()
                // as many as tasks can use: more would lie idle
                .cores(gpus * tasks * taskCores)
                .resource("gpu", gpus, settings.text("gpus.discovery"), "nvidia.com"))
        .require(new TaskResourceRequests().cpus(taskCores).resource("gpu", share(tasks)))
        .build();
  }

  /** A share of which so many fit into one; Spark rounds down how many do. */
  static double share(int tasks) {
    double share = 1.0 / tasks;
    return (int) (1 / share) == tasks ? share : Math.nextDown(share);
  }

  /** What was asked for; empty where the application has the GPUs. */
  Optional<ResourceProfile> profile() {
    return profile;
  }

  /** Has the stage of an RDD ask for them. */
  <T> JavaRDD<T> askedFor(JavaRDD<T> rdd) {
    return profile.map(rdd::withResources).orElse(rdd);
  }
}
