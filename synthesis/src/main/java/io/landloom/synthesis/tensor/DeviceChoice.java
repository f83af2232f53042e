package io.landloom.synthesis.tensor;

import ai.djl.Device;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses the device a task computes on. */
public final class DeviceChoice {
  private static final Logger log = LoggerFactory.getLogger(DeviceChoice.class);

  /** What to do without a usable GPU. */
  public enum Fallback {
    /** Compute on the CPU, with a warning. */
    CPU,
    /** Refuse. */
    NONE
  }

  private DeviceChoice() {}

  /**
   * The device of a task.
   *
   * @param kind {@code cpu} or {@code gpu}
   * @param addresses the GPUs given to the task, such as a Spark task's resource addresses; the
   *     first one is taken
   * @param fallback what to do without a usable GPU
   * @throws EngineException if there is no usable GPU and no fallback
   */
  public static Device of(String kind, List<String> addresses, Fallback fallback) {
    return switch (kind.toLowerCase(Locale.ROOT)) {
      case "cpu" -> Device.cpu();
      case "gpu" -> gpu(addresses, fallback, TorchEngine.visibleGpus());
      default -> throw new EngineException("device '" + kind + "' is neither cpu nor gpu");
    };
  }

  static Device gpu(List<String> addresses, Fallback fallback, int visible) {
    String problem;
    if (addresses.isEmpty()) {
      problem = "the task was given no GPU address";
    } else if (!addresses.get(0).matches("[0-9]{1,4}")) {
      problem = "GPU address '" + addresses.get(0) + "' is not a number";
    } else if (Integer.parseInt(addresses.get(0)) >= visible) {
      problem = "GPU " + addresses.get(0) + " was given, but libtorch sees " + visible + " GPU(s)";
    } else {
      return Device.gpu(Integer.parseInt(addresses.get(0)));
    }
    if (fallback == Fallback.NONE) {
      throw new EngineException(problem + "; give the task a GPU or allow the CPU as fallback");
    }
    log.warn("{}; computing on the CPU", problem);
    return Device.cpu();
  }
}
