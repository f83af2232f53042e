package io.landloom.jobs.synthesize;

import ai.djl.Device;
import io.landloom.synthesis.tensor.DeviceChoice;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/** The device Spark gave to the running task. */
public final class TaskDevice {
  private TaskDevice() {}

  /**
   * Chooses the device.
   *
   * @param wanted auto for the task's GPU where it was given one and else the CPU, cpu, or gpu to
   *     insist
   */
  public static Device choose(String wanted) {
    return DeviceChoice.of(wanted, addresses());
  }

  /** A device's name in tables: {@code cpu} or {@code gpu:n}. */
  public static String name(Device device) {
    return device.isGpu() ? "gpu:" + device.getDeviceId() : "cpu";
  }

  /** Addresses of the GPUs that Spark gave to the running task. */
  static List<String> addresses() {
    TaskContext task = TaskContext.get();
    ResourceInformation gpu = task == null ? null : task.resourcesJMap().get("gpu");
    return gpu == null ? List.of() : List.of(gpu.addresses());
  }
}
