package io.landloom.jobs.synthesize;

import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.ProcessEnd;
import io.landloom.synthesis.tensor.DeviceFault;
import java.io.IOException;
import org.apache.spark.SparkEnv;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends an executor whose device is lost, so that Spark gives its tasks to another.
 *
 * <p>After a fatal CUDA error no call of the process succeeds any more: every task that Spark would
 * give this executor, which is the first to be free, would fail too.
 */
public final class ExecutorGuard {
  /** Exit code of an executor that lost its device. */
  public static final int EXIT_CODE = 86;

  /** What Spark calls the driver, which runs tasks itself where the master is local. */
  private static final String DRIVER = "driver";

  private static final Logger log = LoggerFactory.getLogger(ExecutorGuard.class);

  private ExecutorGuard() {}

  /**
   * Work on a device.
   *
   * @param <T> what it gives
   */
  @FunctionalInterface
  public interface Work<T> {
    /** Works. */
    T run() throws IOException;
  }

  /**
   * Works; on a lost device ends the JVM if it is an executor's.
   *
   * @throws JobException of the kind INFRA if the device is lost and this is the driver
   */
  public static <T> T watch(Work<T> work) throws IOException {
    try {
      return work.run();
    } catch (RuntimeException e) {
      if (DeviceFault.of(e) != DeviceFault.POISONED) {
        throw e;
      }
      String reason = "the device of this task is lost: " + DeviceFault.line(e);
      if (isExecutor()) {
        log.error("{}; ending this executor with code {}", reason, EXIT_CODE);
        // not exit: its hooks would wait for native threads that never answer
        ProcessEnd.now(EXIT_CODE);
      }
      throw new JobException(
          JobException.Kind.INFRA, reason + "; start the job again, it keeps what is staged", e);
    }
  }

  private static boolean isExecutor() {
    SparkEnv spark = SparkEnv.get();
    return spark != null && !spark.executorId().equals(DRIVER);
  }
}
