package io.landloom.synthesis.tensor;

import ai.djl.Device;
import java.util.List;
import java.util.Map;

/**
 * Chooses the device a task computes on.
 *
 * <p>Whoever was given a GPU computes on it or not at all: a GPU that is held and not used would
 * otherwise show only in the time the work takes.
 */
public final class DeviceChoice {
  private static final String VISIBLE = "CUDA_VISIBLE_DEVICES";

  private DeviceChoice() {}

  /**
   * The device of a task.
   *
   * @param wanted {@code gpu}; {@code cpu}; or {@code auto}, the GPU where the task was given one
   *     and else the CPU
   * @param addresses the GPUs given to the task, such as a Spark task's resource addresses; the
   *     first one is taken. An address is the number by which libtorch knows the GPU; or, where
   *     libtorch sees one GPU alone, what CUDA_VISIBLE_DEVICES calls it
   * @throws EngineException if a GPU is wanted or given, but not there
   */
  public static Device of(String wanted, List<String> addresses) {
    return switch (wanted) {
      case "cpu" -> Device.cpu();
      case "gpu" -> gpu(addresses, TorchEngine.visibleGpus(), System.getenv());
      case "auto" -> addresses.isEmpty() ? Device.cpu() : of("gpu", addresses);
      default -> throw new EngineException("device '" + wanted + "' is none of auto, cpu and gpu");
    };
  }

  static Device gpu(List<String> addresses, int visible, Map<String, String> environment) {
    if (addresses.isEmpty()) {
      throw new EngineException(
          "the task was given no GPU address; ask Spark for GPUs or allow the CPU");
    }
    String address = addresses.get(0);
    // a container of one GPU knows it as number 0, whatever the node calls it
    if (visible == 1 && address.equals(environment.get(VISIBLE))) {
      return Device.gpu(0);
    }
    if (!address.matches("[0-9]{1,4}")) {
      throw new EngineException(
          "GPU address '"
              + address
              + "' is not a number; let the discovery script print the numbers that CUDA uses");
    }
    if (Integer.parseInt(address) >= visible) {
      throw new EngineException(
          String.format(
              "GPU %s was given, but libtorch sees %d GPU(s)%s; use a libtorch for CUDA and a"
                  + " discovery script that prints the numbers CUDA uses, or set the device to cpu",
              address,
              visible,
              environment.containsKey(VISIBLE)
                  ? " with " + VISIBLE + "=" + environment.get(VISIBLE)
                  : ""));
    }
    return Device.gpu(Integer.parseInt(address));
  }
}
