package io.landloom.jobs;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class PoisonScenesTest extends SparkTest {
  @Test
  void oneBadSceneInTwentyIsCountedByReasonAndInNoTable() throws IOException {
    PoisonScenes.run(spark, folder, 100, System.out);
  }
}
