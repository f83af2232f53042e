package io.landloom.jobs.tile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.landloom.geo.scene.SceneId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RefusalFileTest {
  @TempDir Path folder;

  @Test
  void keepsRefusalsForARestart() throws IOException {
    RefusalFile file =
        new RefusalFile(new org.apache.hadoop.fs.Path(folder.toUri()), new Configuration());
    assertEquals(List.of(), file.read());
    List<Refusal> refusals =
        List.of(
            new Refusal(new SceneId("lake/1"), Refusal.UNREADABLE, "lake/1.tif: block 3 is short"),
            new Refusal(new SceneId("b"), Refusal.OFF_PALETTE, "b.png: #010203 x 3"));
    file.write(refusals);
    assertEquals(refusals, file.read());
  }
}
