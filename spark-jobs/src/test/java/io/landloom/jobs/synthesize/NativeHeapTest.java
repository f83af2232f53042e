package io.landloom.jobs.synthesize;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.landloom.synthesis.tensor.TorchEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NativeHeapTest {
  private static final Path STATUS = Path.of("/proc/self/status");

  /** Of many small arrays every hundredth stays, so that the C library keeps the others' memory. */
  @Test
  void memoryBetweenArraysThatStayIsGivenBack() throws IOException {
    assumeTrue(Files.exists(STATUS), "no /proc here");
    assumeTrue(
        Runtime.version().compareTo(Runtime.Version.parse("17.0.15")) >= 0,
        "an older Java may not have the command");
    assertTrue(NativeHeap.trim());
    try (NDManager manager = TorchEngine.newManager(Device.cpu())) {
      List<NDArray> arrays = new ArrayList<>();
      for (int i = 0; i < 4000; i++) {
        arrays.add(manager.ones(new Shape(10_000)));
      }
      for (int i = 0; i < arrays.size(); i++) {
        if (i % 100 != 99) {
          arrays.get(i).close();
        }
      }
      long before = resident();
      assertTrue(NativeHeap.trim());
      long after = resident();
      assertTrue(before - after > 100_000, before + " KiB to " + after);
    }
  }

  private static long resident() throws IOException {
    for (String line : Files.readAllLines(STATUS)) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    throw new IOException(STATUS + " says no VmRSS");
  }
}
