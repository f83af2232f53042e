package io.landloom.jobs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunIdTest {
  @Test
  void isTheSameForTheSameWorkAndNothingElse() {
    RunId id = RunId.of("tile").with("size", 256).with("scheme", "gid15").build();
    assertEquals(id, RunId.of("tile").with("size", 256).with("scheme", "gid15").build());
    assertNotEquals(id, RunId.of("tile").with("size", 255).with("scheme", "gid15").build());
    assertNotEquals(id, RunId.of("plan").with("size", 256).with("scheme", "gid15").build());
    assertNotEquals(
        RunId.of("tile").with("a", "b=c").build(),
        RunId.of("tile").with("a=b", "c").with("", "").build());
    assertEquals("tile", id.job());
  }

  @Test
  void isSafeAsAFolderName() {
    assertThrows(IllegalArgumentException.class, () -> new RunId("../tile-0011223344556677"));
    assertThrows(IllegalArgumentException.class, () -> new RunId("tile-00112233445566"));
  }

  @Test
  void recordsGoThereAndBack() {
    RunRecord record =
        new RunRecord(
            RunId.of("tile").build(),
            "2026-01-01T00:00:00Z",
            Map.of("counts.written", 3L, "config.splits.shares", List.of(4, 1, 1), "kind", "OK"));
    RunRecord back = RunRecord.parse(record.json());
    assertEquals(record.runId(), back.runId());
    assertEquals(3, back.number("counts.written"));
    assertEquals(List.of(4, 1, 1), back.fields().get("config.splits.shares"));
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> back.number("counts.other"));
    assertEquals("run.json of " + record.runId() + " has no counts.other", e.getMessage());
  }

  @Test
  void bucketsShareSmallRunsAndBoundLargeOnes() {
    assertEquals(1, Bucket.rows(10, 1, 1024));
    assertEquals(4, Bucket.rows(128, 1, 1024));
    assertEquals(23, Bucket.rows(728, 1, 1024));
    assertEquals(1024, Bucket.rows(1_000_000, 1, 1024));
    assertEquals(32, Bucket.rows(44, 32, 1024));
    assertEquals(8, Bucket.rows(44, 32, 8));
  }
}
