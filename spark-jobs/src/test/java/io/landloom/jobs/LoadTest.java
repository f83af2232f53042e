package io.landloom.jobs;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** In small what {@code benchmarks/reliability/check load} does with a million. */
class LoadTest extends SparkTest {
  @Test
  void allScenesAreListedAndPlannedAndAllRowsMade() throws IOException {
    Load load = new Load(spark, folder, 640, System.out);
    load.scenes(2000);
    load.rows(800);
  }
}
