package io.landloom.jobs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.landloom.geo.landcover.LandCoverScheme;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class RunRecordTest {
  private static final RunId RUN = RunId.of("tile").with("test", "record").build();

  private static RunRecord record(Map<String, Object> fields) {
    return new RunRecord(RUN, "2026-01-01T00:00:00Z", fields);
  }

  @Test
  void fieldsAreReadBackAsTheyWere() {
    RunRecord record =
        record(
            Map.of(
                "scheme",
                "gid15",
                "counts.written",
                12,
                "names",
                List.of("a", "b"),
                "counts.x",
                1));
    RunRecord read = RunRecord.parse(record.json());
    assertEquals(record, read);
    assertEquals("gid15", read.text(RunRecord.SCHEME));
    assertEquals(12, read.number("counts.written"));
    assertEquals(List.of("a", "b"), read.list("names"));
  }

  @Test
  void aFieldThatIsNotThereIsNamedAndAListThatIsNotThereIsEmpty() {
    RunRecord record = record(Map.of("scheme", "gid15"));
    assertEquals(List.of(), record.list("names"));
    assertEquals(List.of(), record.list("scheme"));
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> record.text("plan"));
    assertEquals("run.json of " + RUN + " has no plan", e.getMessage());
  }

  @Test
  void masksAreThoseOfPeopleUnlessTheRunSaysOtherwise() {
    assertEquals("labelled", record(Map.of()).maskSource());
    assertEquals("predicted", record(Map.of("config.labels.source", "predicted")).maskSource());
  }

  @Test
  void aDigestIsOfTheDefinition() {
    LandCoverScheme scheme = LandCoverScheme.named("gid15");
    CRC32C crc = new CRC32C();
    crc.update(scheme.definition().getBytes(StandardCharsets.UTF_8));
    assertEquals(String.format("crc32c:%08x", crc.getValue()), RunRecord.digest(scheme));
    assertNotEquals(RunRecord.digest(scheme), RunRecord.digest(LandCoverScheme.named("mbrsc")));
  }
}
