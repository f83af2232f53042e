package io.landloom.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.engine.EngineException;
import io.landloom.jobs.run.JobException.Kind;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;

class FailureTest {
  private static Failure of(String words) {
    return Failure.of(new SparkException("Job aborted", new EngineException(words)));
  }

  @Test
  void memoryOfADeviceIsTheClustersProblem() {
    Failure failure = of("CUDA out of memory. Tried to allocate 2.00 GiB.");
    assertEquals(Kind.INFRA, failure.kind());
    assertEquals(
        "out of the device's memory (CUDA out of memory. Tried to allocate 2.00 GiB); make batches"
            + " smaller, let fewer tasks share the device, or use one with more memory",
        failure.message());
  }

  @Test
  void otherWordsOfTheEngineAreABug() {
    Failure failure = of("The size of tensor a (3) must match the size of tensor b (4)\nat op");
    assertEquals(Kind.BUG, failure.kind());
    assertEquals(
        "EngineException: The size of tensor a (3) must match the size of tensor b (4)",
        failure.message());
  }
}
