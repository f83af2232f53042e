package io.landloom.synthesis.tensor;

import java.util.List;
import java.util.Optional;

/**
 * What a failure of libtorch says about the device it happened on.
 *
 * <p>libtorch throws one type for everything, so its words decide. A CUDA error other than those
 * below is taken for a lost device: CUDA gives it again for every later call of the process.
 */
public enum DeviceFault {
  /** The batch was too large for the memory that is free; a smaller one may fit. */
  OUT_OF_MEMORY,
  /** No later call of this process on the device can succeed. */
  POISONED,
  /** Nothing about the device. */
  NONE;

  private static final List<String> MEMORY =
      List.of(
          "CUDA out of memory",
          "CUDA error: out of memory",
          "CUBLAS_STATUS_ALLOC_FAILED",
          "CUDNN_STATUS_ALLOC_FAILED",
          "DefaultCPUAllocator: can't allocate memory");

  /** Wrong set-ups, which leave the device as it was. */
  private static final List<String> HARMLESS =
      List.of(
          "no kernel image is available",
          "invalid device ordinal",
          "no CUDA-capable device is detected",
          "CUDA driver version is insufficient");

  private static final List<String> FATAL =
      List.of(
          "CUDA error: ",
          "CUDA driver error: ",
          "device-side assert triggered",
          "an illegal memory access was encountered",
          "unspecified launch failure",
          "CUDNN_STATUS_EXECUTION_FAILED",
          "CUDNN_STATUS_INTERNAL_ERROR");

  /** Finds an exception of the engine in a chain of causes, and what it says. */
  public static DeviceFault of(Throwable thrown) {
    String words = words(thrown).orElse("");
    if (says(words, MEMORY)) {
      return OUT_OF_MEMORY;
    }
    return says(words, FATAL) && !says(words, HARMLESS) ? POISONED : NONE;
  }

  /**
   * The engine's words as one line without a full stop; those of the exception itself where it has
   * none.
   */
  public static String line(Throwable thrown) {
    String words = words(thrown).orElse(String.valueOf(thrown.getMessage()));
    return words
        .lines()
        .filter(line -> says(line, MEMORY) || says(line, FATAL))
        .findFirst()
        .or(() -> words.lines().findFirst())
        .orElse("")
        .strip()
        .replaceAll("\\.$", "");
  }

  private static boolean says(String words, List<String> phrases) {
    return phrases.stream().anyMatch(words::contains);
  }

  private static Optional<String> words(Throwable thrown) {
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      if (t instanceof ai.djl.engine.EngineException) {
        return Optional.ofNullable(t.getMessage());
      }
    }
    return Optional.empty();
  }
}
