package io.landloom.jobs.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.landloom.synthesis.gan.StepLosses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
      first.add(new StepLosses(step, 2, 0.5f, 0.25f, 0.125f, 1, 1.5f));
    }
    first.write(path, configuration);
    LossTable resumed = LossTable.read(path, 2, configuration);
    resumed.add(new StepLosses(3, 4, 0.5f, 0.25f, 0.125f, 1, 1.5f));
    resumed.write(path, configuration);
    assertEquals(
        List.of(
            "step,discriminator,adversarial,feature_matching,perceptual,conductor_real,conductor_fake",
            "1,2.00000,0.500000,0.250000,0.125000,1.00000,1.50000",
            "2,2.00000,0.500000,0.250000,0.125000,1.00000,1.50000",
            "3,4.00000,0.500000,0.250000,0.125000,1.00000,1.50000"),
        Files.readAllLines(folder.resolve("losses.csv")));
  }
}
