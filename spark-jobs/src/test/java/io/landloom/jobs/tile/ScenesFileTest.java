package io.landloom.jobs.tile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.jobs.run.JobException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScenesFileTest {
  @TempDir Path folder;

  private ScenesFile file() {
    return new ScenesFile(new org.apache.hadoop.fs.Path(folder.toUri()), new Configuration());
  }

  @Test
  void givesBackWhatWasWritten() throws IOException {
    List<ScenesFile.Line> lines =
        List.of(
            new ScenesFile.Line("a b/c", "crc32c:1|", "rule", "tiled"),
            new ScenesFile.Line("d", "crc32c:2|crc32c:3", "rule", "unreadable"));
    file().write(lines.stream());
    List<ScenesFile.Line> read = new ArrayList<>();
    file().forEach(read::add);
    assertEquals(lines, read);
    assertEquals(List.of(true, false), read.stream().map(ScenesFile.Line::isTiled).toList());
  }

  @Test
  void aHalfWrittenLineIsNamed() throws IOException {
    file().write(Stream.of(new ScenesFile.Line("a", "crc32c:1|", "rule", "tiled")));
    Files.writeString(folder.resolve("_scenes.tsv"), "a\tcrc32c:1|\tru");
    JobException damaged = assertThrows(JobException.class, () -> file().forEach(line -> {}));
    assertEquals(JobException.Kind.USER, damaged.kind());
    assertTrue(
        damaged.getMessage().contains("_scenes.tsv is damaged: a line of 3 columns, not 4;"),
        damaged.getMessage());
  }
}
