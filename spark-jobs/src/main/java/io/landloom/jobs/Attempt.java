package io.landloom.jobs;

import java.util.UUID;
import org.apache.spark.TaskContext;

/** Names of task attempts, unlike any other attempt's of this or another driver. */
final class Attempt {
  private Attempt() {}

  /** The name of the running attempt, or of work on the driver. */
  static String id() {
    TaskContext task = TaskContext.get();
    String place = task == null ? "driver" : task.stageId() + "-" + task.partitionId();
    return place + "-" + UUID.randomUUID();
  }
}
