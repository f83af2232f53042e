package io.landloom.jobs.synthesize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.engine.EngineException;
import io.landloom.jobs.run.JobException;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the guard does outside an executor; {@code StageLevelTest} has it end one. */
class ExecutorGuardTest {
  @Test
  void givesWhatTheWorkGives() throws IOException {
    assertEquals(7, ExecutorGuard.watch(() -> 7));
  }

  @Test
  void theDriverFailsTheJob() {
    EngineException lost =
        new EngineException(
            "CUDA error: an illegal memory access was encountered\nCUDA kernel errors might be"
                + " asynchronously reported");
    JobException e =
        assertThrows(
            JobException.class,
            () ->
                ExecutorGuard.watch(
                    () -> {
                      throw new IllegalStateException("batch 7", lost);
                    }));
    assertEquals(JobException.Kind.INFRA, e.kind());
    assertEquals(
        "the device of this task is lost: CUDA error: an illegal memory access was encountered;"
            + " start the job again, it keeps what is staged",
        e.getMessage());
  }

  @Test
  void otherFailuresPass() {
    for (RuntimeException failure :
        List.of(
            new EngineException("CUDA out of memory. Tried to allocate 2.00 GiB."),
            new IllegalStateException("CUDA error: device-side assert triggered"))) {
      assertSame(
          failure,
          assertThrows(
              RuntimeException.class,
              () ->
                  ExecutorGuard.watch(
                      () -> {
                        throw failure;
                      })));
    }
  }
}
