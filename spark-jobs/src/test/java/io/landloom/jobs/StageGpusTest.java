package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.jobs.run.JobException;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.resource.ExecutorResourceRequest;
import org.apache.spark.resource.ResourceProfile;
import org.junit.jupiter.api.Test;

class StageGpusTest {
  private static final String DEVICE = "synthesize.device";

  private static SparkConf cluster() {
    return new SparkConf(false)
        .set("spark.master", "yarn")
        .set("spark.dynamicAllocation.enabled", "true");
  }

  private static StageGpus of(SparkConf spark, String... sets) {
    return StageGpus.of(Settings.of(List.of(), List.of(sets)), DEVICE, spark);
  }

  @Test
  void theApplicationHasThemUnlessAStageIsToAsk() {
    assertTrue(of(cluster()).profile().isEmpty());
    assertTrue(of(new SparkConf(false).set("spark.master", "local[2]")).profile().isEmpty());
  }

  @Test
  void anExecutorHasTheCoresThatItsGpusGiveWorkTo() {
    ResourceProfile profile =
        of(
                cluster().set("spark.task.cpus", "2"),
                "gpus.from=stage",
                "gpus.perExecutor=2",
                "gpus.tasksEach=3",
                "gpus.discovery=/opt/find-gpus")
            .profile()
            .orElseThrow();
    assertEquals(12, profile.executorResourcesJMap().get("cores").amount());
    ExecutorResourceRequest gpu = profile.executorResourcesJMap().get("gpu");
    assertEquals(2, gpu.amount());
    assertEquals("/opt/find-gpus", gpu.discoveryScript());
    assertEquals(2, profile.taskResourcesJMap().get("cpus").amount());
    assertEquals(1 / 3.0, profile.taskResourcesJMap().get("gpu").amount(), 1e-9);
  }

  @Test
  void asManyTasksFitIntoAGpuAsShareIt() {
    for (int tasks = 1; tasks <= 64; tasks++) {
      // how Spark counts them
      assertEquals(tasks, (int) Math.floor(1.0 / StageGpus.share(tasks)));
    }
  }

  @Test
  void refusesWhatSparkWouldNotGive() {
    assertRefused(
        cluster().remove("spark.dynamicAllocation.enabled"),
        "gpus.from = stage needs spark.dynamicAllocation.enabled=true, and with it"
            + " spark.dynamicAllocation.shuffleTracking.enabled=true or an external shuffle"
            + " service; set them, or take gpus.from = application");
    assertRefused(
        cluster().set("spark.master", "local[*]"),
        "gpus.from = stage needs a cluster that starts executors, not master = local[*]");
    assertRefused(
        cluster().set("spark.executor.resource.gpu.amount", "1"),
        "gpus.from = stage, but spark.executor.resource.gpu.amount = 1 gives GPUs to the executors"
            + " of all stages; leave it out, or take gpus.from = application");
    assertRefused(
        cluster(),
        "synthesize.device = cpu, but gpus.from = stage asks for GPUs that nothing would use",
        DEVICE + "=cpu");
    assertRefused(
        cluster(),
        "gpus.perExecutor = 0: expected a whole number from 1 to 64",
        "gpus.perExecutor=0");
  }

  private static void assertRefused(SparkConf spark, String message, String... sets) {
    String[] all =
        Stream.concat(Stream.of("gpus.from=stage"), Stream.of(sets)).toArray(String[]::new);
    JobException e = assertThrows(JobException.class, () -> of(spark, all));
    assertEquals(JobException.Kind.USER, e.kind());
    assertEquals(message, e.getMessage());
  }
}
