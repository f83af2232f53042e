package io.landloom.jobs.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LossTableTest {
  @TempDir Path folder;

  @Test
  void goesOnAfterTheStepOfTheCheckpoint() throws IOException {
    Configuration configuration = new Configuration();
    org.apache.hadoop.fs.Path path =
        new org.apache.hadoop.fs.Path(folder.resolve("losses.csv").toUri());
    LossTable first = LossTable.read(path, 0, configuration);
    for (int step = 1; step <= 3; step++) {
      first.add(losses(2, 1.1f));
    }
    first.write(path, configuration);
    LossTable resumed = LossTable.read(path, 2, configuration);
    resumed.add(losses(-4, 1e-9f));
    resumed.write(path, configuration);
    assertEquals(
        List.of("step,adversarial,perceptual", "1,2.0,1.1", "2,2.0,1.1", "3,-4.0,1.0E-9"),
        Files.readAllLines(folder.resolve("losses.csv")));
    assertEquals("adversarial -4.00, perceptual 1.00e-09", resumed.last());
  }

  private static Map<String, Float> losses(float adversarial, float perceptual) {
    Map<String, Float> losses = new LinkedHashMap<>();
    losses.put("adversarial", adversarial);
    losses.put("perceptual", perceptual);
    return losses;
  }
}
